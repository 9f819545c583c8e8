/**
 * Changes to files that keep most of their structure: records of archives are changed and packed again with right sizes
 * and checksums, opcodes of pickles at their borders, JSON headers as values. Changes to plain bytes come last: alone
 * they would mostly be refused at the door.
 */

import { deflateSync, gzipSync } from "node:zlib";
import { MemorySource } from "../../src/bytes/memory-source.ts";
import { tarMembers } from "../../src/bytes/tar.ts";
import { openZip } from "../../src/bytes/zip.ts";
import { ParascopeError } from "../../src/errors.ts";
import { defaultLimits } from "../../src/limits.ts";
import { execute } from "../../src/pickle/machine.ts";
import { opcodes } from "../../src/pickle/opcodes.ts";
import { PickleState } from "../../src/pickle/state.ts";
import { beginsAsPickle } from "../../src/pickle/survey.ts";
import { buildTar } from "../fixtures/tar-builder.ts";
import { buildZip, join } from "../fixtures/zip-builder.ts";
import type { ZipRecord } from "../fixtures/zip-builder.ts";
import type { Chance } from "./chance.ts";

/** Numbers at which programs go wrong. */
// prettier-ignore
const edges: readonly bigint[] = [
  0n, 1n, 2n, 3n, 7n, 8n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn,
  2n ** 32n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n,
];

/** Pieces of pickles, each of which does something to the stack. */
// prettier-ignore
const pickleText: readonly string[] = [
  "cos\nsystem\n", "cbuiltins\neval\n", "ctorch\nFloatStorage\n", "ctorch._utils\n_rebuild_tensor_v2\n",
  "(", ")", "]", "}", "N", "0", "1", "2", "R", "b", "s", "u", "a", "e", "t", "o", "Q", ".", "\x81", "\x85", "\x86",
  "\x87", "\x93", "\x94", "\x8f", "\x90", "\x91", "\x92", "K\x00", "K\xff", "h\x00", "h\x01", "q\x05", "j\xff\xff\xff\xff",
  "r\xff\xff\xff\xff", "X\xff\xff\xff\x7f", "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f", "\x95\x00\x00\x00\x00\x00\x00\x00\x80",
  "\x8a\xff", "I-1\n", "F1e999\n", "\x8c\x09__proto__", "\x8c\x0bconstructor", "G\x7f\xf8\0\0\0\0\0\0", "\x97", "\x98",
];

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** `bytes` with `[start, end)` replaced. */
function spliced(bytes: Uint8Array, start: number, end: number, middle: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, start), middle, bytes.subarray(end));
}

/** Changes plain bytes; `other` is another file, to take pieces of. */
export function changeBytes(bytes: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array {
  const { length } = bytes;
  // Headers are at both ends; in between there are mostly weights.
  const at = Math.min(
    length,
    chance.of([chance.below(length + 1), chance.below(600), Math.max(0, length - 1 - chance.below(600))]),
  );
  const size = Math.min(length - at, chance.of([1, 2, 4, 8, 16, chance.below(length + 1)]));
  switch (chance.below(9)) {
    case 0: {
      const changed = bytes.slice();
      for (let index = at; index < Math.min(length, at + 1 + chance.below(4)); index++)
        changed[index] = chance.below(256);
      return changed;
    }
    case 1: {
      const width = chance.of([1, 2, 4, 8]);
      const number = new Uint8Array(8);
      new DataView(number.buffer).setBigUint64(0, chance.of(edges), true);
      const field = number.slice(0, width);
      return spliced(bytes, at, Math.min(length, at + width), chance.once(4) ? field.toReversed() : field);
    }
    case 2:
      return bytes.slice(0, at);
    case 3:
      return spliced(bytes, at, at + size, new Uint8Array(0));
    case 4:
      return spliced(bytes, at, at, bytes.slice(at, at + Math.min(size, 4096)));
    case 5: {
      const from = chance.below(other.length + 1);
      return spliced(bytes, at, at, other.subarray(from, from + chance.below(512)));
    }
    case 6:
      return changeLength(bytes, chance);
    case 7:
      // A number of variable length, as ONNX has them.
      return spliced(bytes, at, Math.min(length, at + 1), bytesOf(chance.of(variableNumbers)));
    default:
      return spliced(bytes, at, at, bytesOf(chance.of(pickleText)));
  }
}

/** Edges of protobuf's numbers, one of them longer than any may be. */
const variableNumbers: readonly string[] = [
  "\x00",
  "\x7f",
  "\xff\x7f",
  "\xff\xff\xff\xff\x07",
  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
  "\xff".repeat(12),
];

/** Bytes at the beginning in which lengths are looked for. */
const headerByteLength = 16_384;

/** Changes what reads as the length of something: a small number of 8 bytes, as GGUF, NumPy's and legacy files have them. */
function changeLength(bytes: Uint8Array, chance: Chance): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places: number[] = [];
  for (let at = 0; at + 8 <= Math.min(bytes.length, headerByteLength); at++) {
    const number = view.getBigUint64(at, true);
    if (number > 0n && number <= bytes.length) places.push(at);
  }
  if (places.length === 0) return bytes;
  const at = chance.of(places);
  const number = view.getBigUint64(at, true);
  const changed = bytes.slice();
  const near = [number - 1n, number + 1n, number * 2n, BigInt(bytes.length - at), BigInt(bytes.length)];
  new DataView(changed.buffer).setBigUint64(at, chance.of([...near, ...edges]), true);
  return changed;
}

