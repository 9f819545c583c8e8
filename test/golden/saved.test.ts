/**
 * Files that we write, beside those that PyTorch and safetensors write of the same objects: equal byte for byte.
 * `saved.py` made the JSON.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MemoryFolder } from "../../src/bytes/sink.ts";
import type { LiveTensor, Saveable } from "../../src/catalog/saveable.ts";
import { orderedAttributes } from "../../src/catalog/saveable.ts";
import { pyFloat } from "../../src/catalog/value.ts";
import { byteLengthOf, dtypes } from "../../src/dtype.ts";
import type { DTypeName } from "../../src/dtype.ts";
import { saveBytes, saveShards } from "../../src/formats/save.ts";
import { unpickle } from "../../src/pickle/machine.ts";
import { writePickle } from "../../src/pickle/writer.ts";
import { contiguousStrides } from "../../src/shape.ts";

interface Digest {
  readonly sha256: string;
  readonly byteLength: number;
}

const golden = JSON.parse(readFileSync(new URL("saved.json", import.meta.url), "utf8")) as {
  readonly torch: Record<string, Digest>;
  readonly safetensors: Record<string, Digest>;
  readonly shards: Record<string, Digest>;
  readonly pickles: Record<string, string>;
};

function tensor(name: DTypeName, shape: readonly number[], valueOf: (index: number) => number): LiveTensor {
  const dtype = dtypes[name];
  const count = shape.reduce((product, length) => product * length, 1);
  const bytes = new Uint8Array(byteLengthOf(dtype, count));
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < count; index += 1) dtype.set(view, index, valueOf(index));
  return {
    dtype,
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
    storage: { bytes, byteLength: bytes.length },
  };
}

function ramp(name: DTypeName, ...shape: number[]): LiveTensor {
  return tensor(name, shape, (index) => index);
}

function ordered(pairs: readonly (readonly [string, Saveable])[], attributes?: Saveable): Saveable {
  return Object.assign(new Map(pairs), { [orderedAttributes]: attributes }) as Saveable;
}

function stateDict(): Saveable {
  const pairs: (readonly [string, Saveable])[] = [
    ["0.weight", ramp("float32", 3, 2, 3, 3)],
    ["0.bias", ramp("float32", 3)],
    ["1.weight", ramp("float32", 3)],
    ["1.bias", ramp("float32", 3)],
    ["1.running_mean", ramp("float32", 3)],
    ["1.running_var", ramp("float32", 3)],
    ["1.num_batches_tracked", ramp("int64")],
  ];
  for (let index = 3; index < 12; index += 1) {
    pairs.push([`${index}.weight`, ramp("float32", 3, 3)], [`${index}.bias`, ramp("float32", 3)]);
  }
  const modules = Array.from(
    { length: 12 },
    (_, index) => [`${index}`, { version: index === 1 ? 2 : 1 }] as const,
  );
  return ordered(pairs, { _metadata: ordered([["", { version: 1 }], ...modules]) });
}

function optimizerState(): Saveable {
  const state = [0, 1].map(
    (index) =>
      [
        index,
        {
          step: tensor("float32", [], () => 3),
          exp_avg: ramp("float32", 2, 2),
          exp_avg_sq: ramp("float32", 2, 2),
        },
      ] as const,
  );
  const group = {
    lr: 0.001,
    betas: { kind: "tuple", items: [pyFloat(0.9), pyFloat(0.999)] } as const,
    eps: 1e-8,
    weight_decay: 0,
    amsgrad: false,
    maximize: false,
    foreach: null,
    params: [0, 1],
  };
  return { state: new Map<Saveable, Saveable>(state), param_groups: [group as Saveable] };
}

const numbers: readonly DTypeName[] = [
  "float64",
  "float32",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
  "uint16",
  "uint32",
  "uint64",
];
const small: readonly DTypeName[] = ["float8_e4m3fn", "float8_e5m2"];

function each(names: readonly DTypeName[]): Saveable {
  return new Map(names.map((name) => [name, ramp(name, 2)]));
}

function views(): Saveable {
  const a = ramp("float32", 4, 4);
  const tie = ramp("float64", 2);
  return {
    a,
    t: { ...a, strides: [1, 4] },
    row: { ...a, shape: [4], strides: [1], offset: 4 },
    expanded: { ...a, shape: [3], strides: [0] },
    tie,
    tied: tie,
    scalar: tensor("int64", [], () => 7),
    empty: ramp("float32", 0, 3),
    after: tensor("float32", [1], () => 1.5),
  };
}

function list(count: number): Saveable {
  return Array.from({ length: count }, (_, index) => tensor("float32", [1], () => index));
}

function dict(count: number): Saveable {
  return new Map(
    Array.from({ length: count }, (_, index) => [`layer.${index}`, tensor("float32", [1], () => index)]),
  );
}

const saved: Readonly<Record<string, () => Saveable>> = {
  "state-dict": stateDict,
  checkpoint: () => ({
    epoch: 3,
    loss: 0.25,
    best: true,
    name: "run 7",
    tags: ["a", "b"],
    none: null,
    big: 2 ** 40,
    negative: -129,
    bytes: new Uint8Array([0, 255]),
    state_dict: stateDict(),
    optimizer: optimizerState(),
  }),
  views,
  dtypes: () => each([...numbers, ...small]),
  parameters: () => [
    { ...ramp("float32", 2), isParameter: true, requiresGrad: true },
    { ...ramp("float32", 3), isParameter: true },
  ],
  ...Object.fromEntries(
    [0, 1, 6, 7, 30, 300, 1000, 1001, 3000].map((count) => [`list-${count}`, () => list(count)]),
  ),
  ...Object.fromEntries([1000, 1001].map((count) => [`dict-${count}`, () => dict(count)])),
};

function digest(bytes: Uint8Array): Digest {
  return { sha256: createHash("sha256").update(bytes).digest("hex"), byteLength: bytes.length };
}

describe("a file written as torch.save writes it", () => {
  it.each(Object.keys(golden.torch))("is PyTorch's byte for byte: %s", async (name) => {
    expect(digest(await saveBytes(saved[name]!(), { name: `${name}.pt` }))).toEqual(golden.torch[name]);
  });
});

describe("a file written as safetensors writes it", () => {
  const content: Readonly<Record<string, () => Saveable>> = {
    "state-dict": stateDict,
    metadata: stateDict,
    names: () =>
      new Map(
        ["b", "a", "\u{1d538}", "\uffff", 'q"\\\n\u007f\u2028é'].map((name) => [name, ramp("float32", 1)]),
      ),
    dtypes: () => each([...numbers, "complex64", ...small]),
    shapes: () => ({
      scalar: tensor("int64", [], () => 7),
      empty: ramp("float32", 0, 3),
      row: ramp("float32", 5),
    }),
    nothing: () => ({}),
  };

  it.each(Object.keys(golden.safetensors))("is the reference's byte for byte: %s", async (name) => {
    const metadata = name === "metadata" ? { format: "pt" } : undefined;
    const bytes = await saveBytes(content[name]!(), { format: "safetensors", metadata });
    expect(digest(bytes)).toEqual(golden.safetensors[name]);
  });
});

describe("a sharded checkpoint", () => {
  it("is what huggingface_hub writes, byte for byte", async () => {
    const layers = Array.from({ length: 7 }, (_, index): [string, Saveable] => [
      `layer.${index}.weight`,
      tensor("float32", [10], () => index),
    ]);
    const folder = new MemoryFolder();
    const value = new Map([...layers, ["big", ramp("float32", 100)], ["\u00e9", ramp("float32", 3)]]);
    await saveShards(value, folder, { shardByteLength: 100 });
    const files = [...folder.files].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(files.map(([name, bytes]) => [name, digest(bytes)])).toEqual(Object.entries(golden.shards));
  });
});

describe("a pickle read and written back", () => {
  it.each(Object.entries(golden.pickles))("is Python's byte for byte: %s", (_, packed) => {
    const bytes = new Uint8Array(inflateSync(Buffer.from(packed, "base64")));
    const written = writePickle(unpickle(bytes).value);
    expect(Buffer.from(written).toString("latin1")).toBe(Buffer.from(bytes).toString("latin1"));
  });
});
