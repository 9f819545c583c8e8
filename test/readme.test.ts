/** The README keeps its word: its commands print what it shows, its program is the example it names. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** What stands between the fences of a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1]!,
  );
}

/** The words of a command line; single quotes keep theirs together. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map((match) => match[1] ?? match[0]);
}

/** Runs a command of the README as its reader would, with what stands in this clone. */
function run(line: string): string {
  const [npx, command, ...args] = words(line);
  const file =
    npx === "npx" && command === "parascope"
      ? ["dist/bin/parascope.js", ...args]
      : ["scripts/run.js", "examples", args.at(-1)!];
  const { status, stdout, stderr } = spawnSync(process.execPath, file, { cwd: root, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

beforeAll(() => {
  const built = spawnSync(process.execPath, ["scripts/build.js", "command"], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
});

describe("the README", () => {
  const shown = blocks("console").map((block) => /^\$ (.*)\n([^]*)$/.exec(block)!);

  it("shows commands with their output", () => {
    expect(shown.length).toBeGreaterThanOrEqual(4);
  });

  it.each(shown.map(([, line, output]) => [line!, output!]))("%s prints what it shows", (line, output) => {
    expect(run(line)).toBe(output);
  });

  it("shows the examples that it names", () => {
    const named = [...readme.matchAll(/<!-- (examples\/\S+) -->/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThanOrEqual(2);
    expect(blocks("ts")).toEqual(named.map((path) => readFileSync(join(root, path), "utf8")));
  });

  it("links to files that exist", () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });

  it("names scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run (?:-s )?([\w:]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
