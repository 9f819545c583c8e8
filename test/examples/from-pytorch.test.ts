/** `docs/from-pytorch.md` keeps its word: what it shows compiles, and runs from top to bottom. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/from-pytorch.md"), "utf8");
const setup = /^```ts\n([^]*?)^```$/m.exec(page)![1]!;
const rows = page
  .split("\n")
  .map((line) => /^\| (.*) \| `(.*)` \|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, theirs, ours]) => ({ theirs: theirs!, ours: ours! }));

/** What the page says does not compile: the compiler complains where it does. */
const misspelt = `export function wrong(): void {
  // @ts-expect-error: there is no such parameter
  model.getParameter("head.weigth");
}`;

let folder = "";
let program = "";
beforeAll(() => {
  // Below the project, so that the compiler finds its types.
  const cache = join(root, "node_modules/.cache/parascope");
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "page-"));
  program = join(folder, "page.ts");
  writeFileSync(program, `${setup}\n${rows.map(({ ours }) => ours).join("\n")}\n${misspelt}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the page for those who come from PyTorch", () => {
  it("has a page of rows, each with what it is in PyTorch", () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ theirs }) => !/^(`|–)/.test(theirs))).toEqual([]);
  });

  it("compiles", () => {
    const options = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: true,
        noUnusedLocals: false,
        paths: { parascope: [join(root, "src/index.node.ts")] },
      },
      include: [program],
      exclude: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--listFiles"],
      { encoding: "utf8" },
    );
    expect(stdout.split("\n").filter((line) => line.includes("page.ts"))).toEqual([program]);
    expect(status).toBe(0);
  }, 60_000);

  it("runs", () => {
    const files = mkdtempSync(join(tmpdir(), "parascope-page-"));
    try {
      const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/run.js"), program], {
        cwd: files,
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    } finally {
      rmSync(files, { recursive: true });
    }
  }, 60_000);
});
