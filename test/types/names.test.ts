/** Typed names at run time, and the work the compiler has with them in a large network. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completionsOf } from "./language-server.ts";
import { Base, Classifier, Typed, anyNetwork, checkNames } from "./names.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("names that compile", () => {
  it("mean what their types say", () => {
    expect(() => checkNames()).not.toThrow();
    expect([...new Base().ownWeight().shape]).toEqual([1]);
    expect([...anyNetwork(new Classifier(), "extra").shape]).toEqual([1]);
    expect([...new Typed().first().shape]).toEqual([3, 2]);
  });
});

const header = (source: string): string => `
import { Buffer, Identity, Linear, Module, Parameter, Sequential } from "${source}/nn/index.ts";
import { ones } from "${source}/ops/creation.ts";
import type { Tensor } from "${source}/tensor/tensor.ts";
export class Block extends Module {
  fc1 = new Linear(1, 2);
  act = new Identity();
  fc2 = new Linear(2, 1);
  body = new Sequential(new Linear(2, 2), new Identity(), new Sequential(new Linear(2, 2)));
  gain = new Parameter(ones(1));
  mean = new Buffer(ones(1));
  override forward(x: Tensor): Tensor { return this.fc2(this.act(this.fc1(x))); }
}
`;

const network = `
class Big extends Module {
${Array.from({ length: 200 }, (_, k) => `  block${k} = new Block();`).join("\n")}
}
const net = new Big();
net.getParameter("block0.fc1.weight");
net.getParameter("block199.body.2.0.bias");
net.getBuffer("block7.mean");
export const inner: Linear = net.getSubmodule("block3.body.0");
// @ts-expect-error misspelt
net.getParameter("block0.fc1.wieght");
new Map(net.namedParameters()).get("block100.gain");
`;

describe("a network of 200 blocks", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "names-"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Compiles a program that stands outside the project; gives its own errors and how many types were made. */
  const compile = (name: string, program: string): { errors: string[]; instantiations: number } => {
    writeFileSync(join(folder, `${name}.ts`), program);
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        types: [],
        noEmit: true,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
      },
      include: [],
      exclude: [],
      files: [`${name}.ts`],
    };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(config));
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const run = spawnSync(
      process.execPath,
      [compiler, "-p", join(folder, `${name}.json`), "--extendedDiagnostics"],
      { cwd: folder, encoding: "utf8" },
    );
    const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(run.stdout)?.[1]);
    return {
      errors: run.stdout.split("\n").filter((line) => line.startsWith(`${name}.ts(`)),
      instantiations,
    };
  };

  it("has its names completed", async () => {
    const source = relative(folder, join(root, "src")).replaceAll(sep, "/");
    const calls = ["net.getParameter(", "net.getBuffer(", "net.getSubmodule(", "parameters.get("];
    const program = `${header(source)}
const net = new Sequential(new Block(), new Identity());
const parameters = new Map(net.namedParameters());
${calls.map((call) => `${call}"");`).join("\n")}
`;
    const file = join(folder, "completed.ts");
    writeFileSync(file, program);
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const found = await completionsOf(compiler, file, program, calls);
    const parameters = [
      "0.body.0.bias",
      "0.body.0.weight",
      "0.body.2.0.bias",
      "0.body.2.0.weight",
      "0.fc1.bias",
      "0.fc1.weight",
      "0.fc2.bias",
      "0.fc2.weight",
      "0.gain",
    ];
    const modules = ["", "0", "0.act", "0.body", "0.body.0", "0.body.1", "0.body.2", "0.body.2.0"];
    expect(Object.fromEntries(calls.map((call) => [call, [...found[call]!].sort()]))).toEqual({
      "net.getParameter(": parameters,
      "net.getBuffer(": ["0.mean"],
      "net.getSubmodule(": [...modules, "0.fc1", "0.fc2", "1"],
      "parameters.get(": parameters,
    });
  }, 60_000);

  // Seconds depend on the machine. It makes 25 000 types, of the 170 000 of any program; without a cap it would be millions.
  it("is checked without much work", () => {
    const source = relative(folder, join(root, "src")).replaceAll(sep, "/");
    const small = compile("small", header(source));
    const big = compile("big", header(source) + network);
    expect(small.errors).toEqual([]);
    expect(big.errors).toEqual([]);
    expect(big.instantiations - small.instantiations).toBeLessThan(60_000);
  });
});
