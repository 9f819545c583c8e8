import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { draft } from "../catalog/draft.ts";
import { createFile, FileSinkFolder } from "./file-sink.ts";
import { open } from "./open.ts";
import { save, saveShards } from "./save.ts";

let folder = "";
const old = new Uint8Array([1, 2, 3]);
const fresh = new Uint8Array([4, 5, 6, 7]);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parascope-sink-"));
});

afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true });
});

async function bytesOf(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(folder, name)));
}

describe("a file sink", () => {
  it("shows nothing before commit, and all after it", async () => {
    await writeFile(join(folder, "x.pt"), old);
    const sink = await createFile(join(folder, "x.pt"));
    await sink.write(fresh.subarray(0, 1));
    await sink.write(fresh.subarray(1));
    const source = await sink.finish();
    expect(await source.read(0, 4)).toEqual(fresh);
    expect(await bytesOf("x.pt")).toEqual(old);
    await sink.commit();
    expect(await bytesOf("x.pt")).toEqual(fresh);
    expect(await readdir(folder)).toEqual(["x.pt"]);
    await sink.discard();
    expect(await bytesOf("x.pt")).toEqual(fresh);
  });

  it.each([false, true])("leaves nothing behind when it is discarded (finished: %s)", async (isFinished) => {
    await writeFile(join(folder, "x.pt"), old);
    const sink = await createFile(join(folder, "x.pt"));
    await sink.write(fresh);
    if (isFinished) await sink.finish();
    await sink.discard();
    await sink.discard();
    expect(await readdir(folder)).toEqual(["x.pt"]);
    expect(await bytesOf("x.pt")).toEqual(old);
  });

  it("names the unfinished file so that nobody takes it for a checkpoint", async () => {
    const sink = await createFile(join(folder, "x.pt"));
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^\.x\.pt\.[0-9a-f]{12}\.unfinished$/)]);
    await sink.discard();
  });

  it.skipIf(process.platform === "win32")("keeps the mode of the file that it replaces", async () => {
    await writeFile(join(folder, "x.pt"), old);
    for (const mode of [0o640, 0o666, 0o600]) {
      await chmod(join(folder, "x.pt"), mode);
      const sink = await createFile(join(folder, "x.pt"));
      await sink.write(fresh);
      await sink.finish();
      await sink.commit();
      expect((await stat(join(folder, "x.pt"))).mode & 0o777).toBe(mode);
    }
  });

  it.skipIf(process.platform === "win32")("refuses a symbolic link unless it may follow it", async () => {
    await writeFile(join(folder, "x.pt"), old);
    await symlink("x.pt", join(folder, "link.pt"));
    await symlink("nowhere.pt", join(folder, "dangling.pt"));
    await expect(createFile(join(folder, "link.pt"))).rejects.toMatchObject({ code: "output-is-link" });
    await expect(createFile(join(folder, "dangling.pt"))).rejects.toMatchObject({ code: "output-is-link" });
    const sink = await createFile(join(folder, "link.pt"), { followLinks: true });
    await sink.write(fresh);
    await sink.finish();
    await sink.commit();
    expect(await bytesOf("x.pt")).toEqual(fresh);
    expect((await readdir(folder)).sort()).toEqual(["dangling.pt", "link.pt", "x.pt"]);
  });

  it.each([
    ["a folder", "folder", {}, "UsageError", "output-not-a-file"],
    ["a file that may not be replaced", "x.pt", { overwrite: false }, "UsageError", "output-exists"],
    ["a missing folder", "missing/x.pt", {}, "SourceError", "write-failed"],
    ["a path through a file", "x.pt/y.pt", {}, "SourceError", "write-failed"],
    ["a name that is too long", `${"a".repeat(300)}.pt`, {}, "SourceError", "write-failed"],
  ])("refuses %s", async (_, name, options, type, code) => {
    await mkdir(join(folder, "folder"));
    await writeFile(join(folder, "x.pt"), old);
    await expect(createFile(join(folder, name), options)).rejects.toMatchObject({ name: type, code });
  });

  it("refuses an empty path", async () => {
    await expect(createFile("")).rejects.toMatchObject({ name: "UsageError", code: "output-not-a-file" });
  });

  it("takes any name that the file system does", async () => {
    const name = `${"é".repeat(120)}.pt`;
    const sink = await createFile(join(folder, name));
    await sink.write(fresh);
    await sink.finish();
    await sink.commit();
    expect(await readdir(folder)).toEqual([name]);
  });

  it("refuses the input, also under another name of it", async () => {
    await writeFile(join(folder, "x.pt"), old);
    const inputs = [join(folder, "..", folder.split("/").at(-1)!, "x.pt")];
    await expect(createFile(join(folder, "x.pt"), { inputs })).rejects.toMatchObject({
      code: "output-is-input",
    });
  });

  // The superuser may write anywhere, and Windows has no such modes.
  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "says when it may not write",
    async () => {
      await chmod(folder, 0o555);
      await expect(createFile(join(folder, "x.pt"))).rejects.toMatchObject({
        code: "write-failed",
        message: expect.stringContaining("permission denied"),
      });
    },
  );

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "leaves a file that is protected",
    async () => {
      await writeFile(join(folder, "x.pt"), old);
      await chmod(join(folder, "x.pt"), 0o444);
      await expect(createFile(join(folder, "x.pt"))).rejects.toMatchObject({ code: "write-failed" });
      expect(await readdir(folder)).toEqual(["x.pt"]);
    },
  );

  it.each(["../x", "a/b", "", ".."])("takes no path for a name in a folder: %j", async (name) => {
    await expect(new FileSinkFolder(folder).create(name)).rejects.toMatchObject({ code: "bad-file-name" });
  });
});

