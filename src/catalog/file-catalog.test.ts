import { describe, expect, it } from "vitest";
import { MemorySource } from "../bytes/memory-source.ts";
import { SourceError } from "../errors.ts";
import type { Entry, Layout } from "./entry.ts";
import type { FileFacts } from "./file-catalog.ts";
import { FileCatalog } from "./file-catalog.ts";

function entryOf(index: number, name: string, layout: Layout): Entry {
  return {
    index,
    path: [name],
    name,
    module: "",
    kind: "tensor",
    kindFrom: "unknown",
    dtype: "int16",
    shape: [2],
    numel: 2,
    byteLength: 4,
    device: null,
    requiresGrad: null,
    ...layout,
  };
}

const strided: Layout = { layout: "strided", stride: [1], offset: 1, storage: { key: "s", byteLength: 6 } };
const absent: Layout = {
  layout: "absent",
  why: "it is on the meta device",
  stride: null,
  offset: null,
  storage: null,
};
const entries = [entryOf(0, "a", strided), entryOf(1, "none", absent)];
const a = entries[0]!;

function catalogOf(openStorage: FileFacts["openStorage"]): FileCatalog {
  return new FileCatalog({
    format: "test",
    entries,
    root: null,
    modules: [],
    metadata: {},
    notices: [],
    storedByteLength: 6,
    gatherBytes: 1000,
    openStorage,
  });
}

const storage = { source: new MemorySource(Uint8Array.of(0, 0, 1, 2, 3, 4)), byteOrder: "little" } as const;

describe("FileCatalog", () => {
  it("reads all of an entry, a range of it, nothing of it, and blocks", async () => {
    const catalog = catalogOf(() => storage);
    expect(await catalog.read(a)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(await catalog.read(a, { start: 1, end: 3 })).toEqual(Uint8Array.of(2, 3));
    expect(await catalog.read(a, { start: 4 })).toEqual(new Uint8Array(0));
    const lengths: number[] = [];
    for await (const block of catalog.blocks(a, 3)) lengths.push(block.length);
    expect(lengths).toEqual([3, 1]);
  });

  it("reads a lazily negated view as its user sees it, in whole, in part and in blocks", async () => {
    const negated: Entry = { ...a, lazy: ["neg"] };
    const catalog = new FileCatalog({
      format: "test",
      entries: [negated],
      root: null,
      modules: [],
      metadata: {},
      notices: [],
      storedByteLength: 6,
      gatherBytes: 1000,
      openStorage: () => storage,
    });
    const expected = new Uint8Array(Int16Array.of(-0x0201, -0x0403).buffer);
    expect(await catalog.read(negated)).toEqual(expected);
    expect(await catalog.read(negated, { start: 1, end: 3 })).toEqual(expected.subarray(1, 3));
    const blocks: number[] = [];
    for await (const block of catalog.blocks(negated, 3)) blocks.push(...block);
    expect(blocks).toEqual([...expected]);
  });

  it.each([
    [{ start: -1 }],
    [{ start: 0.5 }],
    [{ start: 3, end: 2 }],
    [{ end: 5 }],
    [{ start: 5 }],
    [{ start: Number.NaN }],
  ])("refuses the range %j", async (range) => {
    await expect(catalogOf(() => storage).read(a, range)).rejects.toMatchObject({
      name: "UsageError",
      code: "bad-range",
    });
  });

  it.each([[0], [-1], [1.5], [Number.NaN]])("refuses blocks of %d bytes", async (size) => {
    const reading = catalogOf(() => storage)
      .blocks(a, size)
      .next();
    await expect(reading).rejects.toMatchObject({ code: "bad-block-size" });
  });

  it("refuses entries of other catalogs, and says why an absent one has no bytes", async () => {
    const catalog = catalogOf(() => storage);
    await expect(catalog.read({ ...a, name: "b" })).rejects.toMatchObject({ code: "foreign-entry" });
    await expect(catalog.read({ ...a, index: 9 })).rejects.toMatchObject({ code: "foreign-entry" });
    await expect(catalog.read(entries[1]!)).rejects.toThrow(
      'reading "none": it has no strided bytes, it is on the meta device',
    );
  });

  it("reads its own entry, whatever the copy in the caller's hand says", async () => {
    const forged = { ...a, offset: 0, byteLength: 1000 } as Entry;
    expect(await catalogOf(() => storage).read(forged)).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it("opens a storage once for all readers, and again after a failure", async () => {
    let opened = 0;
    const catalog = catalogOf(async () => {
      opened += 1;
      if (opened === 1) throw new SourceError("lost", { code: "lost" });
      return storage;
    });
    await expect(catalog.read(a)).rejects.toThrow("lost");
    await Promise.all([catalog.read(a), catalog.read(a)]);
    expect(opened).toBe(2);
  });
});