/** The state of the machine, which remembers where opcodes begin. */
class Tracer extends PickleState {
  readonly starts: Set<number> = new Set();

  override spend(amount: number): void {
    this.starts.add(this.opcodeStart);
    super.spend(amount);
  }
}

/** Where the opcodes of the pickles begin that stand one after another at the start of `bytes`. */
function opcodeStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length && beginsAsPickle(bytes.subarray(at, at + 512));) {
    const tracer = new Tracer(bytes, at, defaultLimits);
    try {
      execute(tracer);
    } catch (error) {
      if (!(error instanceof ParascopeError)) throw error;
    }
    for (const start of tracer.starts) starts.push(start);
    if (!tracer.stopped) break;
    at = tracer.position;
  }
  return starts;
}

/** Changes a pickle between its opcodes. */
function changePickle(bytes: Uint8Array, chance: Chance): Uint8Array {
  const starts = opcodeStarts(bytes);
  if (starts.length < 2) return bytes;
  const place = chance.below(starts.length - 1);
  const start = starts[place]!;
  const end = starts[place + 1]!;
  switch (chance.below(5)) {
    case 0:
      return spliced(bytes, start, end, new Uint8Array(0));
    case 1:
      return spliced(bytes, start, start, bytesOf(chance.of(pickleText)));
    case 2:
      return spliced(bytes, start, start + 1, Uint8Array.of(chance.of(Object.values(opcodes))));
    case 3: {
      const from = chance.below(starts.length - 1);
      const count = 1 + chance.below(8);
      return spliced(
        bytes,
        start,
        start,
        bytes.slice(starts[from], starts[Math.min(starts.length - 1, from + count)]),
      );
    }
    default: {
      // The argument of the opcode, not the opcode.
      const changed = bytes.slice();
      if (end > start + 1)
        changed[start + 1 + chance.below(Math.min(end - start - 1, 9))] = chance.of([
          0,
          1,
          0x7f,
          0xff,
          chance.below(256),
        ]);
      return changed;
    }
  }
}

/** Changes one value of a JSON text, as a text, so that what JSON.stringify never writes can stand there too. */
function changeJson(text: string, chance: Chance): string {
  const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[[\]{},:]/g)];
  if (values.length === 0) return text;
  const { index, 0: token } = chance.of(values);
  // prettier-ignore
  const put = chance.of([
    String(chance.of(edges)), `-${chance.of(edges)}`, "1.5", "1e400", "null", "[]", "{}", '""', '"__proto__"', '"../../x"',
    '"F32"', '"F4"', '"I64"', '"\\ud800"', `${token},${token}`, `${token}${token}`, "", "[".repeat(200), '"a":1,"a":2',
  ]);
  return text.slice(0, index) + put + text.slice(index + token.length);
}

