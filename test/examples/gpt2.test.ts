/**
 * The GPT-2 of the examples gives the logits that the transformers library gives with the same file. The files, 1 GB,
 * are made in a temporary folder by the Python in `.oracle`; where there is none the suite says so and skips.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load, noGrad, tensor } from "parascope";
import { GPT2 } from "../../examples/networks/gpt2.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, ".oracle/bin/python");
const hasOracle = existsSync(python);
if (!hasOracle)
  console.warn("skipped: no Python with transformers in .oracle, so no GPT-2 was made and compared");

interface Expected {
  readonly tokens: number[][];
  readonly logits: number[];
  readonly values: number[];
  readonly next: number[];
}

describe.skipIf(!hasOracle)("the GPT-2 example", () => {
  let folder = "";
  let expected: Expected;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "parascope-gpt2-"));
    const script = fileURLToPath(new URL("gpt2.py", import.meta.url));
    const output = execFileSync(python, ["-W", "ignore", script, folder], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 2 ** 26,
    });
    expected = JSON.parse(output) as Expected;
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(["model.safetensors", "state.pt"])(
    "gives the same logits from %s",
    async (name) => {
      const state = await load(join(folder, name));
      if (!state.has("lm_head.weight")) state.set("lm_head.weight", state.get("transformer.wte.weight")!);
      const model = new GPT2({}, { device: "meta" });
      expect(String(model.loadStateDict(state, { assign: true }))).toBe("<All keys matched successfully>");
      const logits = noGrad(() => model.eval()(tensor(expected.tokens)).at(0, -1)).tolist() as number[];
      expect(logits).toHaveLength(expected.logits.length);
      const largest = logits.reduce(
        (most, value, k) => Math.max(most, Math.abs(value - expected.logits[k]!)),
        0,
      );
      expect(largest).toBeLessThan(1e-4);
    },
    60_000,
  );

  it("runs from the command line", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        "scripts/run.js",
        "examples",
        "gpt2",
        join(folder, "model.safetensors"),
        ...expected.tokens[0]!.map(String),
      ],
      { cwd: root, encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("<All keys matched successfully>");
    expect(stdout).toContain(`next: ${expected.next.join(" ")}\n`);
  }, 60_000);
});
