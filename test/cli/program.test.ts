/** `parascope list net.mjs`: a program that exports a network, which uses another copy of the package than the command. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const library = pathToFileURL(join(root, "dist/index.node.js")).href;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parascope-program-"));
  const { status, stderr } = spawnSync(process.execPath, ["scripts/build.js", "command", "library"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const network = `
import { manualSeed, nn, ones, zeros } from ${JSON.stringify(library)};
export class Net extends nn.Module {
  embed = new nn.Embedding(7, 4);
  body = new nn.Sequential(new nn.Linear(4, 4), new nn.BatchNorm1d(4));
  head = new nn.Linear(4, 7, { bias: false });
  cache = new nn.Buffer(zeros(3), { persistent: false });
  constructor() {
    super();
    this.head.weight = this.embed.weight;
    this.body[0].bias.requiresGrad_(false);
  }
  forward(x) { return this.head(this.body(this.embed(x))); }
}
manualSeed(0);
`;

/** Writes a program and runs the command on it. */
function list(name: string, program: string, args: readonly string[] = []) {
  writeFileSync(join(folder, name), program);
  return run(name, args);
}

function run(name: string, args: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "dist/bin/parascope.js"), "list", name, ...args],
    { cwd: folder, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

describe("listing a program", () => {
  it("shows what is trained, tied and has a gradient", () => {
    const program = `${network}
      const net = new Net();
      net.embed.weight.grad = ones(7, 4);
      export default net;`;
    expect(list("net.mjs", program)).toEqual({
      status: 0,
      stderr: "",
      stdout: `name                        shape   dtype    elements   size  kind       requires_grad  gradient  notes
cache                       [3]     float32         3   12 B  buffer     False          –
embed.weight                [7, 4]  float32        28  112 B  parameter  True           yes       = head.weight
body.0.weight               [4, 4]  float32        16   64 B  parameter  True           none
body.0.bias                 [4]     float32         4   16 B  parameter  False          –
body.1.weight               [4]     float32         4   16 B  parameter  True           none
body.1.bias                 [4]     float32         4   16 B  parameter  True           none
body.1.running_mean         [4]     float32         4   16 B  buffer     False          –
body.1.running_var          [4]     float32         4   16 B  buffer     False          –
body.1.num_batches_tracked  []      int64           1    8 B  buffer     False          –
head.weight                 [7, 4]  float32        28  112 B  parameter  True           yes       = embed.weight

net.mjs (module): 10 tensors; 56 parameters, 52 trainable; 12 in buffers; 276 B
note: "embed.weight" and "head.weight" are one tensor under several names; counted once.
note: 1 buffer is left out of its state_dict().
`,
    });
  });

  it.each([
    ["a function", "export default () => new Net();"],
    ["a function that takes its time", "export default async () => new Net();"],
    ["a class", "export default Net;"],
  ])("runs %s that makes the network", (_, ending) => {
    const { status, stdout } = list("made.mjs", network + ending, ["--json"]);
    const report = JSON.parse(stdout) as {
      format: string;
      entries: { name: string; hasGradient: boolean; kindFrom: string }[];
      modules: { name: string; class: string; training: boolean }[];
    };
    expect({ status, format: report.format }).toEqual({ status: 0, format: "module" });
    expect(report.entries).toHaveLength(10);
    expect(report.entries[1]).toMatchObject({
      name: "embed.weight",
      hasGradient: false,
      kindFrom: "recorded",
    });
    expect(report.modules.map(({ name, class: className }) => [name, className])).toEqual([
      ["", "Net"],
      ["embed", "torch.nn.modules.sparse.Embedding"],
      ["body", "torch.nn.modules.container.Sequential"],
      ["body.0", "torch.nn.modules.linear.Linear"],
      ["body.1", "torch.nn.modules.batchnorm.BatchNorm1d"],
      ["head", "torch.nn.modules.linear.Linear"],
    ]);
  });

  it("reads the elements for digests", () => {
    const program = `import { nn, zeros } from ${JSON.stringify(library)};
      class One extends nn.Module { weight = new nn.Parameter(zeros(2)); }
      export default new One();`;
    const { stdout } = list("one.mjs", program, ["--json", "--hash"]);
    // The SHA-256 of eight zero bytes.
    expect(stdout).toContain('"sha256":"af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc"');
  });

  it("keeps what the program prints out of the list", () => {
    const program = `${network} console.log("making a network"); export default new Net();`;
    const { stdout, stderr } = list("loud.mjs", program, ["--json"]);
    expect(stderr).toBe("making a network\n");
    expect(JSON.parse(stdout)).toMatchObject({ source: "loud.mjs" });
  });

  it("says that there is no such program", () => {
    expect(run("missing.mjs")).toEqual({
      status: 2,
      stdout: "",
      stderr: 'parascope: opening "missing.mjs": there is no such file. Check the path.\n',
    });
  });

  it.each([
    ["exports nothing", "", /its default export is no network, and makes none\. Expected a Module/],
    ["exports a number", "export default 7;", /its default export is no network/],
    ["fails", 'throw new TypeError("no weights");', /running "bad\.mjs": TypeError: no weights\.$/m],
    ["does not parse", "export default {", /running "bad\.mjs": SyntaxError/],
    [
      "has a wrong value in a slot",
      `${network} const net = new Net(); [...net.modules()]; net.embed = 3; export default net;`,
      /running "bad\.mjs": UsageError: cannot assign 'int' as child module 'embed'/,
    ],
  ])("says so in one line when the program %s", (_, program, sentence) => {
    const { status, stdout, stderr } = list("bad.mjs", program);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
