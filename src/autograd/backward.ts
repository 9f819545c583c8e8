/**
 * What starts backward passes: `backward` and `grad`, with PyTorch's checks of their arguments.
 */

import { torchError } from "../errors.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { arithmetic } from "./arithmetic.ts";
import type { Root, Target } from "./engine.ts";
import { runPass } from "./engine.ts";
import { gradFnOf, gradientNodeOf, requiresGrad, retainGrad } from "./history.ts";

/** Options of `backward`. */
export interface BackwardOptions {
  /** The gradient of what is differentiated with respect to each tensor; may be omitted for a single element. */
  readonly gradient?: Tensor | readonly (Tensor | null)[] | null;
  /** Keep what the graph saved, for another pass. Default: the value of `createGraph`. */
  readonly retainGraph?: boolean;
  /** Record the computation of the gradients, for higher derivatives. Default false. */
  readonly createGraph?: boolean;
  /** Collect gradients only in these leaves. Default: in all. */
  readonly inputs?: Tensor | readonly Tensor[];
}

/** Options of `grad`. */
export interface GradOptions {
  /** One gradient for each output; null where the output is a single element. */
  readonly gradOutputs?: Tensor | readonly (Tensor | null)[] | null;
  /** Keep what the graph saved, for another pass. Default: the value of `createGraph`. */
  readonly retainGraph?: boolean;
  /** Record the computation of the gradients, for higher derivatives. Default false. */
  readonly createGraph?: boolean;
  /** Give null for inputs that the outputs do not depend on, instead of throwing. Default: `materializeGrads`. */
  readonly allowUnused?: boolean;
  /** Give zeros instead of null. Default false. */
  readonly materializeGrads?: boolean;
}

/**
 * Computes the gradients of `tensors` with respect to the leaves they depend on, and adds them to the leaves' `grad`.
 *
 * Throws: PyTorch's RuntimeErrors where a tensor has more than one element and no gradient is given, where shapes
 * differ, where nothing requires a gradient, and where the graph was used up or changed.
 */
export function backward(tensors: Tensor | readonly Tensor[], options: BackwardOptions = {}): void {
  const outputs = toList(tensors);
  const createGraph = options.createGraph ?? false;
  const roots = rootsOf(
    outputs,
    options.gradient === null || options.gradient === undefined ? [] : toList(options.gradient),
  );
  const passOptions = { createGraph, retainGraph: options.retainGraph ?? createGraph };
  if (options.inputs === undefined) {
    runPass(roots, null, passOptions);
    return;
  }
  const inputs = toList(options.inputs);
  if (inputs.length === 0) {
    throw torchError("RuntimeError", "`inputs` argument to `backward()` cannot be empty.");
  }
  // As in PyTorch, computed tensors among them retain their gradients from now on.
  for (const input of inputs) if (!isLeafTarget(input)) retainGrad(input);
  runPass(roots, targetsOf(inputs), { ...passOptions, accumulates: true });
}

function isLeafTarget(input: Tensor): boolean {
  return input.collectsGradient && gradFnOf(input) === null;
}

/**
 * The gradients of the sum of `outputs` with respect to `inputs`; no `grad` is touched.
 *
 * Throws: as `backward`, and where an input does not require a gradient or, unless `allowUnused`, was not used.
 *
 * @example
 * const x = tensor([1, 2], { dtype: "float32", requiresGrad: true });
 * grad(x.pow(2).sum(), [x]); // [tensor([2., 4.])]
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const createGraph = options.createGraph ?? false;
  const given =
    options.gradOutputs === null || options.gradOutputs === undefined ? [] : toList(options.gradOutputs);
  const roots = rootsOf(toList(outputs), given);
  const wanted = toList(inputs);
  if (wanted.length === 0) {
    throw torchError("RuntimeError", "`inputs` argument to `grad()` cannot be empty.");
  }
  if (options.materializeGrads === true && options.allowUnused === false) {
    throw torchError(
      "ValueError",
      "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.",
    );
  }
  const retainGraph = options.retainGraph ?? createGraph;
  const gradients = runPass(roots, targetsOf(wanted), { createGraph, retainGraph });
  const materialize = options.materializeGrads ?? false;
  const allowUnused = options.allowUnused ?? materialize;
  return gradients.map((gradient, k) => {
    if (gradient !== null) return gradient;
    if (materialize) return arithmetic().zeros(wanted[k]!);
    if (allowUnused) return null;
    throw torchError(
      "RuntimeError",
      `The differentiated Tensor at index ${k} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.`,
    );
  });
}

function toList<T extends object | null>(one: T | readonly T[]): readonly T[] {
  return Array.isArray(one) ? (one as readonly T[]) : [one as T];
}

function rootsOf(outputs: readonly Tensor[], gradients: readonly (Tensor | null)[]): readonly Root[] {
  if (gradients.length > 0 && gradients.length !== outputs.length) {
    throw torchError("RuntimeError", `got ${outputs.length} tensors and ${gradients.length} gradients`);
  }
  return outputs.map((output, k) => {
    const gradient = initialGradient(output, gradients[k] ?? null, k);
    const node = gradientNodeOf(output);
    if (node === null) {
      throw torchError(
        "RuntimeError",
        `element ${k} of tensors does not require grad and does not have a grad_fn`,
      );
    }
    return { node, output: output.outputNumber, gradient };
  });
}

function initialGradient(output: Tensor, given: Tensor | null, k: number): Tensor {
  if (given === null) {
    if (requiresGrad(output) && output.count !== 1) {
      throw torchError("RuntimeError", "grad can be implicitly created only for scalar outputs");
    }
    if (requiresGrad(output) && output.isComplex()) {
      throw torchError(
        "RuntimeError",
        `grad can be implicitly created only for real scalar outputs but got ${String(output.dtype)}`,
      );
    }
    return arithmetic().onesLike(output);
  }
  if (!sameShape(given.shape, output.shape)) {
    throw torchError(
      "RuntimeError",
      `Mismatch in shape: grad_output[${k}] has a shape of ${String(given.shape)} and output[${k}] has a shape of ${String(output.shape)}.`,
    );
  }
  return given;
}

function targetsOf(inputs: readonly Tensor[]): readonly Target[] {
  return inputs.map((input) => {
    const node = gradientNodeOf(input);
    if (node === null) {
      throw torchError("RuntimeError", "One of the differentiated Tensors does not require grad");
    }
    return { node, output: input.outputNumber };
  });
}
