/**
 * Puts the ops on Tensor, as methods and as types. A family of ops is named once in each of the two lists; a new op of
 * a family needs nothing here.
 */

import { installArithmetic } from "../autograd/arithmetic.ts";
import { toSize } from "../shape.ts";
import { fillDense } from "../tensor/elements.ts";
import { Tensor, newTensor } from "../tensor/tensor.ts";
import * as activation from "./activation.ts";
import * as arithmetic from "./arithmetic.ts";
import * as blending from "./blending.ts";
import * as bits from "./bits.ts";
import * as choosing from "./choosing.ts";
import * as clamping from "./clamping.ts";
import * as complexParts from "./complex-parts.ts";
import * as complexViews from "./complex-views.ts";
import * as areas from "./areas.ts";
import * as assembling from "./assembling.ts";
import * as integerPairs from "./integer-pairs.ts";
import * as differences from "./differences.ts";
import * as quantiles from "./quantiles.ts";
import * as synonyms from "./synonyms.ts";
import * as division from "./division.ts";
import * as exponential from "./exponential.ts";
import * as logic from "./logic.ts";
import * as power from "./power.ts";
import * as rounding from "./rounding.ts";
import * as special from "./special.ts";
import * as trigonometry from "./trigonometry.ts";
import * as cumulative from "./cumulative.ts";
import * as equality from "./equality.ts";
import * as extremes from "./extremes.ts";
import * as norms from "./norms.ts";
import * as orderStatistics from "./order-statistics.ts";
import * as softmax from "./softmax.ts";
import * as truth from "./truth.ts";
import { varianceMethods } from "./variance.ts";
import * as moments from "./moments.ts";
import * as comparison from "./comparison.ts";
import * as copy from "./copy.ts";
import * as diagonals from "./diagonals.ts";
import * as expanding from "./expanding.ts";
import * as counting from "./counting.ts";
import * as distinctValues from "./distinct-values.ts";
import * as einsum from "./einsum.ts";
import * as gathering from "./gathering.ts";
import * as gatheringFill from "./gathering-fill.ts";
import * as gatheringReduce from "./gathering-reduce.ts";
import * as gatheringSlices from "./gathering-slices.ts";
import * as grids from "./grids.ts";
import * as inPlaceViews from "./in-place-views.ts";
import * as renorm from "./renorm.ts";
import * as neighbours from "./neighbours.ts";
import * as distances from "./distances.ts";
import * as joining from "./joining.ts";
import * as membership from "./membership.ts";
import * as overlaying from "./overlaying.ts";
import * as indexing from "./indexing.ts";
import * as masking from "./masking.ts";
import * as matrix from "./matrix.ts";
import * as matrixBatch from "./matrix-batch.ts";
import * as matrixBroadcast from "./matrix-broadcast.ts";
import * as matrixVector from "./matrix-vector.ts";
import * as newTensors from "./new-tensors.ts";
import type { Overloaded } from "./family.ts";
import type { OpFacts } from "./op.ts";
import * as padding from "./padding.ts";
import * as permuting from "./permuting.ts";
import * as piecewiseActivation from "./piecewise-activation.ts";
import * as pointwise from "./pointwise.ts";
import * as random from "./random.ts";
import * as randomDraws from "./random-draws.ts";
import * as rearranging from "./rearranging.ts";
import * as reduction from "./reduction.ts";
import * as repeating from "./repeating.ts";
import * as reshaping from "./reshaping.ts";
import * as slicing from "./slicing.ts";
import * as sorting from "./sorting.ts";
import * as splitting from "./splitting.ts";
import * as triangular from "./triangular.ts";
import * as striding from "./striding.ts";
import * as vectorProducts from "./vector-products.ts";

/** The families by the names of their files; every op that they export becomes a method. */
export const families: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  activation,
  arithmetic,
  trigonometry,
  special,
  rounding,
  power,
  logic,
  exponential,
  division,
  clamping,
  "complex-parts": complexParts,
  "complex-views": complexViews,
  choosing,
  areas,
  assembling,
  "integer-pairs": integerPairs,
  differences,
  quantiles,
  synonyms,
  bits,
  blending,
  comparison,
  moments,
  variance: varianceMethods,
  truth,
  softmax,
  "order-statistics": orderStatistics,
  norms,
  extremes,
  equality,
  cumulative,
  copy,
  diagonals,
  expanding,
  counting,
  "distinct-values": distinctValues,
  einsum,
  gathering,
  "gathering-fill": gatheringFill,
  "gathering-reduce": gatheringReduce,
  "gathering-slices": gatheringSlices,
  distances,
  grids,
  joining,
  "in-place-views": inPlaceViews,
  membership,
  neighbours,
  overlaying,
  renorm,
  masking,
  indexing,
  matrix,
  "matrix-batch": matrixBatch,
  "matrix-broadcast": matrixBroadcast,
  "matrix-vector": matrixVector,
  "new-tensors": newTensors,
  padding,
  permuting,
  "piecewise-activation": piecewiseActivation,
  pointwise,
  random,
  "random-draws": randomDraws,
  rearranging,
  reduction,
  repeating,
  reshaping,
  slicing,
  sorting,
  splitting,
  triangular,
  striding,
  "vector-products": vectorProducts,
};

/** Those whose ops are no methods, as their first argument is a list or a text. */
const functionFamilies: ReadonlySet<unknown> = new Set([
  einsum,
  areas,
  assembling,
  complexViews,
  distances,
  grids,
  membership,
  joining,
  padding,
  moments,
  activation,
  piecewiseActivation,
]);

