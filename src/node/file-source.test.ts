import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SourceError } from "../errors.ts";
import { openFile } from "./file-source.ts";

let folder = "";
/** The pattern's length is prime, so that a piece in the wrong place shows. */
const pattern = Uint8Array.from({ length: 65_521 }, (_, i) => (i * 7 + (i >> 9)) & 0xff);
const big = new Uint8Array(Buffer.alloc(40_000_000, pattern).buffer);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parascope-file-"));
  await writeFile(join(folder, "big.bin"), big);
  await writeFile(join(folder, "small.bin"), big.subarray(0, 1000));
  await mkdir(join(folder, "folder"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("a file source", () => {
  it.each([
    [0, 65_536],
    [1, 65_538],
    [39_999_990, 40_000_000],
    [3, 39_999_999],
  ])("reads the bytes from %d to %d", async (start, end) => {
    const file = await openFile(join(folder, "big.bin"));
    expect(file.size).toBe(40_000_000);
    expect(Buffer.from(await file.read(start, end)).equals(big.subarray(start, end))).toBe(true);
    await file.close();
  });

  it("follows a symbolic link", async () => {
    await symlink(join(folder, "small.bin"), join(folder, "link"));
    const file = await openFile(join(folder, "link"));
    expect(file.size).toBe(1000);
    await file.close();
  });

  it("gives up between the steps of a long read", async () => {
    const file = await openFile(join(folder, "big.bin"));
    const controller = new AbortController();
    const read = file.read(0, 40_000_000, controller.signal);
    controller.abort(new Error("enough"));
    await expect(read).rejects.toThrow("enough");
    await file.close();
  });

  it.each([
    ["a missing file", "missing.pt", "file-missing", "there is no such file"],
    ["a path through a file", "small.bin/x.pt", "file-missing", "there is no such file"],
    ["a directory", "folder", "is-directory", "it is a directory"],
    ["a name that is too long", "x".repeat(5000), "file-unreadable", "ENAMETOOLONG"],
  ])("names %s", async (_, name, code, message) => {
    const opening = openFile(join(folder, name));
    await expect(opening).rejects.toBeInstanceOf(SourceError);
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.skipIf(process.platform === "win32")(
    "refuses a pipe without waiting for a writer, and a device",
    async () => {
      execFileSync("mkfifo", [join(folder, "pipe")]);
      await expect(openFile(join(folder, "pipe"))).rejects.toMatchObject({ code: "not-a-file" });
      await expect(openFile("/dev/null")).rejects.toMatchObject({ code: "not-a-file" });
    },
  );

  // The superuser may read everything, and Windows has no such modes.
  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "says when it may not read",
    async () => {
      await writeFile(join(folder, "secret"), "x");
      await chmod(join(folder, "secret"), 0);
      await expect(openFile(join(folder, "secret"))).rejects.toMatchObject({ code: "no-permission" });
    },
  );

  it.each([10, 100_000])("says when the file shrank, reading %d bytes", async (byteLength) => {
    const path = join(folder, "shrinking.bin");
    await writeFile(path, big.subarray(0, 200_000));
    const file = await openFile(path);
    await truncate(path, 50);
    await expect(file.read(45, 45 + byteLength)).rejects.toMatchObject({
      name: "SourceError",
      code: "file-changed",
      message: expect.stringContaining("found 50 bytes in the file, expected 200000"),
    });
    await file.close();
  });

  it("closes once, also at the end of a block, and refuses to read then", async () => {
    const file = await openFile(join(folder, "small.bin"));
    await file.close();
    await file.close();
    await file[Symbol.asyncDispose]();
    await expect(file.read(0, 1)).rejects.toMatchObject({ name: "SourceError", code: "source-closed" });
  });

  it("finishes a read that is under way when it is closed", async () => {
    const file = await openFile(join(folder, "big.bin"));
    const read = file.read(0, 40_000_000);
    await file.close();
    expect(Buffer.from(await read).equals(big)).toBe(true);
  });
});
