/** What is asked of every input: open it, list it, read of it, scan it, load it, write it again in every format; whatever it is, within bounds. */

import type { Folder } from "../../src/bytes/folder.ts";
import { draft } from "../../src/catalog/draft.ts";
import type { Catalog } from "../../src/catalog/catalog.ts";
import { ParascopeError } from "../../src/errors.ts";
import { open } from "../../src/formats/open.ts";
import type { Openable } from "../../src/formats/open.ts";
import { saveBytes } from "../../src/formats/save.ts";
import { scan } from "../../src/formats/scan.ts";
import { load } from "../../src/state/load.ts";
import { renderJson } from "../../src/inspect/json.ts";
import { report } from "../../src/inspect/report.ts";
import { renderScanJson, renderScanText } from "../../src/inspect/scan-text.ts";
import { renderText } from "../../src/inspect/text.ts";

/** Entries that are read, and bytes of each: an expanded view may be as large as it likes. */
const entriesRead = 40;
const bytesRead = 65_536;

/** Larger catalogs are not written again: a change of a shape can ask for terabytes of zeros. */
const bytesWritten = 2 ** 24;

/** How an input was answered. */
export type Answer = "opened" | "refused";

/** Whether an error is one of ours that a caller can do something about. */
function isAnswer(error: unknown): boolean {
  return error instanceof ParascopeError && error.code !== "internal";
}

async function use(catalog: Catalog): Promise<void> {
  for (const entry of catalog.entries.slice(0, entriesRead)) {
    if (entry.layout === "strided")
      await catalog.read(entry, { end: Math.min(entry.byteLength, bytesRead) }).catch(refuse);
  }
  const facts = report(catalog, { source: "input" });
  renderText(facts, { tree: true });
  JSON.parse(renderJson(facts));
  const sum = catalog.entries.reduce((total, { byteLength }) => total + byteLength, 0);
  if (sum >= bytesWritten) return;
  await saveBytes(draft(catalog)).catch(refuse);
  await saveBytes(draft(catalog), { format: "torch-legacy" }).catch(refuse);
  await saveBytes(draft(catalog), { format: "safetensors", ties: "copy", others: "drop" }).catch(refuse);
  const loaded = await load(catalog).catch(refuse);
  if (loaded !== undefined) await saveBytes(loaded as never).catch(refuse);
}

function refuse(error: unknown): void {
  if (!isAnswer(error)) throw error;
}

/** Tries an input, alone and, where it is one of several files, among them. Throws what must not happen: an error that is not ours, or one that calls itself internal. */
export async function attempt(bytes: Uint8Array, name: string, folder: Folder | undefined): Promise<Answer> {
  const answer = await attemptOne(bytes, name, folder);
  return folder === undefined ? answer : attemptOne(folder, name, undefined);
}

async function attemptOne(file: Openable, name: string, folder: Folder | undefined): Promise<Answer> {
  const scanned = await scan(file, { name, source: name, folder });
  JSON.parse(renderScanJson(scanned));
  renderScanText(scanned);
  try {
    await use(await open(file, { name, folder }));
    return "opened";
  } catch (error) {
    refuse(error);
    return "refused";
  }
}
