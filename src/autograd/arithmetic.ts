/**
 * What the backward engine computes itself. It stands below the ops, so the ops hand these in when they are loaded;
 * as they are ops, what the engine does with them is recorded where a graph of the gradients is wanted.
 */

import type { DType } from "../dtype.ts";
import { internal } from "../errors.ts";
import type { Size } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The ops the engine needs. */
export interface Arithmetic {
  add(a: Tensor, b: Tensor): Tensor;
  addInPlace(self: Tensor, other: Tensor): void;
  /** Sums the dimensions along which `shape` was repeated to give the gradient's shape. */
  sumTo(gradient: Tensor, shape: Size): Tensor;
  cast(gradient: Tensor, dtype: DType): Tensor;
  /** A dense copy. */
  clone(self: Tensor): Tensor;
  /** A copy with the given strides, as large as they reach. */
  cloneStrided(self: Tensor, strides: readonly number[]): Tensor;
  zeros(like: { readonly shape: Size; readonly dtype: DType }): Tensor;
  onesLike(self: Tensor): Tensor;
  asStrided(self: Tensor, shape: Size, strides: readonly number[], offset: number): Tensor;
  /** A complex tensor as its parts, or parts as a complex tensor, on the same memory. */
  viewAsReal(self: Tensor): Tensor;
  viewAsComplex(self: Tensor): Tensor;
  copyInto(target: Tensor, source: Tensor): void;
  /** The adjoint of `asStrided`: zeros of the geometry of the base, with the gradient added in at its places. */
  asStridedAdjoint(gradient: Tensor, base: StridedFacts, view: StridedFacts): Tensor;
}

/** Where the elements of a tensor lie. */
export interface StridedFacts {
  readonly shape: Size;
  readonly strides: readonly number[];
  readonly offset: number;
}

let installed: Arithmetic | null = null;

/** Hands the ops in. */
export function installArithmetic(arithmetic: Arithmetic): void {
  installed = arithmetic;
}

/** The ops that were handed in. */
export function arithmetic(): Arithmetic {
  if (installed === null) throw internal("a backward pass before the ops were loaded");
  return installed;
}
