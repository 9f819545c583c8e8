import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pyFloat } from "../catalog/value.ts";
import type { Value } from "../catalog/value.ts";
import { dtypes } from "../dtype.ts";
import { draft } from "../catalog/draft.ts";
import { open } from "../formats/open.ts";
import { saveBytes } from "../formats/save.ts";
import type { SaveInput } from "../formats/save.ts";
import { BatchNorm1d, Linear, Parameter, Sequential, StateDict, isParameter } from "../nn/index.ts";
import { arange } from "../ops/creation-sequences.ts";
import { ones, tensor, zeros } from "../ops/creation.ts";
import { noGrad } from "../autograd/grad-mode.ts";
import { manualSeed } from "../tensor/random/generator.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { load } from "./load.ts";

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url));
}

/** Saves a value and loads it again. */
async function again<T>(value: unknown): Promise<T> {
  return load<T>(await saveBytes(value as SaveInput));
}

describe("loading a state dict", () => {
  it("gives one with its metadata, that fits the network", async () => {
    manualSeed(0);
    const net = new Sequential(new Linear(2, 3), new BatchNorm1d(3));
    const state = await again<StateDict>(net.stateDict());
    expect(state).toBeInstanceOf(StateDict);
    expect([...state.metadata]).toEqual([
      ["", { version: 1 }],
      ["0", { version: 1 }],
      ["1", { version: 2 }],
    ]);
    const other = new Sequential(new Linear(2, 3), new BatchNorm1d(3));
    expect(String(other.loadStateDict(state))).toBe("<All keys matched successfully>");
    expect(String(other.stateDict())).toBe(String(net.stateDict()));
  });

  it("gives a plain Map where the file has a plain dict, as of safetensors", async () => {
    const net = new Linear(2, 1);
    const state = await load(await saveBytes(net.stateDict(), { format: "safetensors" }));
    expect(state).not.toBeInstanceOf(StateDict);
    expect([...state.keys()].sort()).toEqual(["bias", "weight"]);
    net.loadStateDict(state);
  });

  it("gives Parameters where the file has them", async () => {
    const net = new Linear(2, 1);
    net.weight.requiresGrad_(false);
    const state = await again<StateDict>(net.stateDict({ keepVars: true }));
    expect([...state.values()].map((value) => [isParameter(value), value.requiresGrad])).toEqual([
      [true, false],
      [true, true],
    ]);
  });

  it("gives that of a module which was saved whole, without the buffers that PyTorch leaves out", async () => {
    const bytes = fixture("torch-zip/module.pt");
    const whole = await load<StateDict>(bytes);
    const { entries, notices } = await open(bytes);
    const passing = notices.find(({ code }) => code === "non-persistent-buffers")?.names ?? [];
    expect(passing.length).toBeGreaterThan(0);
    const kept = entries.filter(({ kindFrom, name }) => kindFrom === "recorded" && !passing.includes(name));
    expect([...whole.keys()]).toEqual(kept.map(({ path }) => path[0]));
    expect([...whole.values()].some((value) => value.requiresGrad)).toBe(false);
  });
});

describe("loading tensors", () => {
  it("keeps views and ties one memory", async () => {
    const base = arange(6, { dtype: "float32" });
    const state = await again<Map<string, Tensor>>(
      new Map([
        ["base", base],
        ["row", base.view(2, 3).at(1)],
        ["transposed", base.view(2, 3).t()],
        ["same", base],
      ]),
    );
    expect(state.get("same")).toBe(state.get("base"));
    noGrad(() => state.get("base")!.add_(10));
    expect(state.get("row")!.tolist()).toEqual([13, 14, 15]);
    expect(state.get("transposed")!.tolist()).toEqual([
      [10, 13],
      [11, 14],
      [12, 15],
    ]);
  });

  it("copies what is in memory, wherever it lies there", async () => {
    const bytes = await saveBytes(new Map([["a", arange(5, { dtype: "float64" })]]) as unknown as SaveInput);
    const shifted = new Uint8Array(bytes.byteLength + 3);
    shifted.set(bytes, 3);
    const state = await load(shifted.subarray(3));
    shifted.fill(0);
    expect(state.get("a")!.tolist()).toEqual([0, 1, 2, 3, 4]);
  });

  it.each(["torch-zip/big-endian.pt", "legacy/big-endian.pth"])("turns bytes around: %s", async (name) => {
    const bytes = fixture(name);
    const catalog = await open(bytes);
    const state = await load(bytes);
    for (const entry of catalog.entries) {
      const own = state.get(entry.name)!.contiguous();
      const start = own.offset * own.dtype.itemSize;
      expect(own.storage.bytes.slice(start, start + entry.byteLength)).toEqual(
        new Uint8Array(await catalog.read(entry)),
      );
    }
  });

  it("gives conjugated and negated views the elements that PyTorch shows of them", async () => {
    const catalog = draft(await open(fixture("torch-zip/exotic.pt")));
    for (const { name, lazy } of catalog.entries) if (lazy === undefined) catalog.delete(name);
    const state = await load(catalog);
    expect(String(state.get("neg"))).toBe("tensor([-0., -1., -2.])");
    expect(state.get("conj")!.strides).toEqual([1]);
    expect(String(state.get("conj"))).toBe("tensor([1.-2.j, 3.+4.j])");
  });

  it("keeps shapes without data on meta", async () => {
    const state = await again<Map<string, Tensor>>({ a: zeros(2, 3, { device: "meta" }) });
    expect([state.get("a")!.device, [...state.get("a")!.shape]]).toEqual(["meta", [2, 3]]);
  });

  it("takes what was opened, and drafts", async () => {
    const bytes = await saveBytes({ keep: ones(2), drop: ones(3) } as SaveInput);
    const catalog = await open(bytes);
    expect([...(await load(catalog)).keys()]).toEqual(["keep", "drop"]);
    const rest = await load(draft(catalog).delete("drop"));
    expect(Array.from(rest, ([name, value]) => [name, value.tolist()])).toEqual([["keep", [1, 1]]]);
  });

  it.each([
    ["torch-zip/exotic.pt", 'loading "coo": it is sparse, and tensors here are not'],
    ["torch-zip/quantized.pt", 'loading "qint8": it is quantized, and tensors here are not'],
    ["torch-zip/skip-data.pt", 'loading "embed.weight": the file was saved without its weights (skip_data)'],
  ])("says of %s what cannot be", async (name, message) => {
    await expect(load(fixture(name))).rejects.toThrow(message);
  });
});

