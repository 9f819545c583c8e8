/**
 * Networks of all families against PyTorch under the same seed: names, order, shapes, state dicts, texts and the SHA-256 of
 * every tensor are equal; each element of outputs, gradients and written buffers is within 1e-4. `networks.py` records them.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arange, isTensor, manualSeed } from "../../src/index.ts";
import type { Tensor } from "../../src/index.ts";
import type { Module } from "../../src/nn/index.ts";
import { bytesOf, networkOf, tensorOf } from "../conformance/network.ts";
import { ownNetworks } from "./networks-own.ts";

/** All elements of a tensor, in base64. */
type Numbers = readonly [dtype: string, shape: readonly number[], base64: string];

interface Golden {
  /** Its description, or none for the classes of `networks-own.ts`. */
  readonly spec?: unknown;
  readonly inputs: readonly unknown[];
  readonly eval: boolean;
  /** What is compared exactly, as `factsOf` finds it. */
  readonly parameters: readonly unknown[];
  readonly duplicates: readonly string[];
  readonly buffers: readonly unknown[];
  readonly modules: readonly unknown[];
  readonly state: readonly unknown[];
  readonly metadata: readonly unknown[];
  readonly repr: string;
  readonly outputs: readonly Numbers[];
  readonly gradients: readonly (readonly [name: string, numbers: Numbers | null])[];
  readonly buffersAfter: readonly (readonly [name: string, numbers: Numbers])[];
}

const { networks } = JSON.parse(readFileSync(new URL("networks.json", import.meta.url), "utf8")) as {
  readonly networks: Readonly<Record<string, Golden>>;
};

const digest = (tensor: Tensor): string => createHash("sha256").update(bytesOf(tensor)).digest("hex");

const described = ([name, tensor]: readonly [string, Tensor]): unknown[] => [
  name,
  tensor.dtype.name,
  Array.from(tensor.shape),
  tensor.requiresGrad,
  digest(tensor),
];

function factsOf(net: Module): Readonly<Record<string, unknown>> {
  const state = net.stateDict();
  return {
    parameters: Array.from(net.namedParameters(), described),
    duplicates: Array.from(net.namedParameters({ removeDuplicate: false }), ([name]) => name),
    buffers: Array.from(net.namedBuffers(), described),
    modules: Array.from(net.namedModules(), ([name, module]) => [name, module.getName()]),
    state: Array.from(state, ([name, tensor]) => [name, digest(tensor as Tensor)]),
    metadata: Array.from(state.metadata),
    repr: String(net),
  };
}

/** The tensors of an output: a tensor, or a list, tuple or named tuple of outputs. */
function flat(output: unknown): Tensor[] {
  if (isTensor(output)) return [output];
  const isMany = typeof output === "object" && output !== null && Symbol.iterator in output;
  return isMany ? Array.from(output as Iterable<unknown>).flatMap(flat) : [];
}

/** Runs a network forward and backward as `networks.py` does. */
function run(net: Module, { inputs, eval: isEval }: Golden): Tensor[] {
  manualSeed(1);
  const given = inputs.map(tensorOf);
  const outputs = flat(net.train(!isEval)(...given));
  outputs
    .filter(({ requiresGrad }) => requiresGrad)
    .map((output) => output.mul(arange(output.numel()).cos().reshape(Array.from(output.shape))).sum())
    .reduce((sum, part) => sum.add(part))
    .backward();
  return outputs;
}

function elementsOf(dtype: string, bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [size, at]: [number, (place: number) => number] =
    dtype === "float32"
      ? [4, (place) => view.getFloat32(place, true)]
      : dtype === "int64"
        ? [8, (place) => Number(view.getBigInt64(place, true))]
        : [1, (place) => view.getUint8(place)];
  return Array.from({ length: bytes.byteLength / size }, (_, k) => at(k * size));
}

/** PyTorch's elements and ours, with the largest of PyTorch's. */
interface Pair {
  readonly name: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
}

function pair(name: string, [dtype, shape, base64]: Numbers, tensor: Tensor): Pair {
  expect([name, tensor.dtype.name, Array.from(tensor.shape)]).toEqual([name, dtype, shape]);
  return {
    name,
    expected: elementsOf(dtype, Buffer.from(base64, "base64")),
    found: elementsOf(dtype, bytesOf(tensor)),
  };
}

const largestOf = (pairs: readonly Pair[]): number =>
  pairs.flatMap(({ expected }) => expected).reduce((max, value) => Math.max(max, Math.abs(value)), 0);

/**
 * Elements that differ by more than 1e-4 of themselves. Sums that cancel to nearly nothing (the gradient of a bias before a batch
 * norm) are rounding noise in both: they may differ by 1e-6 of the largest element beside them.
 */
function differences(pairs: readonly Pair[]): string[] {
  const noise = 1e-6 * largestOf(pairs);
  return pairs.flatMap(({ name, expected, found }) =>
    expected.flatMap((value, k) =>
      Math.abs(value - found[k]!) <= Math.max(1e-4 * Math.abs(value), noise)
        ? []
        : [`${name}[${k}]: ${value} is ${found[k]}`],
    ),
  );
}

describe("networks of PyTorch", () => {
  it("are many, of all families", () => expect(Object.keys(networks).length).toBeGreaterThanOrEqual(50));

  it.each(Object.entries(networks))("%s is the same, and computes the same", (name, golden) => {
    manualSeed(0);
    const net = golden.spec === undefined ? new ownNetworks[name]!() : networkOf(golden.spec);
    const { parameters, duplicates, buffers, modules, state, metadata, repr } = golden;
    expect(factsOf(net)).toEqual({ parameters, duplicates, buffers, modules, state, metadata, repr });

    const outputs = run(net, golden);
    expect(outputs.length).toBe(golden.outputs.length);
    const found = outputs.map((output, k) => pair(`output ${k}`, golden.outputs[k]!, output));

    const grads = new Map(Array.from(net.namedParameters(), ([key, { grad }]) => [key, grad]));
    const trained = golden.gradients.filter(([, numbers]) => numbers !== null);
    expect(Array.from(grads).flatMap(([key, grad]) => (grad === null ? [] : [key]))).toEqual(
      trained.map(([key]) => key),
    );
    const gradients = trained.map(([key, numbers]) => pair(`gradient of ${key}`, numbers!, grads.get(key)!));

    const after = Array.from(net.namedBuffers());
    expect(after.map(([key]) => key)).toEqual(golden.buffersAfter.map(([key]) => key));
    const written = after.map(([key, tensor], k) => pair(key, golden.buffersAfter[k]![1], tensor));

    expect([found, gradients, written].flatMap(differences)).toEqual([]);
  });
});
