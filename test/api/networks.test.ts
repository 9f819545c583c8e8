/** Networks through the published name. First what other libraries are known to get wrong, so that it stays right here. */

import { describe, expect, it } from "vitest";
import {
  catalogOf,
  load,
  nn,
  ones,
  open,
  optim,
  renderText,
  report,
  saveBytes,
  tensor,
  zeros,
} from "parascope";

class Tied extends nn.Module {
  embed = new nn.Embedding(5, 3);
  head = new nn.Linear(3, 5, { bias: false });

  constructor() {
    super();
    this.head.weight = this.embed.weight;
  }
}

class Inner extends nn.Module {
  kept = new nn.Buffer(ones(1));
  passing = new nn.Buffer(ones(1), { persistent: false });
}

describe("known faults of others", () => {
  it("tied weights keep their second name in the state dict", () => {
    expect([...new Tied().stateDict().keys()]).toEqual(["embed.weight", "head.weight"]);
  });

  it("buffers that are not persistent are left out at any depth", () => {
    const net = new nn.Sequential(new nn.Sequential(new Inner()));
    expect([...net.stateDict().keys()]).toEqual(["0.0.kept"]);
    expect(Array.from(net.namedBuffers({}), ([name]) => name)).toEqual(["0.0.kept", "0.0.passing"]);
  });

  it("loading keeps the Parameter objects, so that optimizers stay right", () => {
    const net = new nn.Linear(1, 1, { bias: false });
    const { weight } = net;
    const optimizer = new optim.SGD(net.parameters(), { lr: 1 });
    net.loadStateDict({ weight: ones(1, 1) });
    expect(net.weight).toBe(weight);
    net(ones(1, 1)).backward();
    optimizer.step();
    expect(net.weight.tolist()).toEqual([[0]]);
  });

  it("fields of classes are found, also those without a constructor", () => {
    class Net extends nn.Module {
      fc = new nn.Linear(1, 1);
      scale = new nn.Parameter(ones(1));
    }
    expect(Array.from(new Net().namedParameters(), ([name]) => name)).toEqual([
      "scale",
      "fc.weight",
      "fc.bias",
    ]);
  });

  it("backward adds to gradients", () => {
    const net = new nn.Linear(1, 1, { bias: false });
    for (let pass = 0; pass < 3; pass++) net(ones(1, 1)).backward();
    expect(net.weight.grad!.tolist()).toEqual([[3]]);
  });

  it("shared parameters count once", () => {
    const net = new Tied();
    expect([...net.parameters()].reduce((sum, parameter) => sum + parameter.numel(), 0)).toBe(15);
    expect(report(catalogOf(net)).totals).toMatchObject({ parameters: 15, trainable: 15, byteLength: 60 });
  });

  it("integers beyond 2^53 keep their digits, and 1 and '1' are two keys", async () => {
    const value = new Map<unknown, unknown>([
      [1, 2n ** 60n + 1n],
      ["1", tensor([2n ** 60n + 1n])],
    ]);
    const again = await load<Map<unknown, unknown>>(await saveBytes(value as never));
    expect(again.get(1)).toBe(2n ** 60n + 1n);
    expect(String(again.get("1"))).toBe("tensor([1152921504606846977])");
  });
});

describe("a network and its file", () => {
  it("are listed alike", async () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
    const live = renderText(report(catalogOf(net), { source: "it" }), { width: 60 });
    const file = renderText(report(await open(await saveBytes(catalogOf(net))), { source: "it" }), {
      width: 60,
    });
    const shapes = (lines: readonly string[]): string[] =>
      lines.map((line) => line.split(/ {2,}/).slice(0, 2).join(" "));
    expect(shapes(live).slice(0, 8)).toEqual(shapes(file).slice(0, 8));
  });

  it("read naturally", async () => {
    const net = new nn.Linear(2, 1);
    const other = new nn.Linear(2, 1);
    const bytes = await saveBytes(net.stateDict());
    expect(String(other.loadStateDict(await load(bytes)))).toBe("<All keys matched successfully>");
    expect(other(zeros(1, 2)).tolist()).toEqual(net(zeros(1, 2)).tolist());
  });
});
