/** Runs case files and says what PyTorch did otherwise. Knows no kind: it is handed them. */

import { readFileSync } from "node:fs";
import { printable, quote } from "../../src/errors.ts";
import { asList, asRecord, asText, CaseError } from "./case-data.ts";
import type { CaseRecord } from "./case-data.ts";
import type { Kind, Mismatch } from "./kind.ts";

/** Where the runner writes, a line at a time. */
export interface Report {
  /** Results: failing cases, and the closing line. */
  result(line: string): void;
  /** Why a file could not be run. */
  trouble(line: string): void;
}

/** A case file of a known kind. */
interface CaseFile {
  readonly kind: Kind;
  readonly cases: readonly CaseRecord[];
}

/**
 * Runs the cases of all `files`, reports each failing one with what was expected and found, and closes with
 * `N passed, N failed`. A file that cannot be run does not keep the others from running.
 *
 * Returns the exit status: 0 when all passed, 1 when a case failed, 2 when a file could not be run or none was given.
 */
export function runFiles(files: readonly string[], kinds: ReadonlyMap<string, Kind>, report: Report): number {
  if (files.length === 0) {
    report.trouble("usage: npm run conformance -- FILE.json…");
    return 2;
  }
  let passed = 0;
  let failed = 0;
  let hasTrouble = false;
  for (const file of files) {
    const opened = openCases(file, kinds);
    if (typeof opened === "string") {
      report.trouble(`running ${quote(file)}: ${opened}`);
      hasTrouble = true;
      continue;
    }
    for (const [index, given] of opened.cases.entries()) {
      const mismatches = mismatchesOf(opened.kind, given);
      if (mismatches.length === 0) {
        passed++;
        continue;
      }
      failed++;
      const name = typeof given["name"] === "string" ? ` ${quote(given["name"])}` : "";
      report.result(`FAILED ${printable(file)}, case ${index}${name}`);
      for (const mismatch of mismatches) reportMismatch(mismatch, report);
    }
  }
  report.result(`${passed} passed, ${failed} failed`);
  return hasTrouble ? 2 : failed > 0 ? 1 : 0;
}

/** The cases of a file, or a sentence saying why there are none. */
function openCases(file: string, kinds: ReadonlyMap<string, Kind>): CaseFile | string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown cause"})`;
  }
  try {
    const content = asRecord(JSON.parse(text), "the file");
    const name = asText(content["kind"], "kind");
    const kind = kinds.get(name);
    if (kind === undefined) {
      return `its kind is ${quote(name)}, the known kinds are ${[...kinds.keys()].join(", ")}`;
    }
    const cases = asList(content["cases"], "cases");
    return { kind, cases: cases.map((given, index) => asRecord(given, `case ${index}`)) };
  } catch (error) {
    if (error instanceof SyntaxError) return `it is not JSON (${printable(error.message)})`;
    if (error instanceof CaseError) return error.message;
    throw error;
  }
}

/** What a case found wrong; an error in it is a mismatch of its own. */
function mismatchesOf(kind: Kind, given: CaseRecord): readonly Mismatch[] {
  try {
    return kind.check(given);
  } catch (error) {
    const found = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [{ what: "the case", expected: "to run", found }];
  }
}

function reportMismatch({ what, expected, found }: Mismatch, report: Report): void {
  report.result(`  ${what}`);
  for (const [title, text] of [
    ["expected", expected],
    ["found", found],
  ] as const) {
    report.result(`    ${title}`);
    for (const line of text.split("\n")) report.result(`      |${printable(line)}|`);
  }
}
