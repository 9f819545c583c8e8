/**
 * The arithmetic of updates: one element at a time, rounded where PyTorch's vector code for the CPU rounds.
 *
 * Note [update loops]: an optimizer computes a parameter's update in one loop over typed arrays instead of a chain of
 * ops. Each operation of PyTorch's chain is one call below, so each result is rounded once as there; nothing is
 * allocated, and no graph is built.
 */

import { dtypes } from "../dtype.ts";
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from "../small-float.ts";
import { fma32 } from "../tensor/float32.ts";
import { fma64 } from "../tensor/float64.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ParameterGroup } from "./parameter-group.ts";

/** The rounding of one dtype, and the fused operations of updates in terms of it. */
export abstract class Arithmetic {
  /** A result as it is stored; a number that is added, or that multiplies what is added, is rounded likewise. */
  abstract round(value: number): number;
  /** A number between two operations of one op, or one that multiplies; of the 16-bit floats, float32. */
  abstract between(value: number): number;
  /** A number that a tensor is multiplied with, `between`; PyTorch's update of many tensors at once stores it first. */
  factor(value: number, group: ParameterGroup): number {
    return group["foreach"] === true ? this.round(value) : this.between(value);
  }
  /** a·b + c, rounded once. */
  abstract fma(a: number, b: number, c: number): number;

  /** y + alpha·x of the elements at a position; `alpha` as `round` gives it. */
  axpy(alpha: number, x: number, y: number, _position: number): number {
    return this.fma(alpha, x, y);
  }

  /** √a. */
  sqrt(a: number): number {
    return this.round(Math.sqrt(a));
  }

  /** a + value·b·c. */
  addcmul(a: number, b: number, c: number, value: number): number {
    return this.fma(this.between(value * b), c, a);
  }

  /** a + value·b/c; PyTorch does not fuse this one. */
  addcdiv(a: number, b: number, c: number, value: number): number {
    return this.round(a + this.between(this.between(value * b) / c));
  }

  /** a + weight·(b - a), from the nearer end; `weight` as `between` gives it. */
  lerp(a: number, b: number, weight: number): number {
    const way = this.between(b - a);
    return Math.abs(weight) < 0.5 ? this.fma(weight, way, a) : this.fma(-way, this.between(1 - weight), b);
  }
}

class Float32Arithmetic extends Arithmetic {
  override round(value: number): number {
    return Math.fround(value);
  }

  override between(value: number): number {
    return Math.fround(value);
  }

  override fma(a: number, b: number, c: number): number {
    return fma32(a, b, c);
  }
}

class Float64Arithmetic extends Arithmetic {
  override round(value: number): number {
    return value;
  }

  override between(value: number): number {
    return value;
  }

  override fma(a: number, b: number, c: number): number {
    return fma64(a, b, c);
  }
}

/** Elements that PyTorch adds at once in 16 bits; the rest of a tensor is added one by one, which rounds the product. */
const vectorLength = 32;

/** 16-bit floats: computed in float32, stored in 16 bits after every op. */
class NarrowArithmetic extends Arithmetic {
  readonly #toDtype: (value: number) => number;
  /** The position from which elements are added one by one. */
  readonly #singlesFrom: number;

  constructor(toDtype: (value: number) => number, count: number) {
    super();
    this.#toDtype = toDtype;
    this.#singlesFrom = count - (count % vectorLength);
  }

  override round(value: number): number {
    return this.#toDtype(Math.fround(value));
  }

  override between(value: number): number {
    return Math.fround(value);
  }

  override fma(a: number, b: number, c: number): number {
    return this.round(fma32(a, b, c));
  }

  override axpy(alpha: number, x: number, y: number, position: number): number {
    return position < this.#singlesFrom ? this.fma(alpha, x, y) : this.round(this.round(alpha * x) + y);
  }
}

const float32 = new Float32Arithmetic();
const float64 = new Float64Arithmetic();
const toHalf = (value: number): number => decodeHalf(encodeHalf(value));
const toBfloat16 = (value: number): number => decodeBfloat16(encodeBfloat16(value));

/** The arithmetic of a tensor's elements; of complex ones, that of their parts. */
export function arithmeticOf({ dtype, count }: Tensor): Arithmetic {
  switch (dtype) {
    case dtypes.float64:
    case dtypes.complex128:
      return float64;
    case dtypes.float16:
      return new NarrowArithmetic(toHalf, count);
    case dtypes.bfloat16:
      return new NarrowArithmetic(toBfloat16, count);
    default:
      return float32;
  }
}
