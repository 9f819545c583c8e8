/**
 * What `open` and `read` say of legacy and tar files, bare pickles, NumPy files and packages, beside what PyTorch,
 * Python and NumPy loaded from the same files (`containers.py` made the JSON). Files of ../shared/real are skipped
 * where that folder is missing.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { Entry } from "../../src/catalog/entry.ts";
import { open } from "../../src/formats/open.ts";
import { joinPath } from "../../src/name.ts";

interface GoldenEntry {
  readonly path: readonly (string | number)[];
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  /** Not given where PyTorch counts from a window of the storage. */
  readonly offset?: number;
  readonly requiresGrad: boolean;
  readonly layout?: "sparse" | "absent";
  readonly kind?: "parameter" | "buffer";
  readonly sha256?: string;
}

interface GoldenFile {
  readonly entries: readonly GoldenEntry[];
  readonly modules?: readonly { path: readonly (string | number)[]; class: string; training: boolean }[];
}

const project = new URL("../../", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("containers.json", import.meta.url), "utf8")) as {
  files: Record<string, GoldenFile>;
};

const isMissing = (name: string): boolean => name.startsWith("../") && !existsSync(new URL(name, project));
const load = (name: string): Promise<Catalog> => open(readFileSync(new URL(name, project)));
/** Written after the name of a test that is skipped. */
const note = (name: string): string => (isMissing(name) ? " (skipped: ../shared/real is missing)" : "");

function sha256(...pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

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

/** The hash of an entry's bytes, read as a whole and in odd blocks. */
async function hashOf(catalog: Catalog, entry: Entry): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of catalog.blocks(entry, 37)) blocks.push(block);
  const hashes = new Set([sha256(await catalog.read(entry)), sha256(...blocks)]);
  return [...hashes].join(" and ");
}

describe.each(Object.entries(golden.files))("%s", (name, file) => {
  it.skipIf(isMissing(name))(`lists and reads what is loaded, in its order${note(name)}`, async () => {
    const catalog = await load(name);
    const found: object[] = [];
    for (const [index, entry] of catalog.entries.entries()) {
      found.push(await described(catalog, entry, file.entries[index]));
    }
    expect(found).toEqual(file.entries);
    expect(catalog.entries.map((entry) => entry.name)).toEqual(
      file.entries.map(({ path }) => joinPath(path)),
    );
  });

  it.skipIf(isMissing(name))(`is plain data that survives JSON and cloning${note(name)}`, async () => {
    const { entries, root, modules, metadata, notices } = await load(name);
    const facts = { entries, modules, metadata, notices };
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
    expect(structuredClone(root)).toEqual(root);
  });
});

describe.each(Object.entries(golden.files).filter(([, file]) => file.modules !== undefined))(
  "%s",
  (name, file) => {
    it("lists the modules with their classes and modes", async () => {
      const { modules } = await load(name);
      const recorded = modules.filter((module) => module.class !== null);
      expect(recorded).toEqual(
        file.modules!.map(({ path, class: className, training }) => ({
          name: joinPath(path),
          class: className,
          training,
        })),
      );
    });
  },
);

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
