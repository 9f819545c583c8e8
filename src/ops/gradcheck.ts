/**
 * Compares the gradients that rules give with differences of function values: `torch.autograd.gradcheck`.
 */

import { grad } from "../autograd/backward.ts";
import { enableGrad, noGrad } from "../autograd/grad-mode.ts";
import { requiresGrad } from "../autograd/history.ts";
import { dtypes } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import { shapeText } from "../shape.ts";
import { pairsOf, partsOf } from "../tensor/complex-items.ts";
import { elementAt, forEachRun, setElementAt } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { tensor } from "./creation.ts";

/** How closely gradients have to agree. */
export interface GradcheckOptions {
  /** The step of the differences; default 1e-6. */
  readonly eps?: number;
  /** Greatest absolute difference; default 1e-5. */
  readonly atol?: number;
  /** Greatest difference relative to the numerical gradient; default 1e-3. */
  readonly rtol?: number;
}

/** A function of tensors to check. */
export type CheckedFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

function outputsOf(result: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
}

/** A tensor as real numbers: complex ones by their parts, on the same memory. */
function realOf(self: Tensor): Tensor {
  return self.isComplex() ? partsOf(self) : self;
}

/** The places of a real tensor's elements in its storage, in row-major order. */
function placesOf(self: Tensor): number[] {
  const places: number[] = [];
  const length = self.shape.at(-1) ?? 1;
  const step = self.strides.at(-1) ?? 1;
  forEachRun(self.shape, self.strides, self.offset, (start) => {
    for (let k = 0; k < length; k++) places.push(start + k * step);
  });
  return places;
}

function valuesOf(given: Tensor): number[] {
  const self = realOf(given);
  return placesOf(self).map((at) => elementAt(self, at) as number);
}

/**
 * Weights for the elements of an output. The check is of the weighted sum of all outputs, whose gradient would be wrong
 * if that of any element were; unequal weights keep errors from cancelling.
 */
function weightsOf(output: Tensor, salt: number): Tensor {
  const real = realOf(output);
  const values = Array.from({ length: real.count }, (_, k) => Math.cos(1 + 0.7 * k + 0.31 * salt));
  const weights = tensor(values, { dtype: dtypes.float64 }).reshape(real.shape);
  return output.isComplex() ? pairsOf(weights).detach() : weights;
}

/**
 * Checks the gradients of a function with respect to those of its inputs that require them, all float64 or complex128.
 * Of complex numbers the parts are varied, see Note [complex gradients] in `complex-parts.ts`.
 *
 * Throws: `UsageError` that says where rule and differences disagree.
 *
 * @example
 * gradcheck((x) => x.exp(), [tensor([0.5], { dtype: "float64", requiresGrad: true })]); // true
 */
export function gradcheck(
  run: CheckedFunction,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  const checked = inputs.filter(requiresGrad);
  if (checked.length === 0) {
    throw new UsageError("checking gradients: found no input that requires one", {
      code: "gradcheck-inputs",
    });
  }
  const outputs = outputsOf(run(...inputs)).filter(requiresGrad);
  if (outputs.length === 0) return true;
  const weights = outputs.map(weightsOf);
  const gradients = grad(outputs, checked, { gradOutputs: weights, allowUnused: true });
  const weightValues = weights.map(valuesOf);
  const scalarOf = (): number => {
    const results = outputsOf(run(...inputs)).filter(
      (result) => result.dtype.kind === "float" || result.isComplex(),
    );
    let sum = 0;
    results.forEach((result, k) => {
      valuesOf(result).forEach((value, at) => {
        sum += value * (weightValues[k]?.[at] ?? 0);
      });
    });
    return sum;
  };
  checked.forEach((given, number) => {
    const input = realOf(given);
    const gradient = gradients[number] ?? null;
    const analytic = gradient === null ? [] : valuesOf(gradient);
    placesOf(input).forEach((at, element) => {
      const numerical = noGrad(() => difference(input, at, eps, scalarOf));
      const found = analytic[element] ?? 0;
      if (Math.abs(found - numerical) <= atol + rtol * Math.abs(numerical)) return;
      throw new UsageError(
        `checking gradients: element ${element} of input ${number} ${shapeText(input.shape)}: found ${found} by the rule, expected ${numerical} by differences`,
        { code: "gradcheck", torchType: "RuntimeError" },
      );
    });
  });
  return true;
}

/** The central difference of a function along one element, which is put back. */
function difference(input: Tensor, at: number, eps: number, scalarOf: () => number): number {
  const value = elementAt(input, at);
  setElementAt(input, at, (value as number) + eps);
  const above = scalarOf();
  setElementAt(input, at, (value as number) - eps);
  const below = scalarOf();
  setElementAt(input, at, value);
  return (above - below) / (2 * eps);
}

/**
 * Checks the gradients of a function's gradients. Throws as `gradcheck`.
 */
export function gradgradcheck(
  run: CheckedFunction,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  const outputs = outputsOf(run(...inputs)).filter(requiresGrad);
  const gradOutputs = outputs.map((output, k) => {
    const weights = weightsOf(output, k + 5);
    weights.requiresGrad = true;
    return weights;
  });
  const first: CheckedFunction = (...all) => {
    const values = all.slice(0, inputs.length);
    const given = all.slice(inputs.length);
    const results = outputsOf(run(...values)).filter(requiresGrad);
    const wanted = values.filter(requiresGrad);
    const found = grad(results, wanted, { gradOutputs: given, createGraph: true, allowUnused: true });
    return found.filter((gradient) => gradient !== null);
  };
  // Functions that are linear have gradients that depend on the outputs' gradients only.
  return gradcheckGraded(first, [...inputs, ...gradOutputs], options);
}

/** `gradcheck` of a function that needs recording itself. */
function gradcheckGraded(
  run: CheckedFunction,
  inputs: readonly Tensor[],
  options: GradcheckOptions,
): boolean {
  return gradcheck((...all) => enableGrad(() => run(...all)), inputs, options);
}
