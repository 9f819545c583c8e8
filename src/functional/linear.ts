/**
 * Linear maps: `linear` and `bilinear`.
 */

import { torchError } from "../errors.ts";
import { cppName } from "../ops/matrix-product.ts";
import { addmm, mm } from "../ops/matrix.ts";
import { countOf, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * y = x·Wᵀ + b
 *
 * Shape: input (*, in), weight (out, in), bias (out) → (*, out).
 * Throws: PyTorch's RuntimeErrors where lengths or dtypes differ.
 *
 * @example
 * linear(ones(2, 3), ones(4, 3)).shape; // torch.Size([2, 4])
 */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  if (bias !== null && input.dtype !== weight.dtype) {
    throw torchError(
      "RuntimeError",
      `mat1 and mat2 must have the same dtype, but got ${input.dtype.scalarType} and ${weight.dtype.scalarType}`,
    );
  }
  if (input.ndim === 2) return bias === null ? mm(input, weight.t()) : addmm(bias, input, weight.t());
  const { shape } = input;
  if (shape.length === 0) {
    throw torchError(
      "RuntimeError",
      "both arguments to linear need to be at least 1D, but they are 0D and 2D",
    );
  }
  const lead = shape.slice(0, -1);
  const rows = input.reshape(countOf(lead), shape.at(-1)!);
  const result = bias === null ? mm(rows, weight.t()) : addmm(bias, rows, weight.t());
  return result.view([...lead, weight.shape[0]!]);
}

/**
 * y = x₁ᵀ·W·x₂ + b
 *
 * Shape: input1 (*, in1), input2 (*, in2), weight (out, in1, in2), bias (out) → (*, out).
 * Throws: PyTorch's RuntimeErrors where dimensions differ.
 */
export function bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  requireOneDtype({ input1, input2, weight, ...(bias === null ? {} : { bias }) });
  checkBilinear(input1, input2, weight);
  const [out, in1, in2] = weight.shape as readonly number[] as [number, number, number];
  const lead = input1.shape.slice(0, -1);
  const rows = countOf(lead);
  // (rows, in1)·(in1, out·in2), then the products with x₂ are summed over in2.
  const half = mm(input1.reshape(rows, in1), weight.permute(1, 0, 2).reshape(in1, out * in2));
  const result = half
    .view(rows, out, in2)
    .mul(input2.reshape(rows, 1, in2))
    .sum(-1)
    .view([...lead, out]);
  return bias === null ? result : result.add(bias);
}

function requireOneDtype(named: Readonly<Record<string, Tensor>>): void {
  const [first, ...rest] = Object.values(named);
  if (rest.every(({ dtype }) => dtype === first!.dtype)) return;
  const found = Object.entries(named).map(([name, { dtype }]) => `${name}: ${cppName(dtype)}`);
  throw torchError("RuntimeError", `All tensors must have the same dtype, got ${found.join(", ")}`);
}

function checkBilinear(input1: Tensor, input2: Tensor, weight: Tensor): void {
  const refuse = (what: string): never => {
    throw torchError("RuntimeError", `bilinear(): ${what}`);
  };
  if (input1.ndim !== input2.ndim)
    refuse(`input dimensions do not match: got ${input1.ndim} and ${input2.ndim}`);
  const lead1 = input1.shape.slice(0, -1);
  const lead2 = input2.shape.slice(0, -1);
  if (!sameShape(lead1, lead2)) {
    const axis = lead1.findIndex((length, k) => length !== lead2[k]);
    refuse(`input batch dimensions do not match at dim ${axis}: got ${lead1[axis]} and ${lead2[axis]}`);
  }
  if (input1.shape.at(-1) !== weight.shape[1]) {
    refuse(
      `input1 size does not match weight size: got ${input1.shape.at(-1)} but expected ${weight.shape[1]}`,
    );
  }
  if (input2.shape.at(-1) !== weight.shape[2]) {
    refuse(
      `input2 size does not match weight size: got ${input2.shape.at(-1)} but expected ${weight.shape[2]}`,
    );
  }
}
