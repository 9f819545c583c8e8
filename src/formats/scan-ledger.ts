/** What a scan has found so far, and how a fault of reading counts. The verdict on it is in `inspect/scan-report.ts`. */

import { FormatError, LimitError } from "../errors.ts";
import type { FoundPickle, ScanFinding, ScanRemark } from "../inspect/scan-report.ts";
import { isMisleading } from "./archive-signs.ts";

/** Where something is: the place around it, and its name in there. */
export function inside(where: string, name: string): string {
  return where === "" ? name : `${where} > ${name}`;
}

/** Pickles, findings, faults and notes in the order in which they were met. */
export class ScanLedger {
  readonly pickles: FoundPickle[] = [];
  readonly findings: ScanFinding[] = [];
  readonly faults: ScanRemark[] = [];
  readonly notes: ScanRemark[] = [];

  /** Something that does harm, or is made to mislead. */
  danger(code: string, where: string, message: string): void {
    this.findings.push({ code, severity: "danger", where, message });
  }

  /** Something that could do harm. */
  warning(code: string, where: string, message: string): void {
    this.findings.push({ code, severity: "warning", where, message });
  }

  note(code: string, where: string, message: string): void {
    this.notes.push({ code, where, message });
  }

  polyglot(where: string, message: string): void {
    this.danger("polyglot", where, `${message}: programs differ on what it is`);
  }

  /** A fault of reading: a finding where it misleads, else something that could not be read. Throws any other error. */
  fault(error: unknown, where: string): void {
    if (!(error instanceof FormatError || error instanceof LimitError)) throw error;
    const { code, message } = error;
    if (isMisleading(error)) this.danger(code, where, message);
    else this.faults.push({ code, where, message });
  }
}
