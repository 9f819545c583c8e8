/** What a program gets through the package's published name, in Node. */

import { mkdtempSync, openAsBlob, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  FormatError,
  joinPath,
  naturalCompare,
  open,
  openFile,
  FileSource,
  ParascopeError,
  renderJson,
  renderText,
  report,
  selector,
  SourceError,
} from "parascope";
import { describe, expect, it } from "vitest";

const sample = fileURLToPath(new URL("../../examples/sample.pt", import.meta.url));

describe("open", () => {
  it.each([
    ["a path", () => sample],
    ["a file URL", () => pathToFileURL(sample)],
    ["bytes", () => new Uint8Array(readFileSync(sample))],
    ["a buffer of bytes", () => new Uint8Array(readFileSync(sample)).buffer],
    ["a Blob", () => openAsBlob(sample)],
    ["a source", () => openFile(sample)],
  ])("takes %s, and always finds the same", async (_, make) => {
    const file = await make();
    const catalog = await open(file);
    expect(catalog.entries).toHaveLength(13);
    const entry = catalog.entries.find(({ name }) => name === "temperature")!;
    const bytes = await catalog.read(entry);
    expect(new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true)).toBe(1);
    await catalog.close();
    // What was given open is the giver's to close.
    if (file instanceof FileSource) await file.close();
  });

  it("closes its file, after which nothing can be read", async () => {
    // Larger than what opening a file reads of it.
    const header = '{"zeros":{"dtype":"U8","shape":[1000000],"data_offsets":[0,1000000]}}';
    const folder = mkdtempSync(join(tmpdir(), "parascope-"));
    const path = join(folder, "zeros.safetensors");
    const size = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
    writeFileSync(path, Buffer.concat([size, Buffer.from(header), Buffer.alloc(1_000_000)]));
    const catalog = await open(path);
    expect(await catalog.read(catalog.entries[0]!, { start: 999_990 })).toEqual(new Uint8Array(10));
    await catalog.close();
    await catalog.close();
    await expect(catalog.read(catalog.entries[0]!, { end: 500_000 })).rejects.toThrow(SourceError);
    rmSync(folder, { recursive: true });
  });

  it("leaves a source open that it was given", async () => {
    const file = await openFile(sample);
    await (await open(file)).close();
    expect(await file.read(0, 2)).toEqual(new Uint8Array(Buffer.from("PK")));
    await file.close();
  });

  it("complains with classes that tell what to do", async () => {
    await expect(open("no-such-file.pt")).rejects.toThrow(SourceError);
    await expect(open(new Uint8Array(0))).rejects.toThrow(FormatError);
    await expect(open(fileURLToPath(import.meta.url))).rejects.toThrow(ParascopeError);
    await expect(open(sample, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    // @ts-expect-error: a number has no bytes
    await expect(open(7)).rejects.toThrow(ParascopeError);
  });
});

describe("a catalog", () => {
  it("has entries and modules that are plain data, equal to their JSON", async () => {
    const catalog = await open(sample);
    for (const part of [
      catalog.entries,
      catalog.modules,
      catalog.notices,
      catalog.metadata,
      report(catalog),
    ]) {
      expect(structuredClone(part)).toEqual(part);
      expect(JSON.parse(JSON.stringify(part))).toEqual(part);
    }
    await catalog.close();
  });

  it("reads in blocks what it reads at once", async () => {
    const catalog = await open(sample);
    for (const entry of catalog.entries) {
      const blocks: Uint8Array[] = [];
      for await (const block of catalog.blocks(entry, 100)) blocks.push(block);
      expect(blocks.every((block, at) => block.byteLength === 100 || at === blocks.length - 1)).toBe(true);
      expect(Buffer.concat(blocks)).toEqual(Buffer.from(await catalog.read(entry)));
    }
    await catalog.close();
  });
});

describe("a report", () => {
  it("renders as the command prints it", async () => {
    const catalog = await open(sample);
    const facts = report(catalog, {
      source: join("x", "sample.pt"),
      select: ({ name }) => selector("**.bias")(name),
    });
    expect(renderText(facts, { width: 60 }).at(-1)).toContain(
      "3 tensors; 40 parameters, 40 trainable; 160 B",
    );
    expect((JSON.parse(renderJson(facts)) as { totals: unknown }).totals).toEqual(facts.totals);
    const names = facts.entries.map(({ path }) => joinPath(path)).toSorted(naturalCompare);
    expect(names).toEqual(["norm.bias", "project.bias", "stem.1.bias"]);
    await catalog.close();
  });
});
