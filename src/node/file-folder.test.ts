import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileFolder } from "./file-folder.ts";

let root = "";

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "parascope-folder-")));
  await mkdir(join(root, "in/deep"), { recursive: true });
  await mkdir(join(root, "hub/snapshots/abc"), { recursive: true });
  await mkdir(join(root, "hub/blobs"));
  await writeFile(join(root, "secret"), "secret");
  await writeFile(join(root, "in/a"), "aaa");
  await writeFile(join(root, "in/deep/b"), "bb");
  await writeFile(join(root, "hub/blobs/123"), "blob");
  await symlink("../../blobs/123", join(root, "hub/snapshots/abc/model"));
  await symlink("../../../secret", join(root, "hub/snapshots/abc/other"));
  await symlink("../secret", join(root, "in/out"));
  await symlink("deep/b", join(root, "in/link"));
  await symlink("..", join(root, "in/up"));
  await symlink("itself", join(root, "in/deep/itself"));
});

afterAll(() => rm(root, { recursive: true }));

async function textOf(folder: FileFolder, name: string): Promise<string> {
  const source = await folder.open(name);
  return new TextDecoder().decode(await source.read(0, source.size));
}

describe("a directory as a folder", () => {
  it("says of a link that leads to itself that it does", async () => {
    await expect(new FileFolder(join(root, "in")).open("deep/itself")).rejects.toThrow(
      'opening "deep/itself": it is a link that leads to itself',
    );
  });

  it("lists its files and those of inner directories, links to directories aside", async () => {
    expect(await new FileFolder(join(root, "in")).list()).toEqual([
      { name: "a", byteLength: 3 },
      { name: "link", byteLength: 2 },
      { name: "out", byteLength: 6 },
      { name: "deep/b", byteLength: 2 },
    ]);
  });

  it("opens its files, also through links that stay inside", async () => {
    const folder = new FileFolder(join(root, "in"));
    expect(await Promise.all(["a", "deep/b", "link"].map((name) => textOf(folder, name)))).toEqual([
      "aaa",
      "bb",
      "bb",
    ]);
    await folder.close();
  });

  it("follows the links of a snapshot to the blobs beside it, and no others", async () => {
    const folder = new FileFolder(join(root, "hub/snapshots/abc"));
    expect(await textOf(folder, "model")).toBe("blob");
    await expect(textOf(folder, "other")).rejects.toMatchObject({ code: "outside-folder" });
    await folder.close();
  });

  it.each([
    ["out", "outside-folder"],
    ["up/secret", "outside-folder"],
    ["../secret", "outside-folder"],
    ["/etc/hostname", "outside-folder"],
    ["none", "file-missing"],
    ["a/none", "file-missing"],
    ["deep", "is-directory"],
  ])("refuses %s", async (name, code) => {
    await expect(textOf(new FileFolder(join(root, "in")), name)).rejects.toMatchObject({ code });
  });

  it("reads any number of files with few of them open, all at once", async () => {
    const many = join(root, "many");
    await mkdir(many);
    const names = Array.from({ length: 100 }, (_, at) => `file-${at}`);
    await Promise.all(names.map((name) => writeFile(join(many, name), name)));
    const folder = new FileFolder(many);
    const sources = await Promise.all(names.map((name) => folder.open(name)));
    const texts = await Promise.all(
      sources.map(async (source) => new TextDecoder().decode(await source.read(0, source.size))),
    );
    expect(texts).toEqual(names);
    await folder.close();
    await expect(sources[0]!.read(0, 1)).rejects.toMatchObject({ code: "source-closed" });
  });

  it("notices that a file it has to open again is another one", async () => {
    const changing = join(root, "changing");
    await mkdir(changing);
    const names = Array.from({ length: 40 }, (_, at) => String(at));
    await Promise.all(names.map((name) => writeFile(join(changing, name), "x")));
    const folder = new FileFolder(changing);
    const first = await folder.open("0");
    for (const name of names.slice(1)) await folder.open(name);
    await utimes(join(changing, "0"), 1, 1);
    await expect(first.read(0, 1)).rejects.toMatchObject({ code: "file-changed" });
    await folder.close();
  });
});
