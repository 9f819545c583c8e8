/**
 * Puts the ops on Tensor, as methods and as types. A family of ops is named once in each of the two lists; a new op of
 * a family needs nothing here.
 */

import { installArithmetic } from "../autograd/arithmetic.ts";
import { toSize } from "../shape.ts";
import { denseItems, fillDense, scatterItems } from "../tensor/elements.ts";
import { Tensor, Version, newTensor, viewOf } from "../tensor/tensor.ts";
import { allocate } from "../tensor/storage.ts";
import * as arithmetic from "./arithmetic.ts";
import * as comparison from "./comparison.ts";
import * as copy from "./copy.ts";
import * as matrix from "./matrix.ts";
import type { OpFacts } from "./op.ts";
import * as pointwise from "./pointwise.ts";
import * as reduction from "./reduction.ts";
import * as views from "./views.ts";

/** The families, in which every exported op becomes a method. */
export const families: readonly Readonly<Record<string, unknown>>[] = [
  arithmetic,
  comparison,
  copy,
  matrix,
  pointwise,
  reduction,
  views,
];

/** A function of a tensor as its method. */
type Method<F> = F extends (self: Tensor, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The methods of a family: one for each op that it exports. */
export type Methods<Family> = {
  [Name in keyof Family as Family[Name] extends { readonly op: OpFacts } ? Name : never]: Method<
    Family[Name]
  >;
};

/** The in-place twins of a family: `add_` for each `add` that has one. */
export type InPlaceMethods<Family> = {
  [
    Name in keyof Family as Family[Name] extends { readonly inPlace: unknown } ? `${Name & string}_` : never
  ]: Family[Name] extends { readonly inPlace: infer F } ? Method<F> : never;
};

declare module "../tensor/tensor.ts" {
  interface Tensor
    extends
      Methods<typeof arithmetic>,
      InPlaceMethods<typeof arithmetic>,
      Methods<typeof comparison>,
      InPlaceMethods<typeof comparison>,
      Methods<typeof copy>,
      Methods<typeof matrix>,
      Methods<typeof pointwise>,
      InPlaceMethods<typeof pointwise>,
      Methods<typeof reduction>,
      Methods<typeof views> {}
}

type AnyOp = ((...args: unknown[]) => unknown) & {
  readonly op?: OpFacts;
  readonly inPlace?: (...args: unknown[]) => unknown;
};

function define(name: string, run: (...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, {
    // Spelt out, as rest arguments cost time in calls this short.
    value(this: Tensor, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
      return run(this, a, b, c, d);
    },
    writable: true,
    configurable: true,
  });
}

/** Methods whose arguments may be many numbers: `view(2, 3, 4, 5, 6)`. */
function defineVariadic(name: string, run: (...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...args: unknown[]): unknown {
      return run(this, ...args);
    },
    writable: true,
    configurable: true,
  });
}

for (const family of families) {
  for (const [name, value] of Object.entries(family)) {
    const run = value as AnyOp;
    if (typeof run !== "function" || run.op === undefined) continue;
    if (run.op.isVariadic) defineVariadic(name, run);
    else define(name, run);
    if (run.inPlace !== undefined) define(`${name}_`, run.inPlace);
  }
}

installArithmetic({
  add: (a, b) => arithmetic.add(a, b),
  addInPlace: (self, other) => {
    arithmetic.add.inPlace(self, other);
  },
  sumTo: views.sumTo,
  cast: copy.cast,
  clone: (self) => copy.clone(self, { memoryFormat: "contiguous" }),
  cloneStrided(self, strides) {
    const reach = self.shape.reduce((end, length, axis) => end + (length - 1) * strides[axis]!, 1);
    const out = new Tensor(
      allocate(self.dtype, Math.max(reach, 0)),
      self.dtype,
      self.shape,
      strides,
      0,
      self.count,
      new Version(),
      null,
    );
    scatterItems(denseItems(self), out);
    return out;
  },
  zeros: (like) => newTensor(like.dtype, toSize(like.shape.slice())),
  onesLike(self) {
    const ones = newTensor(self.dtype, self.shape, self.device);
    fillDense(ones, 1);
    return ones;
  },
  asStrided: (self, shape, strides, offset) => viewOf(self, shape, strides, self.offset + offset),
  copyInto: (target, source) => {
    copy.copy_(target, source);
  },
  asStridedAdjoint(gradient, base, view) {
    const whole = newTensor(gradient.dtype, base.shape);
    const part = viewOf(whole, view.shape, view.strides, view.offset - base.offset);
    copy.copy_(part, gradient);
    return whole;
  },
});
