/**
 * The documents' programs print what PyTorch prints. `seeds.json` is recorded by `seeds.py` from the Python programs;
 * only `True` and `False` are spelt as JavaScript spells them.
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { outputs } = JSON.parse(readFileSync(new URL("seeds.json", import.meta.url), "utf8")) as {
  readonly outputs: Readonly<Record<string, string>>;
};

/** What a program prints in this process. */
async function printed(program: string, seed: string, args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const { format } = await import("node:util");
  vi.spyOn(console, "log").mockImplementation(
    (...values: unknown[]) => void lines.push(`${format(...values)}\n`),
  );
  vi.stubEnv("PARASCOPE_SEED", seed);
  const { argv } = process;
  process.argv = [argv[0]!, program, ...args];
  vi.resetModules();
  try {
    await import(`../../examples/seeds/${program}.ts`);
  } finally {
    process.argv = argv;
  }
  return lines.join("");
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Python's booleans as JavaScript writes them. */
function withOurBooleans(text: string): string {
  return text.replaceAll(/: (True|False)$/gm, (_, value: string) => `: ${value.toLowerCase()}`);
}

describe("the documents' programs", () => {
  it("are all here", () => {
    const programs = readdirSync(new URL("../../examples/seeds/", import.meta.url))
      .map((file) => file.replace(/\.ts$/, ""))
      .filter((name) => /^\d{3}-\d$/.test(name));
    const recorded = new Set(Object.keys(outputs).map((key) => key.slice(0, "000-1".length)));
    expect(programs.sort()).toEqual([...recorded].sort());
    expect(programs).toHaveLength(12);
  });

  it.each(Object.entries(outputs))("print as PyTorch: %s", async (key, expected) => {
    const [program, seed, ...args] = key.split(" ");
    expect(await printed(program!, seed!, args)).toBe(withOurBooleans(expected));
  });

  it("run by their names, and print nothing else", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["scripts/run.js", "examples", "seeds/002-3"],
      { cwd: root, encoding: "utf8", env: { ...process.env, PARASCOPE_SEED: "" } },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: outputs["002-3 0"], stderr: "" });
  });

  it("list every parameter once where the document repeats them", async () => {
    const wrong = withOurBooleans(outputs["002-2 0"]!).split("\n");
    const right = (await printed("002-2-right", "0", [])).split("\n");
    expect(right).toEqual([...wrong.slice(0, 4), ""]);
  });
});
