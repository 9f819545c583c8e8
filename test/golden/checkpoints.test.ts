/**
 * What `open`, `read` and `blocks` say of checkpoints, beside what PyTorch loaded from the same files
 * (`checkpoints.py` made the JSON).
 */

import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { Entry } from "../../src/catalog/entry.ts";
import { joinPath } from "../../src/name.ts";
import type { GoldenEntry, GoldenModule } from "./listing.ts";
import { blocksOf, goldenFiles, isMissing, itIsPlainData, load, modulesOf, note, sha256 } from "./listing.ts";

type PyTorchEntry = GoldenEntry & { readonly requiresGrad: boolean };

const files = goldenFiles<{
  readonly entries?: readonly PyTorchEntry[];
  readonly modules?: readonly GoldenModule[];
  readonly count?: number;
  readonly linesSha256?: string;
}>("checkpoints.json");

/** What both sides can say of an entry, as the golden says it. */
function listed(entry: Entry, golden: PyTorchEntry, isSafetensors: boolean): object {
  const { path, dtype, shape, stride, offset, requiresGrad } = entry;
  return {
    path,
    dtype,
    // A nested tensor has no one shape, and where a flag is not recorded PyTorch shows its default.
    shape: golden.shape === null ? null : shape,
    requiresGrad: requiresGrad ?? golden.requiresGrad,
    ...(entry.layout === "sparse"
      ? { layout: "sparse" }
      : // load_file takes all tensors from one buffer; in the file every entry has its own bytes.
        { stride, offset: isSafetensors ? golden.offset : offset }),
    ...(golden.layout === "absent" ? { layout: entry.layout } : {}),
    ...(golden.kind === undefined ? {} : { kind: entry.kindFrom === "recorded" ? entry.kind : "unrecorded" }),
    ...(golden.sha256 === undefined ? {} : { sha256: golden.sha256 }),
  };
}

/** The hashes of an entry's bytes, read in four ways; all the same hash when all is well. */
async function hashesOf(catalog: Catalog, entry: Entry): Promise<string[]> {
  const whole = await catalog.read(entry);
  const third = Math.floor(whole.length / 3);
  return [
    sha256(whole),
    sha256(...(await blocksOf(catalog, entry))),
    sha256(...(await blocksOf(catalog, entry, whole.length < 5000 ? 7 : 4099))),
    sha256(await catalog.read(entry, { end: third }), await catalog.read(entry, { start: third })),
  ];
}

describe.each(files.filter(([, file]) => file.entries !== undefined))("%s", (name, file) => {
  it.skipIf(isMissing(name))(`lists what PyTorch loads, in its order${note(name)}`, async () => {
    const { entries } = await load(name);
    const isSafetensors = name.endsWith(".safetensors");
    expect(entries.map((entry, index) => listed(entry, file.entries![index]!, isSafetensors))).toEqual(
      file.entries,
    );
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, index) => index));
    expect(entries.map((entry) => entry.name)).toEqual(entries.map(({ path }) => joinPath(path)));
  });

  it.skipIf(isMissing(name))(`reads the bytes that PyTorch loads${note(name)}`, async () => {
    const catalog = await load(name);
    const found: [string, string[]][] = [];
    const wanted: [string, string[]][] = [];
    for (const [index, entry] of catalog.entries.entries()) {
      const hash = file.entries![index]!.sha256;
      // Of weights that were not saved PyTorch makes zeros; a catalog says that they are not there.
      if (hash === undefined || name.endsWith("/skip-data.pt")) continue;
      found.push([entry.name, await hashesOf(catalog, entry)]);
      wanted.push([entry.name, [hash, hash, hash, hash]]);
    }
    expect(found).toEqual(wanted);
  });

  itIsPlainData(name);
});

describe.each(files.filter(([, file]) => file.modules !== undefined))("%s", (name, file) => {
  it("lists the modules that PyTorch has, with their classes and modes", async () => {
    const { modules } = await load(name);
    expect(modules.filter((module) => module.class !== null)).toEqual(modulesOf(file.modules!));
  });
});

describe.each(files.filter(([, file]) => file.count !== undefined))("%s", (name, file) => {
  it("lists and reads as many tensors as PyTorch loads", async () => {
    const catalog = await load(name);
    expect(catalog.entries).toHaveLength(file.count!);
    const lines = await Promise.all(
      catalog.entries.map(
        async (entry) => `${entry.path.at(-1)} ${entry.offset} ${sha256(await catalog.read(entry))}\n`,
      ),
    );
    expect(sha256(...lines)).toBe(file.linesSha256);
  });
});
