/**
 * The record `.data/serialization_id` of PyTorch's zips: a fingerprint of the names of the records, and one of their
 * checksums, of 20 digits each.
 *
 * The names are combined in the order in which C++ walks its set of them, so that order is what is rebuilt here: the
 * buckets and the list of libstdc++'s `unordered_set`, with its hash of strings and its growth. Compared with files of
 * PyTorch 2.13 for Linux. (PyTorch never reads the record; other builds of it come to other names' fingerprints.)
 * Source: caffe2/serialize/inline_container.cc, c10/util/hash.h, libstdc++'s hash_bytes.cc and hashtable.h.
 */

const mask = 0xffffffffffffffffn;
const multiplier = 0xc6a4a7935bd1e995n;
const seed = 0xc70f6907n;

function mix(value: bigint): bigint {
  return value ^ (value >> 47n);
}

/** libstdc++'s hash of a string on 64-bit machines, a MurmurHash. */
function hashOf(bytes: Uint8Array): bigint {
  let hash = seed ^ ((BigInt(bytes.length) * multiplier) & mask);
  const whole = bytes.length - (bytes.length % 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < whole; at += 8) {
    const word = (mix((view.getBigUint64(at, true) * multiplier) & mask) * multiplier) & mask;
    hash = ((hash ^ word) * multiplier) & mask;
  }
  if (whole < bytes.length) {
    let word = 0n;
    for (let at = bytes.length - 1; at >= whole; at -= 1) word = (word << 8n) | BigInt(bytes[at]!);
    hash = ((hash ^ word) * multiplier) & mask;
  }
  hash = (mix(hash) * multiplier) & mask;
  return mix(hash);
}

/** How boost and PyTorch put two hashes together. */
function combine(combined: bigint, hash: bigint): bigint {
  return combined ^ ((hash + 0x9e3779b9n + (combined << 6n) + (combined >> 2n)) & mask);
}

/** Bucket counts that a growing set goes through: each the first of libstdc++'s primes above twice the one before. */
const bucketCounts = [
  13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933, 351061, 712697, 1447153,
  2938679, 5967347, 12117689,
] as const;

/** An element of the set's one list; a bucket knows the element before its first one. */
interface Link {
  readonly hash: bigint;
  next: Link | null;
}

/** The hashes of names in the order in which the set that they were inserted into is walked. */
function walkOrder(hashes: readonly bigint[]): bigint[] {
  const head: Link = { hash: 0n, next: null };
  let count = 1;
  let growth = 0;
  let befores = new Map<number, Link>();
  const bucketOf = (link: Link): number => Number(link.hash % BigInt(count));
  // A link goes in front of its bucket's, or of all where its bucket is empty.
  const insert = (link: Link): void => {
    const bucket = bucketOf(link);
    const before = befores.get(bucket);
    if (before !== undefined) {
      link.next = before.next;
      before.next = link;
      return;
    }
    link.next = head.next;
    head.next = link;
    if (link.next !== null) befores.set(bucketOf(link.next), link);
    befores.set(bucket, head);
  };
  for (const [size, hash] of hashes.entries()) {
    if (size + 1 > count) {
      count = bucketCounts[Math.min(growth, bucketCounts.length - 1)]!;
      growth += 1;
      befores = new Map();
      let link = head.next;
      head.next = null;
      while (link !== null) {
        const { next } = link;
        insert(link);
        link = next;
      }
    }
    insert({ hash, next: null });
  }
  const order: bigint[] = [];
  for (let link = head.next; link !== null; link = link.next) order.push(link.hash);
  return order;
}

/** Length of the record in bytes. */
export const serializationIdByteLength = 40;

/** A record as the fingerprint sees it. */
export interface FingerprintedRecord {
  /** Without the archive's folder. */
  readonly name: string;
  readonly byteLength: number;
  readonly crc32: number;
}

/**
 * The fingerprint of records, in the order in which they are written. Of an empty one only the name counts.
 *
 * @example
 * serializationId([{ name: "data.pkl", byteLength: 4, crc32: 0x12345678 }]);
 */
export function serializationId(records: readonly FingerprintedRecord[]): string {
  const encoder = new TextEncoder();
  let names = 0n;
  for (const hash of walkOrder(records.map(({ name }) => hashOf(encoder.encode(name)))))
    names = combine(names, hash);
  let checksums = 0n;
  for (const { byteLength, crc32 } of records)
    if (byteLength > 0) checksums = combine(checksums, BigInt(crc32));
  return `${names}`.padStart(20, "0") + `${checksums}`.padStart(20, "0");
}
