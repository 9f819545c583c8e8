/** `parascope scan` through the command line's own entry, in this process: what it prints and its exit status. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "./parascope.ts";
import { parascope } from "./parascope.ts";

let folder = "";
const files: Readonly<Record<string, string>> = {
  "clean.pkl": "\u0080\u0002}.",
  "evil.pkl": "cos\nsystem\n(S'x'\ntR.",
  "picture.pt": "\u0089PNG\r\n\u001a\n",
  "program.mjs": "globalThis.wasRun = true; export default null;",
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parascope-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, "latin1");
});
afterAll(() => rmSync(folder, { recursive: true }));

const scan = (...args: readonly string[]): Promise<Outcome> => parascope(["scan", ...args]);

describe("scan", () => {
  // prettier-ignore
  it.each<[string, string[], number, RegExp, RegExp]>([
    ["a clean file", ["clean.pkl"], 0, /clean\.pkl: clean; 1 pickle\nNothing of it was run\.\n$/, /^$/],
    ["findings", ["evil.pkl"], 1, /evil\.pkl: 1 finding; 1 pickle\nDANGER {3}loading it calls "os\.system"/, /^$/],
    ["what is no checkpoint", ["picture.pt"], 2, /picture\.pt: not readable; 0 pickles\n/, /^parascope: [^\n]*PNG picture[^\n]*\n$/],
    ["what is not there", ["gone.pt"], 2, /^$/, /^parascope: [^\n]*no such file[^\n]*\n$/],
    ["several files", ["clean.pkl", "evil.pkl"], 1, /clean;[^]*DANGER/, /^$/],
    ["several, one of which is not there", ["gone.pt", "evil.pkl"], 2, /^[^\n]*evil[^]*DANGER/, /^parascope: [^\n]*no such file[^\n]*\n$/],
    ["a folder", ["."], 1, /evil\.pkl\)/, /^$/],
  ])("of %s", async (_, names, status, out, err) => {
    const outcome = await scan(...names.map((name) => join(folder, name)));
    expect(outcome.status).toBe(status);
    expect(outcome.out).toMatch(out);
    expect(outcome.err).toMatch(err);
  });

  it("prints JSON for programs", async () => {
    const { status, out } = await scan("--json", join(folder, "evil.pkl"));
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ result: "findings", globals: [{ name: "os.system", calls: 1 }] });
  });

  it("never runs a program that it is given", async () => {
    expect((await scan(join(folder, "program.mjs"))).status).toBe(2);
    expect(globalThis).not.toHaveProperty("wasRun");
  });

  it("needs a SOURCE", async () => {
    const { status, out, err } = await scan();
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toMatch(/^parascope: [^\n]+\n$/);
  });
});
