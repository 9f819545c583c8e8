import { describe, expect, it } from "vitest";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { buildZip, bytesOf, join, pack, torchZip, type ZipRecord } from "../../test/fixtures/zip-builder.ts";
import { withLimits } from "../limits.ts";
import { MemorySource } from "./memory-source.ts";
import { SliceSource } from "./slice-source.ts";
import { openZip, type Zip } from "./zip.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const pattern = (byteLength: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);

/** Whether the bytes are equal; for long ones much faster than comparing them item by item. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b);

async function open(bytes: Uint8Array): Promise<Zip> {
  return openZip(new MemorySource(bytes));
}

const one: readonly ZipRecord[] = [{ name: "a/data.pkl", data: "pickle" }];
const two: readonly ZipRecord[] = [...one, { name: "a/data/0", data: pattern(100) }];

describe("a zip as torch.save writes it", () => {
  const records: readonly ZipRecord[] = [
    { name: "model/data.pkl", data: "the pickle" },
    { name: "model/byteorder", data: "little" },
    { name: "model/data/94340341200128", data: pattern(1000) },
    { name: "model/data/1" },
    { name: "model/version", data: "3\n" },
  ];

  it("lists the records in the directory's order, with sizes from the directory", async () => {
    const zip = await open(torchZip(records));
    expect(zip.entries.map((entry) => [entry.name, entry.byteLength, entry.method])).toEqual([
      ["model/data.pkl", 10, "stored"],
      ["model/byteorder", 6, "stored"],
      ["model/data/94340341200128", 1000, "stored"],
      ["model/data/1", 0, "stored"],
      ["model/version", 2, "stored"],
    ]);
    expect(zip.prefixByteLength).toBe(0);
    expect(zip.trailingByteLength).toBe(0);
  });

  it("reads every record, though local headers say zero for all sizes", async () => {
    const zip = await open(torchZip(records));
    for (const [i, record] of records.entries()) {
      const expected =
        typeof record.data === "string" ? bytesOf(record.data) : (record.data ?? new Uint8Array(0));
      expect(await zip.read(zip.entries[i]!)).toEqual(expected);
    }
  });

  it("finds records by their exact name only", async () => {
    const zip = await open(torchZip(records));
    expect(zip.get("model/version")).toBe(zip.entries[4]);
    expect(zip.get("MODEL/version")).toBeUndefined();
    expect(zip.get("__proto__")).toBeUndefined();
  });

  it.each([1, 64, 4096])("locates the data behind padding to multiples of %d", async (alignment) => {
    const bytes = torchZip(records.map((record) => ({ ...record, alignment })));
    const zip = await open(bytes);
    const starts = await zip.locate(zip.entries);
    for (const [i, start] of starts.entries()) {
      expect(start % alignment).toBe(0);
      const entry = zip.entries[i]!;
      expect(bytes.slice(start, start + entry.byteLength)).toEqual(await zip.read(entry));
    }
  });

  it("reads ranges of a stored record", async () => {
    const zip = await open(torchZip(records));
    const source = zip.open(zip.entries[2]!);
    expect(source.size).toBe(1000);
    expect(await source.read(10, 20)).toEqual(pattern(1000).slice(10, 20));
    expect(await source.read(990, 1000)).toEqual(pattern(1000).slice(990));
  });
});

describe("what a zip reads of its file", () => {
  const big: readonly ZipRecord[] = [
    { name: "m/data.pkl", data: pattern(700) },
    { name: "m/data/0", data: pattern(500_000, 2) },
    { name: "m/data/1", data: pattern(100_000, 3) },
    { name: "m/version", data: "3\n" },
  ];

  it("opens with one read of the last 32 KiB", async () => {
    const source = new RecordedSource(new MemorySource(torchZip(big)));
    await openZip(source);
    expect(source.reads).toEqual([[source.size - 32 * 1024, source.size]]);
  });

  it("reads a longer directory's missing part only", async () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ name: `m/data/${i}`, data: "x" }));
    const source = new RecordedSource(new MemorySource(torchZip(many)));
    const zip = await openZip(source);
    expect(zip.entries).toHaveLength(2000);
    expect(source.reads).toHaveLength(2);
    expect(source.reads[1]![1]).toBe(source.size - 32 * 1024);
  });

  it("takes a small record with its header in one request, and what lies in the tail from memory", async () => {
    const source = new RecordedSource(new MemorySource(torchZip(big)));
    const zip = await openZip(source);
    source.reads.length = 0;
    expect(await zip.read(zip.get("m/data.pkl")!)).toEqual(pattern(700));
    expect(source.reads).toHaveLength(1);
    expect(source.byteLength).toBeLessThan(900);
    expect(text(await zip.read(zip.get("m/version")!))).toBe("3\n");
    expect(source.reads).toHaveLength(1);
  });

  it("reads a local header once, and then only the range asked for", async () => {
    const source = new RecordedSource(new MemorySource(torchZip(big)));
    const zip = await openZip(source);
    const record = zip.open(zip.get("m/data/0")!);
    source.reads.length = 0;
    expect(await record.read(1000, 1100)).toEqual(pattern(500_000, 2).slice(1000, 1100));
    expect(source.reads.map(([start, end]) => end - start)).toEqual([30 + "m/data/0".length, 100]);
    await record.read(2000, 2050);
    expect(source.reads.map(([start, end]) => end - start)).toEqual([38, 100, 50]);
  });

  it("reads the whole of a long record without reading any of it twice", async () => {
    const records = big.map((record) => Object.assign({ alignment: 8192 }, record));
    const source = new RecordedSource(new MemorySource(torchZip(records)));
    const zip = await openZip(source);
    source.reads.length = 0;
    expect(same(await zip.read(zip.get("m/data/0")!), pattern(500_000, 2))).toBe(true);
    expect(source.byteLength).toBe(500_038);
  });

  it("joins the local headers of records that lie close together", async () => {
    const small = Array.from({ length: 300 }, (_, i) => ({ name: `m/data/${i}`, data: pattern(200, i) }));
    const source = new RecordedSource(
      new MemorySource(torchZip([...small, { name: "m/end", data: pattern(40_000) }])),
    );
    const zip = await openZip(source);
    source.reads.length = 0;
    const starts = await zip.locate(zip.entries);
    expect(starts.every((start) => start % 64 === 0)).toBe(true);
    expect(source.reads.length).toBeLessThanOrEqual(2);
    await zip.locate(zip.entries);
    expect(source.reads.length).toBeLessThanOrEqual(2);
  });
});

describe("zips that others write", () => {
  it("reads deflated records by range, inflating once", async () => {
    const data = pattern(300_000);
    const source = new RecordedSource(
      new MemorySource(
        buildZip([
          { name: "a", data, deflate: true },
          { name: "b", data: pattern(40_000) },
        ]),
      ),
    );
    const zip = await openZip(source);
    const record = zip.open(zip.get("a")!);
    expect(record.size).toBe(300_000);
    expect(await record.read(299_990, 300_000)).toEqual(data.slice(299_990));
    const reads = source.reads.length;
    expect(await record.read(5, 105)).toEqual(data.slice(5, 105));
    expect(source.reads).toHaveLength(reads);
  });

  it("inflates a record of no bytes", async () => {
    const zip = await open(buildZip([{ name: "a", data: "", deflate: true }]));
    expect(await zip.read(zip.entries[0]!)).toHaveLength(0);
  });

  it("forgets inflated records beyond gatherBytes, oldest first, but never the last one", async () => {
    const records = ["a", "b"].map((name, i) => ({ name, data: pattern(30_000, i), deflate: true }));
    const source = new RecordedSource(
      new MemorySource(buildZip([...records, { name: "z", data: pattern(40_000) }])),
    );
    const zip = await openZip(source, withLimits({ gatherBytes: 40_000 }));
    const inflations = async (name: string): Promise<number> => {
      const before = source.reads.length;
      await zip.read(zip.get(name)!);
      return source.reads.length - before > 0 ? 1 : 0;
    };
    expect([
      await inflations("a"),
      await inflations("a"),
      await inflations("b"),
      await inflations("b"),
      await inflations("a"),
    ]).toEqual([1, 0, 1, 0, 1]);
  });

  it("lets one reader of a deflated record give up without disturbing another", async () => {
    const data = pattern(100_000);
    const zip = await open(buildZip([{ name: "a", data, deflate: true }]));
    const controller = new AbortController();
    const given = zip.read(zip.entries[0]!, controller.signal);
    const kept = zip.read(zip.entries[0]!);
    controller.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    expect(same(await kept, data)).toBe(true);
    expect(same(await zip.read(zip.entries[0]!), data)).toBe(true);
  });

  it("tries again after an inflation that failed for want of bytes", async () => {
    const data = pattern(100_000);
    const source = new RecordedSource(
      new MemorySource(
        buildZip([
          { name: "a", data, deflate: true },
          { name: "z", data: pattern(40_000) },
        ]),
      ),
    );
    const zip = await openZip(source);
    source.fault = new Error("lost connection");
    await expect(zip.read(zip.entries[0]!)).rejects.toThrow("lost connection");
    source.fault = null;
    expect(same(await zip.read(zip.entries[0]!), data)).toBe(true);
  });

  it("has no record in an empty archive of 22 bytes", async () => {
    const bytes = buildZip([]);
    expect(bytes).toHaveLength(22);
    expect((await open(bytes)).entries).toEqual([]);
    expect((await open(torchZip([]))).entries).toEqual([]);
  });

  it("reads an archive behind a prefix, with and without zip64 records", async () => {
    for (const build of [buildZip, torchZip]) {
      const zip = await open(build(two, { prefix: bytesOf("#!/bin/sh\n") }));
      expect(zip.prefixByteLength).toBe(10);
      expect(text(await zip.read(zip.entries[0]!))).toBe("pickle");
    }
  });

  it("takes offsets that already count the prefix", async () => {
    const prefix = bytesOf("0123456789");
    const plain = buildZip(two);
    const { byteLength } = plain;
    const directoryOffset = new DataView(plain.buffer).getUint32(byteLength - 6, true);
    const shifted = buildZip(
      [
        { ...two[0]!, entry: { headerOffset: 10 } },
        { ...two[1]!, entry: { headerOffset: 10 + 30 + "a/data.pkl".length + 6 } },
      ],
      { prefix, end: { directoryOffset: directoryOffset + 10 } },
    );
    const zip = await open(shifted);
    expect(zip.prefixByteLength).toBe(0);
    expect(text(await zip.read(zip.entries[0]!))).toBe("pickle");
  });

  it("passes over bytes behind the archive and between directory and end record", async () => {
    const zip = await open(buildZip(two, { trailing: pattern(70), gap: pattern(9) }));
    expect(zip.trailingByteLength).toBe(70);
    expect(zip.prefixByteLength).toBe(0);
    expect(text(await zip.read(zip.entries[0]!))).toBe("pickle");
  });

  it("reads an archive with the longest comment there can be", async () => {
    const zip = await open(buildZip(two, { comment: new Uint8Array(65_535).fill(0x20) }));
    expect(zip.entries).toHaveLength(2);
    expect(zip.trailingByteLength).toBe(0);
  });

  it("is not led astray by an archive stored inside the archive", async () => {
    const inner = torchZip(two);
    const outer = await open(torchZip([{ name: "x/inner.pt", data: inner }]));
    const entry = outer.entries[0]!;
    const nested = await openZip(outer.open(entry));
    expect(text(await nested.read(nested.get("a/data.pkl")!))).toBe("pickle");
  });

  it("opens in a window of a larger file", async () => {
    const bytes = torchZip(two);
    const file = join(pattern(1000), bytes, pattern(1000));
    const zip = await openZip(new SliceSource(new MemorySource(file), 1000, 1000 + bytes.byteLength));
    expect(text(await zip.read(zip.entries[0]!))).toBe("pickle");
  });

  it("takes sizes and offsets from zip64 fields", async () => {
    const zip = await open(
      buildZip(
        two.map((record) => ({ ...record, zip64: true })),
        { zip64: true, zip64Marks: true },
      ),
    );
    expect(await zip.read(zip.entries[1]!)).toEqual(pattern(100));
  });

  it("reads records that lie beyond 4 GiB", async () => {
    const start = 5 * 2 ** 30;
    const record = { name: "a/0", data: pattern(100), zip64: true, entry: { headerOffset: start } };
    const directoryOffset = start + 30 + 3 + 100;
    const recordsOffset = directoryOffset + 46 + 3 + 28;
    const tail = buildZip([record], {
      zip64: true,
      end: { directoryOffset: 0xffffffff },
      zip64End: { directoryOffset },
      locator: { offset: recordsOffset },
    });
    const inner = new MemorySource(tail);
    const zip = await openZip({
      size: start + tail.byteLength,
      read: (from, to) => inner.read(Math.max(0, from - start), to - start),
    });
    expect(zip.prefixByteLength).toBe(0);
    expect(zip.entries[0]!.headerStart).toBe(start);
    expect(await zip.read(zip.entries[0]!)).toEqual(pattern(100));
  });

  it("finds the zip64 field behind other extra fields", async () => {
    const extra = join(pack([2, 0x5455], [2, 2], [2, 7]), pack([2, 1], [2, 8], [8, 6]));
    const zip = await open(buildZip([{ ...one[0]!, entry: { byteLength: 0xffffffff, extra } }]));
    expect(zip.entries[0]!.byteLength).toBe(6);
  });

  it("takes 65 535 entries without zip64, the most there can be", async () => {
    const records = Array.from({ length: 65_535 }, (_, i) => ({ name: `${i}` }));
    expect((await open(buildZip(records))).entries).toHaveLength(65_535);
  });

  it.each([
    ["a backslash", "a\\b"],
    ["an absolute path", "/etc/passwd"],
    ["dots", "../../x"],
    ["a BOM", "\ufeffa"],
    ["letters of the world", "模型/é/data.pkl"],
    ["nothing", ""],
    ["600 letters", "x".repeat(600)],
  ])("keeps a name with %s as it is", async (_, name) => {
    const zip = await open(buildZip([{ name, data: "x" }]));
    expect(zip.entries[0]!.name).toBe(name);
    expect(text(await zip.read(zip.get(name)!))).toBe("x");
  });

  it("reads an unmarked name as UTF-8 if it can be, else as code page 437", async () => {
    const unmarked = { local: { flags: 0 }, entry: { flags: 0 } };
    const zip = await open(
      buildZip([
        { name: "mod\u00e8le", ...unmarked },
        { name: new Uint8Array([0x6d, 0x8a, 0xff]), ...unmarked },
      ]),
    );
    expect(zip.entries.map((entry) => entry.name)).toEqual(["modèle", "mè\u00a0"]);
  });
});

describe("checksums", () => {
  it("verifies stored and deflated records", async () => {
    const data = pattern(3_000_000);
    const zip = await open(
      buildZip([
        { name: "a", data },
        { name: "b", data, deflate: true },
      ]),
    );
    expect(await zip.verify(zip.entries[0]!)).toBe("match");
    expect(await zip.verify(zip.entries[1]!)).toBe("match");
  });

  it("reads a record whose checksum is wrong, and tells when asked", async () => {
    const zip = await open(buildZip([{ ...one[0]!, entry: { crc32: 1 } }]));
    expect(text(await zip.read(zip.entries[0]!))).toBe("pickle");
    expect(await zip.verify(zip.entries[0]!)).toBe("mismatch");
  });

  it("says that no checksums were written when all are zero", async () => {
    const zip = await open(
      torchZip([
        { ...two[0]!, entry: { crc32: 0 } },
        { ...two[1]!, entry: { crc32: 0 } },
      ]),
    );
    expect(zip.hasChecksums).toBe(false);
    expect(await zip.verify(zip.entries[0]!)).toBe("unchecked");
  });
});