describe("saving to a path", () => {
  const fixture = new URL("../../test/fixtures/torch-zip/state-dict.pt", import.meta.url);

  it("takes the format from the ending and the folder inside a zip from the name", async () => {
    const catalog = await open(fixture);
    expect(await save(catalog, join(folder, "my.model.pt"))).toMatchObject({ format: "torch-zip" });
    expect(await save(catalog, join(folder, "x.safetensors"))).toMatchObject({ format: "safetensors" });
    const [zip, tensors] = await Promise.all(
      ["my.model.pt", "x.safetensors"].map((name) => open(join(folder, name))),
    );
    expect(zip!.metadata["archive"]).toBe("my.model");
    expect(tensors!.entries.map(({ name }) => name).sort()).toEqual(
      catalog.entries.map(({ name }) => name).sort(),
    );
    await Promise.all([catalog, zip, tensors].map((one) => one!.close()));
  });

  it("refuses to replace the file that it reads from, unless told to", async () => {
    const original = await open(fixture);
    await save(original, join(folder, "x.pt"));
    await original.close();
    const catalog = await open(join(folder, "x.pt"));
    const before = await bytesOf("x.pt");
    const changed = draft(catalog).renameAll((name) => `a.${name}`);
    await expect(save(changed, join(folder, "x.pt"))).rejects.toMatchObject({ code: "output-is-input" });
    await expect(save(catalog, join(folder, "x.pt"))).rejects.toMatchObject({ code: "output-is-input" });
    expect(await bytesOf("x.pt")).toEqual(before);
    await save(changed, join(folder, "x.pt"), { replaceInput: true });
    await catalog.close();
    const reopened = await open(join(folder, "x.pt"));
    expect(reopened.entries.every(({ name }) => name.startsWith("a."))).toBe(true);
    await reopened.close();
  });

  it("reports its progress and gives up when it is told to, leaving the old file", async () => {
    await writeFile(join(folder, "x.pt"), old);
    const bytes = new Uint8Array(20 * 2 ** 20);
    const controller = new AbortController();
    const seen: number[] = [];
    const saving = save({ bytes }, join(folder, "x.pt"), {
      signal: controller.signal,
      onProgress: ({ writtenByteLength }) => {
        seen.push(writtenByteLength);
        controller.abort(new Error("enough"));
      },
    });
    await expect(saving).rejects.toThrow("enough");
    expect(seen).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["x.pt"]);
    expect(await bytesOf("x.pt")).toEqual(old);
  });

  it("leaves the old file when something cannot be saved", async () => {
    await writeFile(join(folder, "x.pt"), old);
    await expect(save({ f: (() => 1) as never }, join(folder, "x.pt"))).rejects.toThrow(
      'saving "f": found a function',
    );
    expect(await readdir(folder)).toEqual(["x.pt"]);
    expect(await bytesOf("x.pt")).toEqual(old);
  });

  it("refuses to replace the folder that it reads from, unless told to", async () => {
    const catalog = await open(fixture);
    const target = join(folder, "model");
    await saveShards(catalog, target, { shardByteLength: 100 });
    const before = await readdir(target);
    for (const place of [target, join(target, "model.safetensors.index.json")]) {
      const again = await open(place);
      const options = { shardByteLength: 100, overwrite: true };
      await expect(saveShards(draft(again), target, options)).rejects.toMatchObject({
        code: "output-is-input",
      });
      await expect(saveShards(draft(again), target)).rejects.toMatchObject({ code: "output-is-input" });
      await again.close();
    }
    await expect(saveShards(catalog, target, { overwrite: false })).rejects.toMatchObject({
      code: "output-exists",
    });
    expect(await readdir(target)).toEqual(before);
    const again = await open(target);
    expect(await saveShards(draft(again), target, { replaceInput: true })).toEqual(["model.safetensors"]);
    expect(await readdir(target)).toEqual(["model.safetensors"]);
    await Promise.all([again.close(), catalog.close()]);
  });

  it("writes shards and an index that names them", async () => {
    const catalog = await open(fixture);
    const names = await saveShards(catalog, join(folder, "model"), { shardByteLength: 100 });
    await catalog.close();
    expect(names.at(-1)).toBe("model.safetensors.index.json");
    expect((await readdir(join(folder, "model"))).sort()).toEqual([...names].sort());
    const index = JSON.parse(await readFile(join(folder, "model", names.at(-1)!), "utf8")) as {
      metadata: { total_size: number };
      weight_map: Record<string, string>;
    };
    expect(Object.keys(index.weight_map).sort()).toEqual(catalog.entries.map(({ name }) => name).sort());
    expect(index.metadata.total_size).toBe(
      catalog.entries.reduce((sum, { byteLength }) => sum + byteLength, 0),
    );
    for (const [name, file] of Object.entries(index.weight_map)) {
      const shard = await open(join(folder, "model", file));
      expect(shard.entries.map((entry) => entry.name)).toContain(name);
      await shard.close();
    }
  });
});
