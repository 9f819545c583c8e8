/**
 * Scans a checkpoint for what it would do when Python loads it: every class and function that any pickle in it names,
 * with a verdict, and what about the file is made to mislead. Nothing of it is run, here or anywhere in this package.
 */

import type { Folder, FolderFile } from "../bytes/folder.ts";
import type { ByteSource } from "../bytes/source.ts";
import { FormatError, LimitError, quote, SourceError, UsageError } from "../errors.ts";
import type { ScanReport } from "../inspect/scan-report.ts";
import { scanReport } from "../inspect/scan-report.ts";
import { withLimits } from "../limits.ts";
import { isMisleading } from "./archive-signs.ts";
import { Candidate } from "./format.ts";
import type { Openable, OpenOptions } from "./open.ts";
import { isFolder, open, sourceOf } from "./open.ts";
import { PickleFinder } from "./pickle-finder.ts";
import { filesOfIndex } from "./shards.ts";
import type { ScanLedger } from "./scan-ledger.ts";
import { judgeTemplate } from "./template-signs.ts";

/** How to scan. */
export interface ScanOptions extends OpenOptions {
  /** What the report calls the file. Default: its name. */
  readonly source?: string;
}

/** Errors of opening that say nothing about safety: a pickle without tensors, texts of NumPy, an index without its files. */
const harmless: ReadonlySet<string> = new Set([
  "bare-pickle",
  "npy-array",
  "needs-folder",
  "missing-shards",
  "folder-empty",
]);

/**
 * Scans a file, the files that it names if it is an index, or every file of a folder. Reads directories, pickles and the first bytes of every record, no weights.
 *
 * `result` is `"clean"` when all of it could be read and every name is known; `"findings"` when there is something to
 * look at; `"unreadable"` when nothing was found but part of it could not be read. A scan is a report and no guarantee:
 * see docs/security.md.
 *
 * Throws: `SourceError` when the file cannot be fetched, `UsageError` for what is no file or a folder nobody can list.
 *
 * @example
 * const { result, findings } = await scan(new Uint8Array(bytes));
 * for (const { severity, message } of findings) console.log(severity, message);
 */
export async function scan(file: Openable, options: ScanOptions = {}): Promise<ScanReport> {
  const { name = "", signal } = options;
  const finder = new PickleFinder({ limits: withLimits(options.limits), signal });
  if (isFolder(file)) {
    const files = await filesOf(file, name, signal);
    noteCode(files, finder.ledger);
    for (const { name: inner, byteLength } of files) {
      if (byteLength > 0) await scanInner(file, inner, finder);
    }
  } else {
    await finder.file(sourceOf(file), "", name);
    await scanNamed(sourceOf(file), options, finder);
  }
  const format = await opened(file, options, finder.ledger);
  return scanReport(options.source ?? name, { ...finder.ledger, format });
}

/** The files that an index names belong to it: what is in them is loaded with it. */
async function scanNamed(source: ByteSource, options: OpenOptions, finder: PickleFinder): Promise<void> {
  const { name, folder, signal } = options;
  const { ledger, limits } = finder;
  let names: readonly string[] | null;
  try {
    names = await filesOfIndex(await Candidate.of(source, { name, limits, signal }));
  } catch (error) {
    // Opening it comes to the same fault, and tells it.
    if (error instanceof FormatError || error instanceof LimitError) return;
    throw error;
  }
  if (names === null) return;
  if (folder === undefined) {
    const message = `the ${names.length} files that it names were not looked into`;
    ledger.faults.push({ code: "files-beside", where: "", message });
    return;
  }
  for (const inner of names) await scanInner(folder, inner, finder);
}

/** Scans a file of a folder. One that cannot be read leaves the others to be. */
async function scanInner(folder: Folder, inner: string, finder: PickleFinder): Promise<void> {
  const { ledger, signal } = finder;
  try {
    await finder.file(await folder.open(inner, signal), inner);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SourceError || error instanceof FormatError)) throw error;
    ledger.faults.push({ code: error.code, where: inner, message: error.message });
  }
}

/** Repositories of models may have their own Python code, which is not judged here. */
function noteCode(files: readonly FolderFile[], ledger: ScanLedger): void {
  const code = files.find(({ name }) => /\.(?:py|so|dll|dylib|pyd|pyc)$/i.test(name));
  if (code === undefined) return;
  const message = `it holds code (${quote(code.name)}), which some loaders run when they are told to trust it; it was not judged`;
  ledger.note("code-beside", "", message);
}

async function filesOf(
  folder: Folder,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly FolderFile[]> {
  const files = await folder.list(signal, "everything");
  if (files !== null) return files;
  throw new UsageError(`scanning ${quote(name)}: nobody can tell which files are in it`, {
    code: "folder-unlisted",
    hint: "Scan its files one by one.",
  });
}

/**
 * The format that the file opens as; null where it does not, and then the reason is among what was found. The metadata
 * of what opens are looked at for programs too.
 */
async function opened(file: Openable, options: OpenOptions, ledger: ScanLedger): Promise<string | null> {
  try {
    const { format, metadata } = await open(file, options);
    for (const [key, value] of Object.entries(metadata)) {
      if (typeof value === "string" && key.includes("template")) judgeTemplate(value, quote(key), ledger);
    }
    if (format === "distributed" && !isFolder(file)) {
      const message =
        "the files beside it, which hold pickles of their own, were not looked into; scan their folder";
      ledger.faults.push({ code: "files-beside", where: "", message });
    }
    return format;
  } catch (error) {
    // What is only a piece of a checkpoint does not open by itself.
    if (error instanceof UsageError || options.name?.endsWith(".distcp")) return null;
    // What was found before must not be lost with a file that cannot be fetched.
    if (!(error instanceof FormatError || error instanceof LimitError || error instanceof SourceError))
      throw error;
    options.signal?.throwIfAborted();
    const { code, message } = error;
    const isInflated = code === "archive" && ledger.notes.some((note) => note.code === "compressed");
    const isKnown = [...ledger.faults, ...ledger.findings].some((fact) => fact.code === code);
    const isPickle = code === "not-a-checkpoint" && ledger.pickles.some(({ where }) => where === "");
    if (harmless.has(code) || isKnown || isInflated || isPickle) return null;
    if (isMisleading(error)) ledger.danger(code, "", message);
    else ledger.faults.push({ code, where: "", message });
    return null;
  }
}
