/**
 * What the goldens of files have in common: the files, opened; an entry beside what another program says of it; and the
 * checks that every file gets. Files of ../shared/real are skipped where that folder is missing.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { Entry } from "../../src/catalog/entry.ts";
import { open } from "../../src/formats/open.ts";
import { joinPath } from "../../src/name.ts";

/** An entry as the other program describes it; what it does not know is not there. */
export interface GoldenEntry {
  readonly path: readonly (string | number)[];
  readonly dtype: string;
  /** Null of nested tensors, which have no one shape. */
  readonly shape: readonly number[] | null;
  readonly stride?: readonly number[];
  /** Not given where PyTorch counts from a window of the storage. */
  readonly offset?: number;
  readonly requiresGrad?: boolean;
  readonly kind?: "parameter" | "buffer";
  readonly layout?: Entry["layout"];
  readonly type?: string;
  readonly sha256?: string;
}

/** A module as the other program describes it. */
export interface GoldenModule {
  readonly path: readonly (string | number)[];
  readonly class: string;
  readonly training: boolean | null;
}

const project = new URL("../../", import.meta.url);

/** What the script beside a golden recorded of each file. */
export function goldenFiles<File>(name: string): [name: string, file: File][] {
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  return Object.entries((JSON.parse(text) as { files: Record<string, File> }).files);
}

/** Whether a file is one of those that are not in the project, and not beside it either. */
export const isMissing = (name: string): boolean =>
  name.startsWith("../") && !existsSync(new URL(name, project));

/** Written after the name of a test that is skipped. */
export const note = (name: string): string =>
  isMissing(name) ? " (skipped: ../shared/real is missing)" : "";

/** A file of the project, opened. */
export const load = (name: string): Promise<Catalog> => open(readFileSync(new URL(name, project)));

export function sha256(...pieces: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** The blocks of an entry, as `catalog.blocks` gives them. */
export async function blocksOf(catalog: Catalog, entry: Entry, size?: number): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for await (const block of catalog.blocks(entry, size)) blocks.push(block);
  return blocks;
}

/** The hash of an entry's bytes, read as a whole and in odd blocks. */
export async function hashOf(catalog: Catalog, entry: Entry): Promise<string> {
  const blocks = await blocksOf(catalog, entry, entry.byteLength < 5000 ? 37 : 4099);
  return [...new Set([sha256(await catalog.read(entry)), sha256(...blocks)])].join(" and ");
}

/** Modules with the classes and modes that PyTorch gives them. */
export function modulesOf(golden: readonly GoldenModule[]): object[] {
  return golden.map(({ path, class: className, training }) => ({
    name: joinPath(path),
    class: className,
    training,
  }));
}

/** The check that whatever a catalog says can go through JSON and to a worker. */
export function itIsPlainData(name: string): void {
  it.skipIf(isMissing(name))(`is plain data that survives JSON and cloning${note(name)}`, async () => {
    const { entries, root, modules, metadata, notices } = await load(name);
    const facts = { entries, modules, metadata, notices };
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
    expect(structuredClone(root)).toEqual(root);
  });
}

/** The checks of each file: its entries as `described` tells them are the golden's, in its order, and plain data. */
export function describeListings(
  files: readonly (readonly [name: string, file: { readonly entries: readonly GoldenEntry[] }])[],
  described: (catalog: Catalog, entry: Entry, wanted: GoldenEntry | undefined) => Promise<object>,
): void {
  describe.each(files)("%s", (name, file) => {
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

    itIsPlainData(name);
  });
}
