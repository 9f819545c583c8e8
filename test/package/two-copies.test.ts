/**
 * Two copies of the package in one program: what one of them makes, the other one trains, loads, saves and looks at. The copies are
 * bundles of their own, so that no class is shared.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as parascope from "../../src/index.node.ts";

type Copy = typeof parascope;

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";
let ours: Copy;
let theirs: Copy;

beforeAll(async () => {
  // Below node_modules, so that packages are found.
  const cache = join(root, "node_modules/.cache/parascope");
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "copies-"));
  const bundle = await rolldown({
    input: join(root, "src/index.node.ts"),
    platform: "node",
    logLevel: "silent",
    external: (id) => !id.startsWith(".") && !id.startsWith("/") && !/^[A-Za-z]:/.test(id),
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false, keepNames: true });
  await bundle.close();
  const copies = ["ours.mjs", "theirs.mjs"].map(async (name) => {
    writeFileSync(join(folder, name), output[0].code);
    return (await import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href)) as Copy;
  });
  [ours, theirs] = (await Promise.all(copies)) as [Copy, Copy];
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A network of one copy, the same for every copy under one seed. */
function network({ nn, manualSeed }: Copy, seed = 0) {
  manualSeed(seed);
  return new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.ReLU(), new nn.Linear(4, 2));
}

type Network = ReturnType<typeof network>;

const valuesOf = (net: Network): unknown => Array.from(net.parameters(), (parameter) => parameter.tolist());

/** Weights after some steps of an optimizer; `own` made the optimizer and the input, `other` the network. */
function trained(own: Copy, other: Copy, name: "SGD" | "Adam" | "RMSprop" | "LBFGS"): unknown {
  const net = network(other);
  own.manualSeed(1);
  const x = own.randn(5, 3);
  const optimizer = new own.optim[name](net.parameters(), { lr: 0.1 });
  for (let step = 0; step < 3; step++) {
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = net(x).pow(2).sum();
      loss.backward();
      return loss;
    });
  }
  return valuesOf(net);
}

describe("two copies of the package", () => {
  it("share no class", () => {
    expect(theirs.nn.Module).not.toBe(ours.nn.Module);
    expect(theirs.ones(1)).not.toBeInstanceOf(ours.Tensor);
    expect(ours.isTensor(theirs.ones(1))).toBe(true);
  });

  it("mean the same dtypes, the same default and the same random stream", () => {
    expect(theirs.dtypes.float32).toBe(ours.dtypes.float32);
    ours.manualSeed(3);
    const drawn = ours.rand(2).tolist();
    ours.manualSeed(3);
    expect(theirs.rand(2).tolist()).toEqual(drawn);
    try {
      ours.setDefaultDtype(ours.dtypes.float64);
      expect(theirs.ones(1).dtype).toBe(ours.dtypes.float64);
    } finally {
      ours.setDefaultDtype(ours.dtypes.float32);
    }
  });

  it("compute with each other's tensors, and go back through both graphs", () => {
    const weight = theirs.ones(2, 2).requiresGrad_();
    const product = ours.full([2, 2], 3, { dtype: "float32" }).matmul(weight);
    theirs
      .cat([product, weight.mul(weight)])
      .at(theirs.tensor([0, 2]))
      .sum()
      .backward();
    expect(weight.grad!.tolist()).toEqual([
      [5, 5],
      [3, 3],
    ]);
    const hooked = theirs.ones(1).requiresGrad_();
    const double = hooked.mul(1);
    const seen: string[] = [];
    double.registerHook(() => void seen.push("theirs"));
    ours.Tensor.prototype.registerHook.call(double, () => void seen.push("ours"));
    ours.ones(1).mul(double).backward();
    expect(seen).toEqual(["theirs", "ours"]);
  });

  it("know of one mode whether a graph is recorded", () => {
    const net = network(theirs);
    ours.noGrad(() => {
      expect(net(ours.ones(5, 3)).requiresGrad).toBe(false);
      net[0].weight.add_(1);
    });
    expect(net(ours.ones(5, 3)).requiresGrad).toBe(true);
  });

  it.each([false, true])("load each other's state dicts, assign: %s", (assign) => {
    const [own, other] = [network(ours), network(theirs, 1)];
    const state = other.stateDict();
    own.loadStateDict(state, { assign });
    expect(valuesOf(own)).toEqual(valuesOf(other));
    const [x, y] = [ours.ones(5, 3), theirs.ones(5, 3)];
    expect(own.eval()(x).tolist()).toEqual(other.eval()(y).tolist());
    own.train()(x).sum().backward();
    expect(own[0].weight.grad).not.toBeNull();
    expect(() => own.loadStateDict({ "0.weight": theirs.ones(2) })).toThrow(/Missing key|size mismatch/);
  });

  it.each(["SGD", "Adam", "RMSprop", "LBFGS"] as const)("train each other's networks by %s", (name) => {
    const alone = trained(theirs, theirs, name);
    expect(trained(ours, theirs, name)).toEqual(alone);
    expect(valuesOf(network(theirs))).not.toEqual(alone);
  });

  it("nest each other's modules", () => {
    const net = new ours.nn.Sequential(new ours.nn.Linear(3, 3), new theirs.nn.Linear(3, 2));
    expect(String(net)).toContain("(1): Linear(in_features=3, out_features=2, bias=True)");
    net(ours.ones(2, 3)).sum().backward();
    expect(Array.from(net.namedParameters(), ([name, { grad }]) => [name, grad !== null])).toEqual([
      ["0.weight", true],
      ["0.bias", true],
      ["1.weight", true],
      ["1.bias", true],
    ]);
    expect(ours.nn.utils.clipGradNorm_(net.parameters(), 1).item()).toBeGreaterThan(0);
    ours.nn.init.zeros_((net[1] as parascope.nn.Linear).weight);
    expect(ours.nn.deepCopy(net)(ours.ones(2, 3)).shape[1]).toBe(2);
  });

  it("save each other's state, byte by byte as their own", async () => {
    const state = network(theirs).stateDict();
    for (const format of ["torch-zip", "safetensors"] as const) {
      const [saved, own] = await Promise.all([
        ours.saveBytes(state, { format }),
        theirs.saveBytes(state, { format }),
      ]);
      expect(saved).toEqual(own);
    }
    const loaded = (await ours.load(await theirs.saveBytes(state))) as ReadonlyMap<string, parascope.Tensor>;
    const net = network(theirs, 1);
    net.loadStateDict(loaded);
    expect(valuesOf(net)).toEqual(valuesOf(network(theirs)));
  });

  it("look at each other's networks", () => {
    const net = network(theirs);
    const names = Array.from(net.stateDict().keys());
    expect(ours.catalogOf(net).entries.map(({ name }) => name)).toEqual(names);
    const before = ours.snapshot(net);
    const loss = net(ours.randn(5, 3)).pow(2).sum();
    loss.backward();
    const found = ours.gradients(net, { loss });
    expect(found.parameters.map(({ reason }) => reason)).toEqual(
      theirs.gradients(net, { loss }).parameters.map(({ reason }) => reason),
    );
    ours.noGrad(() => net[3].bias!.add_(1));
    const changed = ours.compare(before, net).tensors.filter(({ state }) => state === "changed");
    expect(changed.map(({ name }) => name)).toContain("3.bias");
  });
});