/** A function of a tensor as its method. */
type Method<F> =
  F extends Overloaded<infer Overloads>
    ? Overloads
    : // Without the constraint, rest parameters of a readonly type would match nothing.
      F extends (self: Tensor, ...rest: infer Rest extends readonly unknown[]) => infer Result
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
      Methods<typeof blending>,
      InPlaceMethods<typeof blending>,
      Methods<typeof bits>,
      InPlaceMethods<typeof bits>,
      Methods<typeof choosing>,
      InPlaceMethods<typeof choosing>,
      Methods<typeof clamping>,
      InPlaceMethods<typeof clamping>,
      Methods<typeof complexParts>,
      InPlaceMethods<typeof complexParts>,
      Methods<typeof integerPairs>,
      InPlaceMethods<typeof integerPairs>,
      Methods<typeof differences>,
      Methods<typeof vectorProducts>,
      Methods<typeof quantiles>,
      Methods<typeof synonyms>,
      InPlaceMethods<typeof synonyms>,
      Methods<typeof division>,
      InPlaceMethods<typeof division>,
      Methods<typeof exponential>,
      InPlaceMethods<typeof exponential>,
      Methods<typeof logic>,
      InPlaceMethods<typeof logic>,
      Methods<typeof power>,
      InPlaceMethods<typeof power>,
      Methods<typeof rounding>,
      InPlaceMethods<typeof rounding>,
      Methods<typeof special>,
      InPlaceMethods<typeof special>,
      Methods<typeof trigonometry>,
      InPlaceMethods<typeof trigonometry>,
      Methods<typeof comparison>,
      InPlaceMethods<typeof comparison>,
      Methods<typeof cumulative>,
      InPlaceMethods<typeof cumulative>,
      Methods<typeof equality>,
      Methods<typeof extremes>,
      Methods<typeof norms>,
      Methods<typeof orderStatistics>,
      Methods<typeof softmax>,
      Methods<typeof truth>,
      Methods<typeof varianceMethods>,
      Methods<typeof copy>,
      Methods<typeof indexing>,
      InPlaceMethods<typeof indexing>,
      Methods<typeof counting>,
      Methods<typeof distinctValues>,
      Methods<typeof gathering>,
      InPlaceMethods<typeof gathering>,
      Methods<typeof gatheringFill>,
      InPlaceMethods<typeof gatheringFill>,
      Methods<typeof gatheringReduce>,
      InPlaceMethods<typeof gatheringReduce>,
      Methods<typeof gatheringSlices>,
      InPlaceMethods<typeof gatheringSlices>,
      Methods<typeof masking>,
      InPlaceMethods<typeof masking>,
      Methods<typeof matrix>,
      InPlaceMethods<typeof matrix>,
      Methods<typeof matrixBatch>,
      InPlaceMethods<typeof matrixBatch>,
      Methods<typeof matrixBroadcast>,
      Methods<typeof matrixVector>,
      InPlaceMethods<typeof matrixVector>,
      Methods<typeof newTensors>,
      Methods<typeof random>,
      Methods<typeof sorting>,
      Methods<typeof triangular>,
      InPlaceMethods<typeof triangular>,
      Methods<typeof randomDraws>,
      Methods<typeof inPlaceViews>,
      Methods<typeof neighbours>,
      InPlaceMethods<typeof neighbours>,
      Methods<typeof overlaying>,
      Methods<typeof renorm>,
      InPlaceMethods<typeof renorm>,
      Methods<typeof pointwise>,
      InPlaceMethods<typeof pointwise>,
      Methods<typeof reduction>,
      Methods<typeof diagonals>,
      Methods<typeof expanding>,
      Methods<typeof permuting>,
      Methods<typeof rearranging>,
      Methods<typeof repeating>,
      Methods<typeof reshaping>,
      Methods<typeof slicing>,
      Methods<typeof splitting>,
      Methods<typeof striding> {}
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

for (const family of Object.values(families)) {
  if (functionFamilies.has(family)) continue;
  for (const [name, value] of Object.entries(family)) {
    const run = value as AnyOp;
    if (typeof run !== "function" || run.op === undefined) continue;
    if (run.op.isVariadic) defineVariadic(name, run);
    else define(name, run);
    if (run.inPlace === undefined) continue;
    if (run.op.isVariadic) defineVariadic(`${name}_`, run.inPlace);
    else define(`${name}_`, run.inPlace);
  }
}

installArithmetic({
  add: (a, b) => arithmetic.add(a, b),
  addInPlace: (self, other) => {
    arithmetic.add.inPlace(self, other);
  },
  sumTo: expanding.sumTo,
  cast: copy.cast,
  clone: (self) => copy.clone(self, { memoryFormat: "contiguous" }),
  cloneStrided: striding.cloneStrided,
  zeros: (like) => newTensor(like.dtype, toSize(like.shape.slice())),
  onesLike(self) {
    const ones = newTensor(self.dtype, self.shape, self.device);
    fillDense(ones, 1);
    return ones;
  },
  asStrided: (self, shape, strides, offset) =>
    striding.stridedView(self, shape, strides, self.offset + offset),
  viewAsReal: complexViews.viewAsReal,
  viewAsComplex: complexViews.viewAsComplex,
  copyInto: (target, source) => {
    copy.copy_(target, source);
  },
  asStridedAdjoint: striding.stridedAdjoint,
});
