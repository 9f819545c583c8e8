/**
 * `spectralNorm`: a weight divided by its largest singular value, which is estimated by power iteration.
 */

import { noGrad } from "../../autograd/grad-mode.ts";
import { dtypes } from "../../dtype.ts";
import { torchError } from "../../errors.ts";
import { rowNorm32 } from "../../functional/weight-norm.ts";
import { zeros } from "../../ops/creation.ts";
import { denseItems } from "../../tensor/elements.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../conv-transpose.ts";
import type { RemovableHandle } from "../hook-tables.ts";
import type { LoadContext } from "../load-state-dict.ts";
import type { Module } from "../module.ts";
import { Parameter, isParameter } from "../parameter.ts";
import type { ModuleMetadata } from "../state-dict.ts";
import { fieldsOf, findReplacement, replaceBy } from "./replaced-parameter.ts";
import { isUninitialized } from "../uninitialized.ts";

/** Options of `spectralNorm`. */
export interface SpectralNormOptions {
  /** The parameter. Default `"weight"`. */
  readonly name?: string;
  /** Steps of the power iteration at every call in training. Default 1. */
  readonly nPowerIterations?: number;
  /** The smallest length that vectors are divided by. Default 1e-12. */
  readonly eps?: number;
  /** The dimension of the outputs. Default 0, and 1 for transposed convolutions. */
  readonly dim?: number | null;
}

/** What every state dict says of a spectral norm. */
const version = 1;

/** A vector divided by its length; float32 rounded as in Note [float32 norms], as these vectors are stored. */
function normalized(vector: Tensor, eps: number): Tensor {
  const isExact = vector.dtype === dtypes.float32 && vector.device === "cpu";
  const length = isExact
    ? rowNorm32(denseItems(vector) as Float32Array, 0, vector.count)
    : vector.norm(2).clampMin(eps);
  return vector.div(typeof length === "number" ? Math.max(length, Math.fround(eps)) : length);
}

/** (outputs, everything else) */
function asMatrix(weight: Tensor, dim: number): Tensor {
  if (dim === 0) return weight.reshape(weight.shape[0]!, -1);
  const rest = weight.shape.map((_, axis) => axis).filter((axis) => axis !== dim);
  return weight.permute([dim, ...rest]).reshape(weight.shape[dim]!, -1);
}

