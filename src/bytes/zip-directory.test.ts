import { describe, expect, it } from "vitest";
import {
  buildZip,
  bytesOf,
  join,
  pack,
  torchZip,
  type ZipLayout,
  type ZipRecord,
} from "../../test/fixtures/zip-builder.ts";
import { FormatError, LimitError } from "../errors.ts";
import { defaultLimits, withLimits } from "../limits.ts";
import { MemorySource } from "./memory-source.ts";
import { openZip, type Zip } from "./zip.ts";

const pattern = (byteLength: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);

async function open(bytes: Uint8Array): Promise<Zip> {
  return openZip(new MemorySource(bytes));
}

/** What opening the zip and reading all of it fails with. */
async function faultOf(bytes: Uint8Array): Promise<{ readonly code: string; readonly message: string }> {
  try {
    const zip = await open(bytes);
    for (const entry of zip.entries) await zip.read(entry);
  } catch (error) {
    if (error instanceof FormatError || error instanceof LimitError) return error;
    throw error;
  }
  return { code: "none", message: "" };
}

const one: readonly ZipRecord[] = [{ name: "a/data.pkl", data: "pickle" }];
const two: readonly ZipRecord[] = [...one, { name: "a/data/0", data: pattern(100) }];

describe("the directory and the records of a zip", () => {
  const fill = (byteLength: number): Uint8Array => new Uint8Array(byteLength).fill(0x20);
  const layout = (change: ZipLayout, records = two): Uint8Array => buildZip(records, change);
  const first = (change: Partial<ZipRecord>): Uint8Array => buildZip([{ ...two[0]!, ...change }, two[1]!]);
  const wide = (...sizes: readonly (number | bigint)[]): Uint8Array =>
    join(pack([2, 1], [2, sizes.length * 8]), ...sizes.map((size) => pack([8, size])));

  it.each<readonly [string, string, string, Uint8Array]>([
    [
      "more entries than declared",
      "zip-count",
      "expected 1 entries",
      layout({ end: { entryCount: 1, diskEntryCount: 1 } }),
    ],
    [
      "fewer entries than declared",
      "zip-count",
      "hold 2 at most",
      layout({ end: { entryCount: 3, diskEntryCount: 3 } }),
    ],
    [
      "a count that names would fit",
      "zip-count",
      "found 1",
      buildZip([{ name: "x".repeat(60) }], { end: { entryCount: 2, diskEntryCount: 2 } }),
    ],
    [
      "a directory that is shorter than its entries",
      "zip-directory",
      "does not end within",
      buildZip([{ name: "x".repeat(60) }], { end: { directoryByteLength: 80 }, gap: new Uint8Array(0) }).map(
        (byte) => byte,
      ),
    ],
    [
      "an entry with a wrong signature",
      "zip-directory",
      "expected entry 0 of 2",
      first({ entry: { signature: 0x12345678 } }),
    ],
    ["an entry on another disk", "zip-multi-disk", "lies on disk 3", first({ entry: { disk: 3 } })],
    [
      "a zip64 count beyond the directory",
      "zip-count",
      "expected 4294967296",
      layout({ zip64: true, zip64Marks: true, zip64End: { entryCount: 2 ** 32, diskEntryCount: 2 ** 32 } }),
    ],
    [
      "an entry without its zip64 field",
      "zip-zip64",
      "no zip64 field",
      first({ zip64: true, entry: { extra: new Uint8Array(0) } }),
    ],
    [
      "an entry with a short zip64 field",
      "zip-zip64",
      "8 bytes, expected one of 24",
      first({ zip64: true, entry: { extra: wide(6) } }),
    ],
    [
      "an entry with a torn zip64 field",
      "zip-zip64",
      "no zip64 field",
      first({ zip64: true, entry: { extra: pack([2, 1], [2, 99], [8, 6]) } }),
    ],
    [
      "a zip64 size that no file has",
      "number-too-large",
      "9223372036854775808",
      first({ zip64: true, entry: { extra: wide(2n ** 63n, 6, 0) } }),
    ],
    ["two records of one name", "zip-duplicate-name", '"a/data.pkl"', layout({}, [...two, one[0]!])],
    [
      "two entries for one record",
      "zip-overlap",
      "expected them apart",
      layout({}, [
        one[0]!,
        { name: "b/data.pkl", data: "pickle", phantom: true, entry: { headerOffset: 0 } },
      ]),
    ],
    [
      "overlapping records",
      "zip-overlap",
      "expected them apart",
      first({ entry: { byteLength: 60, storedByteLength: 60 } }),
    ],
    [
      "records that overlap by their extra fields",
      "zip-overlap",
      "next record",
      first({
        entry: { byteLength: 26, storedByteLength: 26 },
        local: { extra: new Uint8Array(20).fill(1) },
      }),
    ],
    [
      "a record that reaches into the directory",
      "zip-entry-range",
      "before the directory",
      layout({}, [{ ...one[0]!, entry: { byteLength: 7, storedByteLength: 7 } }]),
    ],
    [
      "a record past the directory",
      "zip-entry-range",
      "before the directory",
      first({ entry: { headerOffset: 5000 } }),
    ],
    [
      "a stored record of two sizes",
      "zip-size-mismatch",
      "5 bytes for a content of 6",
      first({ entry: { storedByteLength: 5 } }),
    ],
    ["an encrypted record", "zip-encrypted", "encrypted", first({ entry: { flags: 0x0801 } })],
    ["a strongly encrypted record", "zip-encrypted", "encrypted", first({ entry: { flags: 0x0840 } })],
    [
      "a record that only its header calls encrypted",
      "zip-encrypted",
      "encrypted",
      first({ local: { flags: 0x0801 } }),
    ],
    ["a record compressed by LZMA", "zip-method", "method 14 (LZMA)", first({ entry: { method: 14 } })],
    [
      "a record compressed by an unknown method",
      "zip-method",
      "method 77,",
      first({ entry: { method: 77 } }),
    ],
    [
      "a header with another method",
      "zip-method-mismatch",
      "found method 8",
      first({ local: { method: 8 } }),
    ],
    [
      "a header with another name",
      "zip-name-mismatch",
      '"b/data.pkl"',
      first({ local: { name: bytesOf("b/data.pkl") } }),
    ],
    [
      "a header with a longer name",
      "zip-name-mismatch",
      "a name of 11 bytes",
      first({ local: { name: bytesOf("a/data.pklx") } }),
    ],
    [
      "no header where the entry points",
      "zip-local-header",
      "found no header",
      first({ local: { signature: 1 } }),
    ],
    ["a name with a NUL", "zip-name", "byte 2 of it is NUL", first({ name: "a/\0b" })],
    [
      "a name that is not the UTF-8 it says",
      "zip-name",
      "marked as UTF-8",
      first({ name: new Uint8Array([0x61, 0xff]) }),
    ],
    [
      "deflated data cut short",
      "inflate-size",
      "but 90000 are there",
      buildZip([{ name: "a", data: pattern(90_000), deflate: true, entry: { byteLength: 90_001 } }]),
    ],
    [
      "deflated data beyond the declared size",
      "inflate-size",
      "but more follow",
      buildZip([{ name: "a", data: pattern(90_000), deflate: true, entry: { byteLength: 89_999 } }]),
    ],
    [
      "a size that deflate cannot reach",
      "inflate-size",
      "cannot hold them",
      buildZip([{ name: "a", data: "x", deflate: true, entry: { byteLength: 1e9 } }]),
    ],
    [
      "deflated data that are none",
      "inflate-data",
      "not valid",
      buildZip([
        {
          name: "a",
          stored: fill(50).fill(0xff),
          deflate: true,
          entry: { byteLength: 50, storedByteLength: 50 },
        },
      ]),
    ],
  ])("refuses %s (%s)", async (_, code, message, bytes) => {
    const fault = await faultOf(bytes);
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(message);
  });

  it("gives an answer for a valid archive with any byte of its headers changed", async () => {
    const bytes = torchZip([
      { name: "a/x", data: "12" },
      { name: "a/y", data: pattern(50), deflate: true },
    ]);
    for (let at = 0; at < bytes.byteLength; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 0x41;
      // Passes if nothing but our errors comes out, and quickly.
      expect(typeof (await faultOf(changed)).code).toBe("string");
    }
  });

  it("does not show control characters of a name", async () => {
    const { message } = await faultOf(buildZip([{ name: "a\u001b[31m", entry: { flags: 0x0801 } }]));
    expect(message).toContain('"a\\x1b[31m"');
  });

  it.each([
    ["zip-entries", withLimits({ zipEntries: 1 })],
    ["zip-directory-bytes", withLimits({ zipDirectoryBytes: 100 })],
  ])("keeps to its limits (%s)", async (code, limits) => {
    await expect(openZip(new MemorySource(buildZip(two)), limits)).rejects.toMatchObject({
      name: "LimitError",
      code,
    });
    await expect(openZip(new MemorySource(buildZip(two)), defaultLimits)).resolves.toBeDefined();
  });

  it("does not inflate what is larger than the limit", async () => {
    const source = new MemorySource(buildZip([{ name: "a", data: pattern(5000), deflate: true }]));
    const zip = await openZip(source, withLimits({ inflatedBytes: 4999 }));
    await expect(zip.read(zip.entries[0]!)).rejects.toMatchObject({
      name: "LimitError",
      code: "inflated-bytes",
    });
  });

  it("refuses an entry of another archive", async () => {
    const [a, b] = [await open(buildZip(one)), await open(buildZip(one))];
    await expect(a.read(b.entries[0]!)).rejects.toThrow("another archive");
  });
});
