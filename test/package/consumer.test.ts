/** The package as its users get it: packed, unpacked beside a program of theirs, compiled against and run. */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const program = `
import { nn, open, renderText, report, selector, UsageError, type Catalog, type Entry, type Tensor } from "parascope";

class Net extends nn.Module {
  embed = new nn.Embedding(10, 8);
  layers = new nn.ModuleList([new nn.TransformerEncoderLayer(8, 2), new nn.TransformerEncoderLayer(8, 2)]);
  heads = new nn.ModuleDict({ start: new nn.Linear(8, 1), norm: new nn.BatchNorm1d(8) });
  forward(x: Tensor): Tensor {
    return (this as Net).getSubmodule("heads.start")(x);
  }
}
const net = new Net();
net.getParameter("layers.1.self_attn.out_proj.weight");
net.getBuffer("heads.norm.running_mean");
for (const [name] of net.namedParameters()) if (name === "embed.weight") break;
// @ts-expect-error: misspelt
void (() => net.getParameter("layers.1.self_atn.out_proj.weight"));
// @ts-expect-error: there are two layers
void (() => net.getParameter("layers.2.norm1.bias"));
// @ts-expect-error: a parameter
void (() => net.getBuffer("embed.weight"));

const catalog: Catalog = await open(new Uint8Array(0)).catch(() => open(SOURCE));
const biases: Entry[] = catalog.entries.filter((entry) => selector("**.bias")(entry.name));
const first: number | undefined = biases[0]?.shape[0];
// @ts-expect-error: entries are not to be written to
catalog.entries[0].name = "x";
// @ts-expect-error: there is no such option
report(catalog, { sauce: "x" });
console.log(renderText(report(catalog, { source: "it" })).at(-2), first, new UsageError("m", { code: "c" }).code);
`;

/** Runs a program that must succeed; gives what it printed. */
function run(file: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: "utf8" });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

let folder = "";
let files: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parascope-consumer-"));
  run(process.execPath, ["scripts/build.js"], root);
  const npm = process.env["npm_execpath"];
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const packed = npm === undefined ? run("npm", args, root) : run(process.execPath, [npm, ...args], root);
  const [facts] = JSON.parse(packed) as { filename: string; files: { path: string }[] }[];
  files = facts!.files.map(({ path }) => path);
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  run("tar", ["-xzf", facts!.filename], folder);
  cpSync(join(folder, "package"), join(modules, "parascope"), { recursive: true });
  for (const name of ["commander", "@types", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Compiles the program as a user would, checking our declarations too. */
function compile(name: string, source: string, options: Readonly<Record<string, unknown>>): string {
  const at = join(folder, name);
  mkdirSync(at);
  writeFileSync(join(at, "package.json"), '{ "type": "module" }');
  writeFileSync(join(at, "program.ts"), source);
  const compilerOptions = { target: "es2022", strict: true, skipLibCheck: false, outDir: "out", ...options };
  writeFileSync(join(at, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", at], at);
  return join(at, "out/program.js");
}

describe("the packed package", () => {
  it("has the build, the words about it, and nothing else", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "package.json",
        "docs/from-pytorch.md",
        "docs/list.schema.json",
      ]),
    );
    expect(files).toEqual(
      expect.arrayContaining([
        "dist/index.js",
        "dist/index.d.ts",
        "dist/index.node.js",
        "dist/bin/parascope.js",
      ]),
    );
    expect(
      files.filter(
        (path) =>
          !/^(dist\/.*\.(js|d\.ts|json|cache)|docs\/[\w-]+\.(schema\.json|md)|[\w.-]+)$/.test(path) ||
          /\.test\.|stamp/.test(path),
      ),
    ).toEqual([]);
  });

  it("carries no path of the machine that built it", () => {
    const text = files
      .filter((path) => /\.(js|cache)$/.test(path))
      .map((path) => readFileSync(join(folder, "package", path), "latin1"));
    expect(text.filter((code) => code.includes(root))).toEqual([]);
  });

  it("compiles and runs for a program of Node", () => {
    const sample = JSON.stringify(join(root, "examples/sample.pt"));
    const compiled = compile("node", program.replace("SOURCE", sample), {
      module: "nodenext",
      lib: ["es2023"],
      types: ["node"],
    });
    expect(run(process.execPath, [compiled], folder)).toMatch(
      /^it \(torch-zip\): 13 tensors; 1,305 parameters.* 8 c\n$/,
    );
  });

  it("compiles for a bundler of pages, where there is no Node", () => {
    compile("bundler", program.replace("SOURCE", 'new Blob(["x"])'), {
      module: "esnext",
      moduleResolution: "bundler",
      lib: ["es2023", "dom"],
      types: [],
    });
    expect(() =>
      compile("bundler-refused", program.replace("SOURCE", '"a path"'), {
        module: "esnext",
        moduleResolution: "bundler",
        lib: ["es2023", "dom"],
        types: [],
      }),
    ).toThrow(/not assignable/);
  });

  it("brings the command", () => {
    const { bin } = JSON.parse(readFileSync(join(folder, "package/package.json"), "utf8")) as {
      bin: { parascope: string };
    };
    const command = join(folder, "node_modules/parascope", bin.parascope);
    expect(run(process.execPath, [command, join(root, "examples/sample.pt")], folder)).toContain(
      "13 tensors",
    );
    expect(run(process.execPath, [command, "--version"], folder)).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
