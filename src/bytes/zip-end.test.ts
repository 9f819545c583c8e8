import { describe, expect, it } from "vitest";
import {
  buildZip,
  bytesOf,
  endRecord,
  join,
  pack,
  torchZip,
  type ZipLayout,
  type ZipRecord,
} from "../../test/fixtures/zip-builder.ts";
import { MemorySource } from "./memory-source.ts";
import { openZip } from "./zip.ts";

const pattern = (byteLength: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);

const one: readonly ZipRecord[] = [{ name: "a/data.pkl", data: "pickle" }];
const two: readonly ZipRecord[] = [...one, { name: "a/data/0", data: pattern(100) }];

describe("the end of a zip", () => {
  const fill = (byteLength: number): Uint8Array => new Uint8Array(byteLength).fill(0x20);
  const end = {
    disk: 0,
    directoryDisk: 0,
    diskEntryCount: 0,
    entryCount: 0,
    directoryByteLength: 0,
    directoryOffset: 0,
  };
  const layout = (change: ZipLayout, records = two): Uint8Array => buildZip(records, change);

  it.each<readonly [string, string, string, Uint8Array]>([
    ["no bytes", "zip-not-found", "in 0 bytes", new Uint8Array(0)],
    ["a few letters", "zip-not-found", "in 5 bytes", bytesOf("hello")],
    ["a signature alone", "zip-truncated", "its 4 bytes", bytesOf("PK\x03\x04")],
    ["100 KB of something else", "zip-not-found", "in 100000 bytes", fill(100_000)],
    ["a file cut in its data", "zip-truncated", "60 bytes", layout({}).slice(0, 60)],
    ["a file cut by one byte", "zip-truncated", "without the directory", layout({}).slice(0, -1)],
    [
      "a file cut in its comment",
      "zip-truncated",
      "4 of its 9 bytes",
      layout({ comment: fill(9) }).slice(0, -5),
    ],
    [
      "a comment longer than the file",
      "zip-truncated",
      "0 of its 500 bytes",
      layout({ commentByteLength: 500 }),
    ],
    [
      "a file whose beginning is missing",
      "zip-directory-range",
      "expected it to end before",
      layout({}).slice(20),
    ],
    [
      "an archive hidden in a comment",
      "zip-ambiguous",
      "inside the comment",
      layout({ comment: buildZip(one) }),
    ],
    [
      "an end record hidden in a comment",
      "zip-ambiguous",
      "inside the comment",
      layout({ comment: join(fill(40), endRecord(end)) }),
    ],
    [
      "an end record hidden in a comment, bytes behind it",
      "zip-ambiguous",
      "inside the comment",
      layout({ comment: join(endRecord(end), fill(30)) }),
    ],
    [
      "two directories",
      "zip-ambiguous",
      "found directories at",
      layout({ gap: join(pack([4, 0x02014b50]), new Uint8Array(52)) }, one),
    ],
    [
      "two archives joined",
      "zip-ambiguous",
      "the only complete one",
      join(buildZip([{ name: "x", data: fill(500) }]), layout({})),
    ],
    [
      "a file cut behind an archive inside it",
      "zip-truncated",
      "the only complete one",
      buildZip([...one, { name: "inner.pt", data: layout({}) }, { name: "z", data: fill(99) }]).slice(
        0,
        -200,
      ),
    ],
    [
      "a directory past the end record",
      "zip-directory-range",
      "expected it to end before",
      layout({ end: { directoryOffset: 60_000 } }),
    ],
    [
      "a directory that is longer than the file",
      "zip-directory-range",
      "expected it to end before",
      layout({ end: { directoryByteLength: 0xfffffffe } }),
    ],
    ["disk 1", "zip-multi-disk", "disk 1", layout({ end: { disk: 1 } })],
    ["a directory on disk 2", "zip-multi-disk", "directory on disk 2", layout({ end: { directoryDisk: 2 } })],
    ["entries on other disks", "zip-multi-disk", "1 of 2 entries", layout({ end: { diskEntryCount: 1 } })],
    [
      "a zip64 locator of several disks",
      "zip-multi-disk",
      "of 2",
      layout({ zip64: true, locator: { diskCount: 2 } }),
    ],
    [
      "marks without zip64 records",
      "zip-zip64",
      "expected a locator",
      layout({ end: { directoryOffset: 0xffffffff } }),
    ],
    [
      "a locator that points nowhere",
      "zip-zip64",
      "its locator points to offset 1099511627776",
      layout({ zip64: true, locator: { offset: 2 ** 40 } }),
    ],
    [
      "a zip64 record with a wrong signature",
      "zip-zip64",
      "expected a record there",
      layout({ zip64: true, zip64End: { signature: 7 } }),
    ],
    [
      "a zip64 record with a wrong length",
      "zip-zip64",
      "expected a record there",
      layout({ zip64: true, zip64End: { recordByteLength: 40 } }),
    ],
    [
      "a zip64 record with another count",
      "zip-zip64",
      "it says 5",
      layout({ zip64: true, zip64End: { entryCount: 5, diskEntryCount: 5 } }),
    ],
    [
      "a zip64 record with another offset",
      "zip-zip64",
      "it says 9",
      layout({ zip64: true, zip64End: { directoryOffset: 9 } }),
    ],
    [
      "a zip64 offset that no file has",
      "number-too-large",
      "18446744073709551615",
      layout({ zip64: true, zip64Marks: true, zip64End: { directoryOffset: -1 } }),
    ],
  ])("refuses %s (%s)", async (_, code, message, bytes) => {
    await expect(openZip(new MemorySource(bytes))).rejects.toMatchObject({
      name: "FormatError",
      code,
      message: expect.stringContaining(message),
    });
  });

  it("gives an answer for a valid archive cut at any byte, and never another archive's", async () => {
    const bytes = torchZip(two);
    for (let cut = 0; cut < bytes.byteLength; cut++) {
      await expect(openZip(new MemorySource(bytes.slice(0, cut))), `cut at ${cut}`).rejects.toMatchObject({
        name: "FormatError",
        code: cut < 4 ? "zip-not-found" : "zip-truncated",
      });
    }
  });
});