/** Changes what is in a file or a record: a pickle as one, a JSON text as one, an array of bytes as that. */
function changeContent(bytes: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array {
  if (!chance.once(4)) {
    if (beginsAsPickle(bytes)) return changePickle(bytes, chance);
    if (bytes[0] === 0x7b) return bytesOf(changeJson(new TextDecoder("latin1").decode(bytes), chance));
    const header =
      bytes.length > 8 && bytes[8] === 0x7b
        ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
        : 0;
    if (header > 0 && 8 + header <= bytes.length) {
      const text = bytesOf(
        changeJson(new TextDecoder("latin1").decode(bytes.subarray(8, 8 + header)), chance),
      );
      const length = new Uint8Array(8);
      new DataView(length.buffer).setUint32(0, text.length, true);
      return join(length, text, bytes.subarray(8 + header));
    }
  }
  return changeBytes(bytes, other, chance);
}

/** Fields of a zip's headers, wrong ones. */
function wrongFields(chance: Chance): Partial<ZipRecord> {
  const edge = Number(chance.of(edges.filter((number) => number <= 0xffff_ffffn)));
  return chance.of<Partial<ZipRecord>>([
    { local: { flags: edge & 0xffff } },
    { local: { method: edge & 0xffff } },
    { local: { storedByteLength: edge, byteLength: edge } },
    { local: { name: bytesOf("another") } },
    { local: { extra: bytesOf("\x01\x00\xff\xff\x00") } },
    { deflate: true },
    { stream: true },
    { zip64: true },
    { alignment: 64 },
  ]);
}

/** Changes one record of a zip, or how it is packed, and packs all again. */
async function changeZip(bytes: Uint8Array, other: Uint8Array, chance: Chance): Promise<Uint8Array> {
  const zip = await openZip(new MemorySource(bytes));
  const records: ZipRecord[] = [];
  for (const entry of zip.entries) records.push({ name: entry.name, data: await zip.read(entry) });
  if (records.length === 0) return bytes;
  const place = chance.below(records.length);
  const record = records[place]!;
  switch (chance.below(8)) {
    case 0:
      records.splice(place, 1);
      break;
    case 1:
      records[place] = {
        ...record,
        name: chance.of([
          "../x",
          "x",
          "a/data.pkl",
          "a\0b",
          `${String(record.name)}/`,
          chance.of(records).name as string,
        ]),
      };
      break;
    case 2:
      records[place] = { ...record, ...wrongFields(chance) };
      break;
    case 3:
      records.push({ name: chance.of(["x/data.pkl", "y", "x/byteorder"]), data: other });
      break;
    default: {
      const pickles = records.filter(({ name }) => /\.(?:pkl|json|py)$/.test(name as string));
      const chosen = pickles.length > 0 && !chance.once(4) ? records.indexOf(chance.of(pickles)) : place;
      const content = records[chosen]!;
      records[chosen] = { ...content, data: changeContent(content.data as Uint8Array, other, chance) };
    }
  }
  return buildZip(records, chance.once(8) ? { end: { entryCount: chance.below(9) } } : {});
}

async function changeTar(bytes: Uint8Array, other: Uint8Array, chance: Chance): Promise<Uint8Array> {
  const records: { name: string; data: Uint8Array }[] = [];
  for await (const { name, start, byteLength } of tarMembers(new MemorySource(bytes))) {
    records.push({ name, data: bytes.subarray(start, start + byteLength) });
  }
  if (records.length === 0) return bytes;
  const place = chance.below(records.length);
  records[place] = { ...records[place]!, data: changeContent(records[place]!.data, other, chance) };
  return buildTar(records);
}

/** A file in another: compressed, in an archive, without what says that it is a pickle, behind something else. */
function wrap(bytes: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array {
  switch (chance.below(8)) {
    case 0:
      return gzipSync(bytes, { level: 1 });
    case 1:
      return deflateSync(bytes, { level: 1 });
    case 2:
      return buildZip([
        { name: chance.of(["m/data.pkl", "config.json", "x"]), data: bytes, deflate: chance.once(2) },
      ]);
    case 3:
      return buildTar([{ name: chance.of(["pickle", "storages", "x.pt"]), data: bytes }]);
    case 4:
      return beginsAsPickle(bytes) ? bytes.subarray(2) : bytes;
    case 5:
      return join(bytesOf(chance.of(["N0", "]0", "(1", "\x80\x00"])), bytes);
    case 6:
      return join(other, bytes);
    default:
      return join(bytes, other);
  }
}

/** A file with one to four changes, and now and then in another. */
export async function mutate(bytes: Uint8Array, other: Uint8Array, chance: Chance): Promise<Uint8Array> {
  let changed = bytes;
  for (let left = 1 + chance.below(chance.of([1, 4])); left > 0; left--) {
    try {
      if (changed[0] === 0x50 && changed[1] === 0x4b && !chance.once(4))
        changed = await changeZip(changed, other, chance);
      else if (changed[257] === 0x75 && changed[258] === 0x73 && !chance.once(4))
        changed = await changeTar(changed, other, chance);
      else changed = changeContent(changed, other, chance);
    } catch (error) {
      // An archive that an earlier change broke is changed as bytes.
      if (!(error instanceof ParascopeError)) throw error;
      changed = changeBytes(changed, other, chance);
    }
  }
  if (chance.once(12)) changed = wrap(changed, other, chance);
  return changed;
}
