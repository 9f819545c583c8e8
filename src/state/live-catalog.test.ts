import { describe, expect, it } from "vitest";
import { draft } from "../catalog/draft.ts";
import { saveBytes } from "../formats/save.ts";
import { report } from "../inspect/report.ts";
import { BatchNorm1d, Buffer, LazyLinear, Linear, Module, Parameter, Sequential } from "../nn/index.ts";
import type { StateDict } from "../nn/index.ts";
import { full, ones, zeros } from "../ops/creation.ts";
import { noGrad } from "../autograd/grad-mode.ts";
import { catalogOf } from "./live-catalog.ts";
import { load } from "./load.ts";

class Net extends Module {
  body: Linear = new Linear(2, 2);
  head: Linear = new Linear(2, 2);
  passing: Buffer = new Buffer(zeros(1), { persistent: false });
  scale: Parameter = new Parameter(ones(1), { requiresGrad: false });

  constructor() {
    super();
    this.head.weight = this.body.weight;
  }
}

describe("the catalog of a network", () => {
  it("lists all names in PyTorch's order, with what they are", () => {
    const net = new Net();
    net.eval();
    net.head.bias!.grad = ones(2);
    const { entries, modules, format } = catalogOf(net);
    expect(format).toBe("module");
    expect(
      entries.map(({ name, kind, module, requiresGrad, hasGradient }) => [
        name,
        kind,
        module,
        requiresGrad,
        hasGradient,
      ]),
    ).toEqual([
      ["scale", "parameter", "", false, false],
      ["passing", "buffer", "", false, false],
      ["body.weight", "parameter", "body", true, false],
      ["body.bias", "parameter", "body", true, false],
      ["head.weight", "parameter", "head", true, false],
      ["head.bias", "parameter", "head", true, true],
    ]);
    expect(modules).toEqual([
      { name: "", class: "Net", training: false },
      { name: "body", class: "torch.nn.modules.linear.Linear", training: false },
      { name: "head", class: "torch.nn.modules.linear.Linear", training: false },
    ]);
  });

  it("is plain data", () => {
    const { entries, modules, root } = catalogOf(new Net());
    expect(structuredClone(entries)).toEqual(JSON.parse(JSON.stringify(entries)));
    expect(structuredClone(root)).toEqual(root);
    expect(structuredClone(modules)).toEqual(modules);
  });

  it("counts what is shared once", () => {
    const { totals, ties } = report(catalogOf(new Net()));
    expect(totals).toMatchObject({ parameters: 9, trainable: 8, buffers: 1 });
    expect(ties.map(({ names }) => names)).toEqual([["body.weight", "head.weight"]]);
  });

  it("reads the elements of this moment", async () => {
    const net = new Net();
    const catalog = catalogOf(net);
    noGrad(() => net.scale.copy_(full([1], 2.5)));
    const bytes = await catalog.read(catalog.entries[0]!);
    expect(new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true)).toBe(2.5);
  });

  it("says of shapes without data that they have none", () => {
    const { entries } = catalogOf(new Linear(2, 3, { device: "meta" }));
    expect(entries[0]).toMatchObject({ layout: "absent", device: "meta", storage: null, shape: [3, 2] });
  });

  it("says of what lazy layers have yet to make that it is not there", () => {
    const { entries } = catalogOf(new LazyLinear(3));
    expect(entries.map(({ name, shape, numel, layout }) => [name, shape, numel, layout])).toEqual([
      ["weight", [], 0, "absent"],
      ["bias", [], 0, "absent"],
    ]);
  });

  it("takes each module once that contains itself", () => {
    const net = new Sequential(new Linear(1, 1)) as unknown as Module & { self?: Module };
    net.self = net;
    expect(catalogOf(net).entries.map(({ name }) => name)).toEqual(["0.weight", "0.bias"]);
  });

  it("can be drafted and saved like a file", async () => {
    const net = new Sequential(new Linear(2, 2), new BatchNorm1d(2));
    const renamed = draft(catalogOf(net)).renameAll((name) => `net.${name}`);
    expect([...(await load(await saveBytes(renamed))).keys()].slice(0, 2)).toEqual([
      "net.0.weight",
      "net.0.bias",
    ]);
    const state = (await load(await saveBytes(catalogOf(net)))) as StateDict;
    expect(state.metadata.get("1")).toEqual({ version: 2 });
    expect(String(net.loadStateDict(state))).toBe("<All keys matched successfully>");
  });
});