/** Whether the outputs of a layer's weight are its second dimension. */
function isTransposed(module: Module): boolean {
  return [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((Class) => module instanceof Class);
}

/** Handles of the state dict's hooks, by module and name, for `removeSpectralNorm`. */
const stateHooks: WeakMap<Module, Map<string, readonly RemovableHandle[]>> = new WeakMap();

/**
 * Replaces a parameter by `weight_orig`; the weight itself, divided by its largest singular value, is computed before
 * every call. The buffers `weight_u` and `weight_v` are the singular vectors, which every call in training improves.
 * Returns the module.
 *
 * Differs from PyTorch: state dicts of versions before 1.0, which lack `weight_v`, are refused instead of mended.
 * Throws: PyTorch's RuntimeError for a parameter that is replaced already, its ValueErrors for one that is null and for
 * iterations that are not positive, its KeyError for one that is not there.
 *
 * @example
 * const layer = spectralNorm(new Linear(20, 40));
 * String(layer.getBuffer("weight_u").shape); // torch.Size([40])
 */
export function spectralNorm<M extends Module>(module: M, options: SpectralNormOptions = {}): M {
  const { name = "weight", nPowerIterations = 1, eps = 1e-12 } = options;
  const dim = options.dim ?? (isTransposed(module) ? 1 : 0);
  if (findReplacement(module, "spectral_norm", name) !== null) {
    throw torchError("RuntimeError", `Cannot register two spectral_norm hooks on the same parameter ${name}`);
  }
  if (nPowerIterations <= 0) {
    throw torchError(
      "ValueError",
      `Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`,
    );
  }
  const weight = fieldsOf(module)[name];
  if (weight === null) {
    throw torchError("ValueError", `\`SpectralNorm\` cannot be applied as parameter \`${name}\` is None`);
  }
  if (!isParameter(weight)) throw torchError("KeyError", name);
  if (isUninitialized(weight)) {
    throw torchError(
      "ValueError",
      "The module passed to `SpectralNorm` can't have uninitialized parameters. Make sure to run the dummy forward before applying spectral normalization",
    );
  }
  const { u, v } = noGrad(() => {
    const [height, width] = asMatrix(weight, dim).shape as readonly number[] as [number, number];
    return {
      u: normalized(zeros(height, { dtype: weight.dtype, device: weight.device }).normal_(0, 1), eps),
      v: normalized(zeros(width, { dtype: weight.dtype, device: weight.device }).normal_(0, 1), eps),
    };
  });
  const compute = (target: Module, training: boolean): Tensor =>
    divided(fieldsOf(target), name, dim, training ? nPowerIterations : 0, eps);
  replaceBy(module, { kind: "spectral_norm", name, compute }, [[`${name}_orig`, weight]], () => weight.data);
  module.registerBuffer(`${name}_u`, u);
  module.registerBuffer(`${name}_v`, v);
  const hooks = [
    module.registerLoadStateDictPreHook((_module, state, context) => noteMissing(name, state, context)),
    module.registerStateDictPostHook((_module, _state, _prefix, metadata) => noteVersion(metadata, name)),
  ];
  const handles = stateHooks.get(module) ?? new Map<string, readonly RemovableHandle[]>();
  stateHooks.set(module, handles.set(name, hooks));
  return module;
}

/** What a state dict of an older version, or without metadata, should have had; PyTorch names it beside what is missing. */
function noteMissing(name: string, state: ReadonlyMap<string, unknown>, context: LoadContext): void {
  const { prefix, metadata, missingKeys } = context;
  const facts = metadata["spectral_norm"] as Readonly<Record<string, unknown>> | undefined;
  const found = facts?.[`${name}.version`];
  if (typeof found === "number" && found >= 1) return;
  const key = prefix + name;
  const isComplete = ["_orig", "_u", "_v"].every((suffix) => state.has(key + suffix));
  if (found === undefined && isComplete && !state.has(key)) return;
  missingKeys.push(...["_orig", "", "_u"].map((suffix) => key + suffix).filter((each) => !state.has(each)));
}

/** PyTorch keeps the version of the norm among the facts of the module. */
function noteVersion(metadata: ModuleMetadata, name: string): void {
  const facts = metadata as Record<string, unknown>;
  facts["spectral_norm"] = {
    ...(facts["spectral_norm"] as object | undefined),
    [`${name}.version`]: version,
  };
}

/** The weight over its largest singular value uᵀ·W·v, after some steps v = Wᵀ·u, u = W·v, both of length 1. */
function divided(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  dim: number,
  iterations: number,
  eps: number,
): Tensor {
  const weight = fields[`${name}_orig`] as Tensor;
  let u = fields[`${name}_u`] as Tensor;
  let v = fields[`${name}_v`] as Tensor;
  const matrix = asMatrix(weight, dim);
  if (iterations > 0) {
    noGrad(() => {
      for (let k = 0; k < iterations; k++) {
        v.copy_(normalized(matrix.t().mv(u), eps));
        u.copy_(normalized(matrix.mv(v), eps));
      }
      // The next call changes the buffers, and the backward pass needs them as they are now.
      u = u.clone();
      v = v.clone();
    });
  }
  return weight.div(u.dot(matrix.mv(v)));
}

/**
 * Makes a parameter one again that `spectralNorm` had replaced: the divided weight. Returns the module.
 *
 * Throws: PyTorch's ValueError where none was replaced.
 */
export function removeSpectralNorm<M extends Module>(module: M, name: string = "weight"): M {
  const found = findReplacement(module, "spectral_norm", name);
  if (found === null) {
    throw torchError("ValueError", `spectral_norm of '${name}' not found in ${String(module)}`);
  }
  const weight = noGrad(() => found.replacement.compute(module, false));
  const fields = fieldsOf(module);
  for (const suffix of ["", "_u", "_v", "_orig"]) delete fields[name + suffix];
  module.registerParameter(name, new Parameter(weight.detach()));
  found.remove();
  for (const hook of stateHooks.get(module)?.get(name) ?? []) hook.remove();
  return module;
}
