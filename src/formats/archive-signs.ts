/** What the names of an archive's records, and the errors of reading it, say of its intentions. */

import { FormatError, quote } from "../errors.ts";
import type { ScanFinding, ScanRemark } from "../inspect/scan-report.ts";

/** What makes an archive one thing to one program and another to the next: findings, not mere damage. */
const misleading: ReadonlySet<string> = new Set([
  "zip-duplicate-name",
  "zip-overlap",
  "zip-name-mismatch",
  "zip-method-mismatch",
  "zip-size-mismatch",
  "zip-encrypted",
  "zip-name",
  "zip-ambiguous",
  "zip-local-header",
  "tar-duplicate-name",
  "outside-folder",
]);

/** Whether an error says that a file is made to mislead, or that it is used to break out of its folder. */
export function isMisleading(error: unknown): error is FormatError {
  return error instanceof FormatError && misleading.has(error.code);
}

/** Whether a name in an archive would leave the folder that it is unpacked in. */
export function leavesFolder(name: string): boolean {
  return /^[/\\]|^[a-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\u0000-\u001f]/i.test(name);
}

/** The finding about a name that would leave its folder. */
export function traversal(name: string, where: string): ScanFinding {
  return {
    code: "path-traversal",
    severity: "danger",
    where,
    message: `a record is called ${quote(name)}: unpacking it would write outside of the folder`,
  };
}

/** What there is to say of the programs among records. */
export interface ProgramSigns {
  readonly findings: readonly ScanFinding[];
  readonly notes: readonly ScanRemark[];
}

/** Records that are programs: those of TorchScript are its very content, others run when something loads them. */
export function programsAmong(names: readonly string[], where: string): ProgramSigns {
  const findings: ScanFinding[] = [];
  const notes: ScanRemark[] = [];
  const native = names.find((name) => /\.(?:so|dll|dylib|exe|pyd|pyc|o)$/i.test(name));
  if (native !== undefined) {
    const message = `it holds compiled code (${quote(native)}), which runs when the file is loaded`;
    findings.push({ code: "native-code", severity: "warning", where, message });
  }
  const source = names.find((name) => name.endsWith(".py"));
  const isScript = names.some((name) => /(?:^|\/)(?:constants\.pkl|model\.json)$/.test(name));
  if (source !== undefined && isScript) {
    const message =
      "it holds a TorchScript program, which runs when the model is called; it can read and write files";
    notes.push({ code: "torchscript-program", where, message });
  } else if (source !== undefined) {
    const message = `it holds Python code (${quote(source)}), which runs when the package is imported`;
    findings.push({ code: "python-code", severity: "warning", where, message });
  }
  return { findings, notes };
}
