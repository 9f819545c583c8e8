/** The page about gradients shows the example as it is, and what it prints. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/gradients.md"), "utf8");

/** What stands between the first fences of a language. */
function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(page)![1]!;
}

it("docs/gradients.md shows examples/gradient-report.ts and its output", () => {
  expect(block("ts")).toBe(readFileSync(join(root, "examples/gradient-report.ts"), "utf8"));
  const args = ["scripts/run.js", "examples", "gradient-report"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(block("console")).toBe(`$ npm run -s example gradient-report\n${stdout}`);
});
