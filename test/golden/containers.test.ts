/**
 * What `open` and `read` say of legacy and tar files, bare pickles, NumPy files and packages, beside what PyTorch,
 * Python and NumPy loaded from the same files (`containers.py` made the JSON).
 */

import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { Entry } from "../../src/catalog/entry.ts";
import type { GoldenEntry, GoldenModule } from "./listing.ts";
import { describeListings, goldenFiles, hashOf, load, modulesOf } from "./listing.ts";

const files = goldenFiles<{
  readonly entries: readonly (GoldenEntry & { readonly requiresGrad: boolean })[];
  readonly modules?: readonly GoldenModule[];
}>("containers.json");

/** An entry as the golden says it. */
async function described(catalog: Catalog, entry: Entry, wanted: GoldenEntry | undefined): Promise<object> {
  const { path, dtype, shape, stride, offset, requiresGrad } = entry;
  return {
    path,
    dtype,
    shape,
    // Where a flag is not recorded PyTorch shows its default.
    requiresGrad: requiresGrad ?? wanted?.requiresGrad,
    ...(wanted?.kind === undefined
      ? {}
      : { kind: entry.kindFrom === "recorded" ? entry.kind : "unrecorded" }),
    ...(entry.layout === "strided" ? {} : { layout: entry.layout }),
    ...(entry.layout === "sparse" ? {} : { stride }),
    ...(wanted?.offset === undefined ? {} : { offset }),
    ...(entry.layout === "strided" ? { sha256: await hashOf(catalog, entry) } : {}),
  };
}

describeListings(files, described);

describe.each(files.filter(([, file]) => file.modules !== undefined))("%s", (name, file) => {
  it("lists the modules with their classes and modes", async () => {
    const { modules } = await load(name);
    expect(modules.filter((module) => module.class !== null)).toEqual(modulesOf(file.modules!));
  });
});

describe("a legacy file of dtypes that PyTorch cannot load again", () => {
  it("has the values that the zip has", async () => {
    const legacy = await load("test/fixtures/legacy/untyped.pth");
    const zip = await load("test/fixtures/torch-zip/dtypes.pt");
    expect(legacy.entries.length).toBeGreaterThan(10);
    for (const entry of legacy.entries) {
      const twin = zip.entries.find(({ name }) => name === entry.name)!;
      expect(entry.dtype).toBe(twin.dtype);
      expect(await legacy.read(entry)).toEqual(await zip.read(twin));
    }
  });
});
