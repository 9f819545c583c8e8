import { describe, expect, it } from "vitest";
import { buildTar, tarHeader } from "../../test/fixtures/tar-builder.ts";
import { join } from "../../test/fixtures/zip-builder.ts";
import { MemorySource } from "./memory-source.ts";
import type { TarMember } from "./tar.ts";
import { isTarHeader, tarMembers } from "./tar.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function membersOf(archive: Uint8Array): Promise<TarMember[]> {
  const members: TarMember[] = [];
  for await (const member of tarMembers(new MemorySource(archive))) members.push(member);
  return members;
}

describe("tarMembers", () => {
  it("finds the members and where their bytes are", async () => {
    const archive = buildTar([
      { name: "a", data: bytes("hello") },
      { name: "empty", data: bytes("") },
      { name: "b", data: new Uint8Array(600) },
    ]);
    expect(await membersOf(archive)).toEqual([
      { name: "a", isFile: true, start: 512, byteLength: 5 },
      { name: "empty", isFile: true, start: 1536, byteLength: 0 },
      { name: "b", isFile: true, start: 2048, byteLength: 600 },
    ]);
  });

  it("takes names and sizes from extended headers", async () => {
    const long = "x/".repeat(100);
    const archive = buildTar([
      { name: "pax", type: "x", data: bytes(`${8 + long.length + 2} path=${long}\n17 mtime=1.25000\n`) },
      { name: "short", data: bytes("1") },
      { name: "gnu", type: "L", data: bytes("another name\0") },
      { name: "short", data: bytes("2") },
      { name: "global", type: "g", data: bytes("13 path=wrong\n") },
      { name: "plain", data: bytes("3") },
    ]);
    expect((await membersOf(archive)).map(({ name }) => name)).toEqual([long, "another name", "plain"]);
    const sized = join(
      buildTar([{ name: "pax", type: "x", data: bytes("10 size=3\n") }], { end: false }),
      tarHeader({ name: "sized", size: "00000000000" }),
      bytes("abc"),
      new Uint8Array(509),
    );
    expect(await membersOf(sized)).toMatchObject([{ name: "sized", byteLength: 3 }]);
  });

  it("joins the prefix of a long name, and knows links and folders", async () => {
    const archive = buildTar([
      { name: "b", prefix: "a", data: bytes("") },
      { name: "link", type: "2", data: bytes("") },
      { name: "folder", type: "5", data: bytes("") },
    ]);
    expect((await membersOf(archive)).map(({ name, isFile }) => [name, isFile])).toEqual([
      ["a/b", true],
      ["link", false],
      ["folder", false],
    ]);
  });

  it("reads sizes beyond octal digits, and refuses a member that is longer than the file", async () => {
    const size = String.fromCharCode(0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0);
    const archive = tarHeader({ name: "huge", size });
    await expect(membersOf(archive)).rejects.toMatchObject({
      code: "tar-truncated",
      message: expect.stringContaining("the member has 8589934592 bytes, and 0 follow"),
    });
  });

  it.each([
    ["a size that is no number", tarHeader({ name: "a", size: "12345678x" }), "tar-header"],
    ["a negative size", tarHeader({ name: "a", size: "\xff".repeat(12) }), "tar-header"],
    ["a wrong checksum", tarHeader({ name: "a", checksum: "000000" }), "tar-header"],
    ["a cut member", buildTar([{ name: "a", data: bytes("hello") }]).subarray(0, 515), "tar-truncated"],
  ])("refuses %s", async (_what, archive, code) => {
    await expect(membersOf(archive)).rejects.toMatchObject({ name: "FormatError", code });
  });
});

describe("isTarHeader", () => {
  it("tells headers from other bytes", () => {
    expect(isTarHeader(tarHeader({ name: "a" }))).toBe(true);
    expect(isTarHeader(tarHeader({ name: "a" }).subarray(0, 511))).toBe(false);
    expect(isTarHeader(new Uint8Array(512))).toBe(false);
    expect(isTarHeader(new Uint8Array(512).fill(0x31))).toBe(false);
  });
});
