/** The digits examples, run by their names: they learn what they say, and leave nothing in the project. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/state/load-file.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parascope-digits-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function lines(example: string, ...args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/run.js", "examples", example, ...args],
    { cwd: root, encoding: "utf8", env: { ...process.env, TMPDIR: folder, TEMP: folder } },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n");
}

describe("the digits examples", () => {
  it.each([
    ["digits", "hidden.weight"],
    ["digits-conv", "conv1.weight"],
  ])(
    "%s reads at least 97 percent of the test images",
    async (example, parameter) => {
      const printed = lines(example);
      const last = printed.findLast((line) => line.startsWith("epoch "));
      const [, percent] = /, ([\d.]+) % of the test images right$/.exec(last!)!;
      expect(Number(percent)).toBeGreaterThanOrEqual(97);
      // The report on gradients has a row for each parameter.
      expect(printed.some((line) => line.startsWith(`${parameter} `))).toBe(true);
      const checkpoint = await load<Map<string, Map<string, unknown>>>(join(folder, `${example}.pt`));
      expect([...checkpoint.get("model")!.keys()]).toContain(parameter);
    },
    60_000,
  );

  it("the letters of a text get likelier, and some are written", () => {
    const printed = lines("char-gpt", "--steps", "20", "--file", "LICENSE");
    const losses = printed.flatMap(
      (line) => /^step \d+: loss ([\d.]+)$/.exec(line)?.slice(1).map(Number) ?? [],
    );
    expect(losses).toHaveLength(11);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 1);
    expect(printed.slice(12).join("\n").length).toBeGreaterThan(300);
  }, 60_000);

  it("leave nothing but checkpoints, in the temporary folder", () => {
    expect(readdirSync(folder).sort()).toEqual(["digits-conv.pt", "digits.pt"]);
  });
});