describe("loading what is around tensors", () => {
  it("gives JavaScript's kinds", async () => {
    const value = await again<Map<string, unknown>>({
      none: null,
      flag: true,
      int: 3,
      large: 2n ** 70n,
      float: 0.5,
      whole: pyFloat(2),
      text: "né",
      bytes: Uint8Array.of(1, 2),
      list: [1, "a"],
      tuple: { kind: "tuple", items: [1, pyFloat(1)] } as Value,
      set: new Set(["x"]),
      shape: ones(2, 3).shape,
      dtype: dtypes.bfloat16,
      nested: new Map<unknown, unknown>([[7, ["deep"]]]),
    });
    expect(Object.fromEntries(value)).toEqual({
      none: null,
      flag: true,
      int: 3,
      large: 2n ** 70n,
      float: 0.5,
      whole: 2,
      text: "né",
      bytes: Uint8Array.of(1, 2),
      list: [1, "a"],
      tuple: [1, 1],
      set: new Set(["x"]),
      shape: [2, 3],
      dtype: dtypes.bfloat16,
      nested: new Map([[7, ["deep"]]]),
    });
    expect(value.get("dtype")).toBe(dtypes.bfloat16);
    expect(String(value.get("shape"))).toBe("torch.Size([2, 3])");
  });

  it.each([
    "checkpoint-protocol-2.pt",
    "keys.pt",
    "ties.pt",
    "named-parameters.pt",
    "cycle.pt",
    "state-dict.pt",
  ])("and saves %s as it was, with Python's kinds", async (name) => {
    const before = await open(fixture(`torch-zip/${name}`));
    const after = await open(await saveBytes((await load<unknown>(before)) as SaveInput));
    expect(after.root).toEqual(before.root);
    expect(
      after.entries.map(({ name: entry, shape, stride, dtype }) => [entry, shape, stride, dtype]),
    ).toEqual(before.entries.map(({ name: entry, shape, stride, dtype }) => [entry, shape, stride, dtype]));
  });

  it("keeps a float that is changed a float, and a new number what it is", async () => {
    const options = await again<Map<string, number>>({ lr: pyFloat(1), steps: 3 });
    options.set("lr", 2).set("new", 5);
    const { root } = await open(await saveBytes(options as unknown as SaveInput));
    const values = [...(root as { items: Map<string, { key: unknown; value: unknown }> }).items.values()];
    expect(values.map(({ key, value }) => [key, value])).toEqual([
      ["lr", { kind: "float", value: 2 }],
      ["steps", 3],
      ["new", 5],
    ]);
  });

  it("leaves objects of classes that are not here as the data they are", async () => {
    const value = await load<Map<string, unknown>>(fixture("torch-zip/checkpoint-protocol-2.pt"));
    const objects = [...value.values()].filter(
      (item) => typeof item === "object" && item !== null && (item as { kind?: unknown }).kind === "object",
    );
    for (const item of objects) expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
    expect(value.get("state_dict")).toBeInstanceOf(Map);
  });
});

describe("saving", () => {
  it("refuses a module and says what to save", async () => {
    await expect(saveBytes(new Linear(1, 1) as unknown as SaveInput)).rejects.toMatchObject({
      message: "saving a value: found a module",
      hint: "Save what is in it: model.stateDict().",
    });
  });

  it("marks Parameters", async () => {
    const { entries } = await open(await saveBytes(new Parameter(tensor([1, 2.5])) as unknown as SaveInput));
    expect(entries).toMatchObject([{ kind: "parameter", kindFrom: "recorded", requiresGrad: true }]);
  });
});
