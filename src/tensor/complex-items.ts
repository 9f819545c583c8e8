/**
 * Complex tensors looked at as real ones whose last dimension are the two parts, and back: the same memory, no history.
 */

import type { DType } from "../dtype.ts";
import { countOf, toSize } from "../shape.ts";
import { complexDtype, realDtype } from "./promotion.ts";
import { Tensor } from "./tensor.ts";

/** The memory of a tensor under elements of another width: twice as many halves, or half as many pairs. */
function reinterpreted(
  self: Tensor,
  dtype: DType,
  shape: number[],
  strides: number[],
  offset: number,
): Tensor {
  const count = countOf(shape);
  return new Tensor(
    self.storage,
    dtype,
    toSize(shape),
    strides,
    offset,
    count,
    self.version,
    self.base ?? self,
  );
}

/** A complex tensor (…) as a real one (…, 2). */
export function partsOf(self: Tensor): Tensor {
  const strides = [...self.strides.map((stride) => 2 * stride), 1];
  return reinterpreted(self, realDtype(self.dtype), [...self.shape, 2], strides, 2 * self.offset);
}

/** A real tensor (…, 2) as a complex one (…); its pairs have to lie at even places. */
export function pairsOf(self: Tensor): Tensor {
  const strides = self.strides.slice(0, -1).map((stride) => Math.floor(stride / 2));
  return reinterpreted(self, complexDtype(self.dtype)!, self.shape.slice(0, -1), strides, self.offset / 2);
}
