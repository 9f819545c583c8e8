/** `parascope scan`: what a SOURCE would have Python do, and what about it is made to mislead. Runs nothing of it. */

import type { ScanReport } from "../inspect/scan-report.ts";
import { renderScanJson, renderScanText } from "../inspect/scan-text.ts";
import { scan as scanPlace } from "../node/scan.ts";
import { printable } from "../errors.ts";
import { stylerOf, whileWaiting } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

/** The options of `scan`, as the command line gives them. */
export interface ScanCommandOptions {
  readonly json?: boolean;
}

/** Scans a SOURCE, prints the report and gives what came of it. */
export async function scan(
  source: string,
  { json }: ScanCommandOptions,
  terminal: Terminal,
): Promise<ScanReport["result"]> {
  const report = await whileWaiting(terminal, `scanning ${source} …`, scanPlace(source));
  const text = json
    ? renderScanJson(report)
    : renderScanText(report, { style: stylerOf(terminal) }).join("\n");
  terminal.print(`${text}\n`);
  const [fault] = report.faults;
  if (report.result === "unreadable" && fault !== undefined) {
    terminal.complain(
      `parascope: ${printable(source)}: not all of it could be read: ${printable(fault.message)}.\n`,
    );
  }
  return report.result;
}
