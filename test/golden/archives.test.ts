/**
 * What `open` and `read` say of TorchScript, torch.export, GGUF and ONNX, beside what PyTorch, gguf and onnx loaded from
 * the same files (`archives.py` made the JSON). Files of ../shared/real are skipped where that folder is missing.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { Entry } from "../../src/catalog/entry.ts";
import { open } from "../../src/formats/open.ts";
import { joinPath } from "../../src/name.ts";

/** An entry as the other program describes it; what it does not know is not there. */
interface GoldenEntry {
  readonly path: readonly (string | number)[];
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  readonly offset?: number;
  readonly requiresGrad?: boolean;
  readonly kind?: "parameter" | "buffer";
  readonly layout?: Entry["layout"];
  readonly type?: string;
  readonly sha256?: string;
}

interface GoldenFile {
  readonly entries: readonly GoldenEntry[];
  readonly modules?: readonly {
    path: readonly (string | number)[];
    class: string;
    training: boolean | null;
  }[];
}

const project = new URL("../../", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("archives.json", import.meta.url), "utf8")) as {
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

/** The hash of an entry's bytes, read as a whole and in odd blocks. */
async function hashOf(catalog: Catalog, entry: Entry): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of catalog.blocks(entry, entry.byteLength < 5000 ? 37 : 4099)) blocks.push(block);
  return [...new Set([sha256(await catalog.read(entry)), sha256(...blocks)])].join(" and ");
}

/** An entry as the golden says it. */
async function described(catalog: Catalog, entry: Entry, wanted: GoldenEntry | undefined): Promise<object> {
  const { path, dtype, shape, stride, offset, requiresGrad, layout } = entry;
  return {
    path,
    dtype,
    shape,
    // Where a flag is not recorded PyTorch shows its default.
    ...(wanted?.requiresGrad === undefined ? {} : { requiresGrad: requiresGrad ?? wanted.requiresGrad }),
    ...(wanted?.kind === undefined
      ? {}
      : { kind: entry.kindFrom === "recorded" ? entry.kind : "unrecorded" }),
    ...(wanted?.stride === undefined ? {} : { stride }),
    ...(wanted?.offset === undefined ? {} : { offset }),
    ...(layout === "strided" ? {} : { layout }),
    ...(layout === "blocks" ? { type: entry.type } : {}),
    ...(wanted?.sha256 === undefined ? {} : { sha256: await hashOf(catalog, entry) }),
  };
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

const withModules = Object.entries(golden.files).filter(([, file]) => file.modules !== undefined);

describe.each(withModules)("%s", (name, file) => {
  it.skipIf(isMissing(name))(`lists the modules with their classes and modes${note(name)}`, async () => {
    const { modules } = await load(name);
    const found = modules.flatMap(({ name, class: className, training }) =>
      // PyTorch has the bare name of the class.
      className === null ? [] : [[name, className.split(".").at(-1), training]],
    );
    const wanted = file.modules!.map(({ path, class: className, training }) => [
      joinPath(path),
      className,
      training,
    ]);
    expect(found).toEqual(wanted);
  });
});
