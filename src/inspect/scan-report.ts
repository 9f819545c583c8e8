/**
 * The report of a scan: what a file would have Python do when it is loaded without `weights_only`, and what about the
 * file is made to mislead. Plain data; `docs/scan.schema.json` says what its JSON is.
 */

import { printable, quote } from "../errors.ts";
import { judge } from "./verdict.ts";
import type { GlobalVerdict } from "./verdict-rules.ts";

/** One class or function that a pickle names, as the pickle machine tells it. */
export interface NamedGlobal {
  readonly module: string;
  readonly name: string;
  readonly writtenModule: string;
  readonly writtenName: string;
  readonly how: string;
  readonly offset: number;
  readonly count: number;
  readonly calls: number;
}

/** A pickle that was found, wherever it lies. */
export interface FoundPickle {
  /** The record of an archive, the file of a folder, …, that holds it; `""` for the file itself. */
  readonly where: string;
  /** Its first byte there, and the one after STOP, or at which it broke. */
  readonly start: number;
  readonly end: number;
  readonly protocol: number;
  /** Whether it can be read to its end. */
  readonly isComplete: boolean;
  readonly globals: readonly NamedGlobal[];
}

/** Something about a file that a reader of it should know. */
export interface ScanFinding {
  /** Stable identifier, in kebab case: `"dangerous-global"`. */
  readonly code: string;
  /** `"danger"` where loading the file would do harm or the file is made to mislead; `"warning"` where it could be. */
  readonly severity: "danger" | "warning";
  readonly where: string;
  readonly message: string;
}

/** What could not be read, or is worth knowing without being a fault. */
export interface ScanRemark {
  readonly code: string;
  readonly where: string;
  readonly message: string;
}

/** All that was learnt of a file, before it is judged. */
export interface ScanEvidence {
  /** The format of the file, null where it is none that can be opened. */
  readonly format: string | null;
  readonly pickles: readonly FoundPickle[];
  readonly findings: readonly ScanFinding[];
  readonly faults: readonly ScanRemark[];
  readonly notes: readonly ScanRemark[];
}

/** A name in the report. */
export interface ScannedGlobal {
  /** `module.name`, by Python 3's names. */
  readonly name: string;
  readonly verdict: GlobalVerdict;
  readonly reason: string;
  /** The name as it stands in the file where Python 2 called it otherwise; else null. */
  readonly written: string | null;
  readonly where: string;
  /** Where in the record it is named first, in bytes. */
  readonly offset: number;
  /** The opcode that names it: `GLOBAL`, `STACK_GLOBAL`, `INST` or `EXT`. */
  readonly how: string;
  /** How often it is named, and how often loading the file would call it. */
  readonly count: number;
  readonly calls: number;
}

/** What a scan says of a file. */
export interface ScanReport {
  readonly source: string;
  readonly format: string | null;
  /** `"unreadable"` where nothing was found but not everything could be read: it is not the same as clean. */
  readonly result: "clean" | "findings" | "unreadable";
  readonly pickles: readonly Omit<FoundPickle, "globals">[];
  /** Every name, the dangerous ones first. */
  readonly globals: readonly ScannedGlobal[];
  readonly findings: readonly ScanFinding[];
  /** What could not be read. */
  readonly faults: readonly ScanRemark[];
  readonly notes: readonly ScanRemark[];
}

/** The order of the report: what matters most comes first. */
const verdictOrder: readonly GlobalVerdict[] = ["dangerous", "unknown", "known", "allowed"];

/**
 * Judges what was found in a file.
 *
 * @example
 * const { result, globals } = scanReport("model.pt", evidence);
 */
export function scanReport(source: string, evidence: ScanEvidence): ScanReport {
  const globals = judged(evidence.pickles);
  const findings = [...globals.flatMap(findingOf), ...evidence.findings];
  findings.sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
  return {
    source,
    format: evidence.format,
    result: findings.length > 0 ? "findings" : evidence.faults.length > 0 ? "unreadable" : "clean",
    pickles: evidence.pickles.map(({ where, start, end, protocol, isComplete }) => {
      return { where, start, end, protocol, isComplete };
    }),
    globals,
    findings,
    faults: evidence.faults,
    notes: evidence.notes,
  };
}

/** The names of all pickles, one row for each place that has it. */
function judged(pickles: readonly FoundPickle[]): ScannedGlobal[] {
  const rows = new Map<string, ScannedGlobal>();
  for (const { where, globals } of pickles) {
    for (const { module, name, writtenModule, writtenName, how, offset, count, calls } of globals) {
      const full = `${module}.${name}`;
      const written = `${writtenModule}.${writtenName}`;
      const key = JSON.stringify([where, module, name]);
      const before = rows.get(key);
      rows.set(key, {
        name: full,
        ...judge(module, name),
        written: written === full ? null : written,
        where,
        offset: before?.offset ?? offset,
        how: before?.how ?? how,
        count: count + (before?.count ?? 0),
        calls: calls + (before?.calls ?? 0),
      });
    }
  }
  const rank = ({ verdict }: ScannedGlobal): number => verdictOrder.indexOf(verdict);
  return [...rows.values()].sort((a, b) => rank(a) - rank(b));
}

function findingOf(global: ScannedGlobal): ScanFinding[] {
  const { verdict, reason, where, calls } = global;
  if (verdict !== "dangerous" && verdict !== "unknown") return [];
  const does = `${calls > 0 ? "calls" : "names"} ${quote(global.name)}`;
  return [
    {
      code: verdict === "dangerous" ? "dangerous-global" : "unknown-global",
      severity: verdict === "dangerous" ? "danger" : "warning",
      where,
      message: `loading it ${does}: ${printable(reason)}`,
    },
  ];
}
