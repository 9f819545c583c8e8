/** The pickle machine and the reading of tensors against what Python and PyTorch make of the same bytes. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/catalog/value.ts";
import { dtypes } from "../../src/dtype.ts";
import type { DTypeName } from "../../src/dtype.ts";
import { opcodes } from "../../src/pickle/opcodes.ts";
import { unpickle } from "../../src/pickle/machine.ts";
import { moduleOf } from "../../src/pickle/module.ts";
import type { TensorRecord } from "../../src/pickle/tensor-record.ts";
import { TorchReader } from "../../src/pickle/torch.ts";

interface Facts {
  dtype: string;
  shape: number[];
  stride: number[] | null;
  offset: number | null;
  requiresGrad: boolean;
  layout: string;
  device: string;
  isParameter: boolean;
  isBuffer: boolean;
  class: string;
  conj: boolean;
  neg: boolean;
}

interface Golden {
  opcodes: string[];
  python: { name: string; pickle: string; value: unknown }[];
  tensors: { name: string; pickle: string; facts: Facts }[];
  nets: { name: string; pickle: string; modules: unknown[] }[];
  arrays: { name: string; pickle: string; dtype: string; shape: number[]; elements: unknown[] }[];
  scalars: { name: string; pickle: string; value: unknown }[];
}

const golden = JSON.parse(readFileSync(new URL("pickles.json", import.meta.url), "utf8")) as Golden;

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function float(value: number): unknown {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return { float: Number.isNaN(value) ? "nan" : bytes.toString("hex") };
}

/** The form in which the script describes Python values; `seen` numbers the containers. */
function described(value: Value, seen: Map<Value, number> = new Map()): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") return { int: String(value) };
  if (typeof value === "string") return { str: value };
  if (value.kind === "float") return float(value.value);
  if (value.kind === "complex") return { complex: [float(value.re), float(value.im)] };
  if (value.kind === "bytes") return { [value.mutable ? "bytearray" : "bytes"]: hex(value.bytes) };
  if (value.kind === "global") return { global: `${value.module}.${value.name}` };
  const isEmptyConstant =
    (value.kind === "tuple" || (value.kind === "set" && value.frozen)) && value.items.length === 0;
  if (seen.has(value) && !isEmptyConstant) return { again: seen.get(value) };
  if (!seen.has(value)) seen.set(value, seen.size);
  switch (value.kind) {
    case "list":
    case "tuple":
      return { [value.kind]: value.items.map((item) => described(item, seen)) };
    case "set": {
      const members = value.items.map((item) => described(item, seen));
      const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      return { [value.frozen ? "frozenset" : "set"]: members.sort(byText) };
    }
    case "dict": {
      const items = [...value.items.values()].map((item) => [
        described(item.key, seen),
        described(item.value, seen),
      ]);
      return { dict: value.class, items, attributes: described(value.attributes, seen) };
    }
    default:
      throw new Error(`the goldens have no ${value.kind}`);
  }
}

/** Where the elements are, as far as PyTorch and a pickle both tell. */
function placed(record: TensorRecord): unknown {
  const { layout, requiresGrad, device } = record;
  if (layout.layout !== "sparse")
    return { layout: "strided", stride: layout.stride, offset: layout.offset, requiresGrad, device };
  // Whether a sparse tensor requires a gradient is not recorded; those of the goldens do not.
  return {
    layout: layout.format,
    stride: null,
    offset: null,
    requiresGrad: false,
    device,
  };
}

test("the goldens and the hand-made pickles use every opcode that needs no program around it", () => {
  // Carried out in src/pickle/machine.test.ts: Python needs a resolver, a registry, buffers or a class for them.
  const outside = new Set([
    "PERSID",
    "BINPERSID",
    "EXT1",
    "EXT2",
    "EXT4",
    "NEXT_BUFFER",
    "NEWOBJ",
    "NEWOBJ_EX",
  ]);
  const missing = Object.keys(opcodes).filter((name) => !golden.opcodes.includes(name) && !outside.has(name));
  expect(missing).toEqual([]);
});

test.each(golden.python)("reads what Python reads: $name", ({ pickle, value }) => {
  expect(described(unpickle(bytesOf(pickle)).value)).toEqual(value);
});

describe("tensors as PyTorch rebuilds them", () => {
  test.each(golden.tensors)("$name", ({ pickle, facts }) => {
    const reading = new TorchReader().tensor(unpickle(bytesOf(pickle)).value);
    const record = reading?.record;
    expect(reading?.refused).toBe(null);
    expect(record).toMatchObject({
      dtype: facts.dtype,
      shape: facts.shape,
      role: facts.isParameter ? "parameter" : facts.isBuffer ? "buffer" : "tensor",
      lazy: [...(facts.conj ? ["conj"] : []), ...(facts.neg ? ["neg"] : [])],
    });
    expect(placed(record!)).toEqual({
      layout: facts.layout,
      stride: facts.stride,
      offset: facts.offset,
      requiresGrad: facts.requiresGrad,
      device: facts.device,
    });
    expect(record?.subclass).toBe(facts.class === "Sub" ? "__main__.Sub" : null);
  });
});

/** Every module under a value in PyTorch's order, with what it holds itself. */
function modulesOf(reader: TorchReader, value: Value, name: string): unknown[] {
  const module = moduleOf(value);
  if (module === undefined) return [];
  const shapeOf = (slot: Value): readonly number[] | undefined => reader.tensor(slot)?.record?.shape;
  const row = {
    name,
    class: module.class,
    training: module.training,
    parameters: module.parameters.map(({ name: own, value: slot }) => [
      own,
      shapeOf(slot) ?? null,
      reader.tensor(slot)?.record?.requiresGrad ?? null,
    ]),
    buffers: module.buffers.map(({ name: own, value: slot, isPersistent }) => [
      own,
      shapeOf(slot),
      isPersistent,
    ]),
  };
  const inside = module.children.flatMap((child) =>
    modulesOf(reader, child.value, name === "" ? child.name : `${name}.${child.name}`),
  );
  return [row, ...inside];
}

describe("whole modules as PyTorch pickled them", () => {
  test.each(golden.nets)("$name", ({ pickle, modules }) => {
    expect(modulesOf(new TorchReader(), unpickle(bytesOf(pickle)).value, "")).toEqual(modules);
  });
});

describe("NumPy arrays as NumPy rebuilds them", () => {
  test.each(golden.arrays)("$name", ({ pickle, dtype, shape, elements }) => {
    const record = new TorchReader().array(unpickle(bytesOf(pickle)).value)?.record;
    expect(record?.shape).toEqual(shape);
    expect(record?.dtype).toBe(dtype);
    if (record?.layout.layout !== "strided") throw new Error("an array is strided");
    const bytes = record.layout.storage.inline!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { get, kind } = dtypes[dtype as DTypeName];
    const found = elements.map((_, index) => {
      const item = get(view, index);
      if (typeof item === "object") return described({ kind: "complex", ...item });
      return described(kind === "float" ? { kind: "float", value: Number(item) } : item);
    });
    expect(found).toEqual(elements);
  });
});

describe("NumPy scalars as Python numbers", () => {
  test.each(golden.scalars)("$name", ({ pickle, value }) => {
    expect(described(new TorchReader().scalar(unpickle(bytesOf(pickle)).value) ?? null)).toEqual(value);
  });
});
