/**
 * The outputs of layers that get no gradient, and which of them cannot get any: a ReLU that is off for one batch is no
 * fault, one that the layer's own numbers keep off is.
 */

import type { ModuleProtocol } from "../nn/module-record.ts";
import { namedModules, namedParameters } from "../nn/traversal.ts";
import { isUninitialized } from "../nn/uninitialized.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isComplete, numbersOf } from "./tensor-statistics.ts";

/** The weights of a network that have their outputs along the first dimension, each with its bias, if it has one. */
export type OutputWeights = ReadonlyMap<Tensor, Tensor | null>;

/** Outputs of one weight. */
export interface SilentOutputs {
  /** Those whose gradient is all zero. */
  readonly outputs: number;
  /** Of those, the ones that hardly any input can make positive. */
  readonly off: number;
  /** How many outputs there are. */
  readonly of: number;
}

/**
 * A bias that is so many times the weights' norm below zero is not made up for by inputs of the usual size. That of a fresh
 * layer is never below -1, which matters where it has one input only.
 */
const offNorms = 5;
const offBias = -1;

/** Weights that are all negative are chance where there are fewer. */
const leastWeights = 16;

/** Layers whose weights have outputs, also where they have no bias that would tell. */
const knownLayers = /^(Lazy)?(Linear|Bilinear|Conv[123]d)$/;

/** Finds the weights that have outputs: tables, experts and transposed convolutions have something else there. */
export function outputWeightsOf(model: ModuleProtocol): OutputWeights {
  const found = new Map<Tensor, Tensor | null>();
  const tables = new Set<Tensor>();
  for (const [, module] of namedModules(model)) {
    const { transposed, numEmbeddings } = module as ModuleProtocol & LayerFields;
    if (numEmbeddings !== undefined) for (const [, table] of namedParameters(module)) tables.add(table);
    if (transposed === true) continue;
    const own = new Map<string, Tensor>(namedParameters(module, { recurse: false }));
    for (const [name, weight] of own) {
      if (isUninitialized(weight) || weight.ndim < 2) continue;
      const bias = own.get(name.replace("weight", "bias"));
      const fits =
        bias !== undefined && bias !== weight && bias.ndim === 1 && bias.shape[0] === weight.shape[0];
      if (fits) found.set(weight, bias);
      else if (name === "weight" && knownLayers.test(module.getName())) found.set(weight, null);
    }
  }
  // A table that a head shares: a batch uses some of its rows.
  for (const table of tables) found.delete(table);
  return found;
}

/** What tells layers apart, whatever a minifier made of their names. */
interface LayerFields {
  readonly transposed?: boolean;
  readonly numEmbeddings?: number;
}

/** Looks for the outputs of a weight that its gradient says nothing about. */
export function silentOutputs(weight: Tensor, bias: Tensor | null, gradient: Tensor): SilentOutputs | null {
  if (gradient.count === 0) return null;
  const [of = 0] = gradient.shape;
  const slopes = numbersOf(gradient);
  const weights = isComplete(weight) ? numbersOf(weight) : null;
  const biases = bias !== null && isComplete(bias) ? numbersOf(bias) : null;
  const length = gradient.count / of;
  const middle = length >> 1;
  let outputs = 0;
  let off = 0;
  for (let output = 0; output < of; output++) {
    const start = output * length;
    // One look tells of most: inputs that are always zero, as the rims of images, lie at the ends.
    if (slopes[start + middle] !== 0) continue;
    let at = start;
    while (at < start + length && slopes[at] === 0) at++;
    if (at < start + length) continue;
    outputs++;
    if (weights !== null && isOff(weights, start, start + length, biases?.[output] ?? 0)) off++;
  }
  return { outputs, off, of };
}

/** Whether the weights from `start` to `end` and a bias keep an output off. Most are told by their first weights. */
function isOff(weights: Float32Array | Float64Array, start: number, end: number, bias: number): boolean {
  if (bias <= offBias) {
    let squares = 0;
    for (let k = start; k < end; k++) squares += weights[k]! * weights[k]!;
    if (bias <= -offNorms * Math.sqrt(squares)) return true;
  }
  if (end - start < leastWeights || bias > 0) return false;
  let isNegative = false;
  for (let k = start; k < end; k++) {
    if (weights[k]! > 0) return false;
    if (weights[k]! < 0) isNegative = true;
  }
  return isNegative;
}
