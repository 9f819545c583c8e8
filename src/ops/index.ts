/** The public list of ops: what PyTorch has as functions of `torch`. Methods of tensors need no list. */

export {
  asTensor,
  empty,
  fromTypedArray,
  full,
  ones,
  scalarTensor,
  tensor,
  zeros,
  type CreationOptions,
  type NestedNumbers,
  type NumberArray,
  type TypedArrayOptions,
} from "./creation.ts";
export { arange, eye, linspace, logspace } from "./creation-sequences.ts";
export { emptyLike, fullLike, onesLike, zerosLike } from "./creation-like.ts";
export {
  normal,
  rand,
  randLike,
  randint,
  randintLike,
  randn,
  randnLike,
  randperm,
} from "./random-creation.ts";
export {
  arccos,
  arccosh,
  arcsin,
  arcsinh,
  arctan,
  arctan2,
  arctanh,
  divide,
  fix,
  greater,
  greaterEqual,
  less,
  lessEqual,
  multiply,
  negative,
  notEqual,
  subtract,
} from "./synonyms.ts";
export { cross, kron } from "./vector-products.ts";
export { nanquantile, quantile } from "./quantiles.ts";
export { add, mul, sub } from "./arithmetic.ts";
export {
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseNot,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from "./bits.ts";
export { addcdiv, addcmul, lerp } from "./blending.ts";
export { fmax, fmin, maximum, minimum } from "./choosing.ts";
export { clamp, clampMax, clampMin, clip } from "./clamping.ts";
export { eq, ge, gt, le, lt, ne } from "./comparison.ts";
export { adjoint, angle, conj, conjPhysical, isreal, resolveConj } from "./complex-parts.ts";
export { complex, imag, polar, real, viewAsComplex, viewAsReal } from "./complex-views.ts";
export { cumulativeTrapezoid, trapezoid } from "./areas.ts";
export {
  atleast1d,
  atleast2d,
  atleast3d,
  blockDiag,
  broadcastShapes,
  broadcastTensors,
  columnStack,
  vander,
} from "./assembling.ts";
export { gcd, lcm } from "./integer-pairs.ts";
export { cdist, type CdistOptions } from "./distances.ts";
export { corrcoef, cov, diff } from "./differences.ts";
export { clone, detach } from "./copy.ts";
export { bincount, histc } from "./counting.ts";
export { cummax, cummin, cumprod, cumsum, logcumsumexp } from "./cumulative.ts";
export { diagonal } from "./diagonals.ts";
export { bucketize, searchsorted, unique, uniqueConsecutive } from "./distinct-values.ts";
export { div, floorDivide, fmod, reciprocal, remainder, trueDivide } from "./division.ts";
export { einsum, tensordot } from "./einsum.ts";
export { allclose, equal, isclose } from "./equality.ts";
export { broadcastTo } from "./expanding.ts";
export {
  exp,
  exp2,
  expm1,
  ldexp,
  log,
  log10,
  log1p,
  log2,
  logaddexp,
  logaddexp2,
  xlogy,
} from "./exponential.ts";
export { amax, amin, aminmax, argmax, argmin, max, min } from "./extremes.ts";
export { indexFill } from "./gathering-fill.ts";
export { indexReduce, scatterReduce } from "./gathering-reduce.ts";
export { indexAdd, indexCopy, indexSelect } from "./gathering-slices.ts";
export { gather, scatter, scatterAdd, take, takeAlongDim } from "./gathering.ts";
export { cartesianProd, combinations, meshgrid } from "./grids.ts";
export { cat, dstack, hstack, stack, vstack } from "./joining.ts";
export {
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  signbit,
} from "./logic.ts";
export { argwhere, maskedFill, maskedScatter, maskedSelect, nonzero } from "./masking.ts";
export { isin, type IsinOptions } from "./membership.ts";
export { diagonalScatter, selectScatter, sliceScatter, type SliceScatterOptions } from "./overlaying.ts";
export { addbmm, baddbmm, bmm } from "./matrix-batch.ts";
export { inner, matmul } from "./matrix-broadcast.ts";
export { addmv, addr, dot, mv, outer, vdot } from "./matrix-vector.ts";
export { addmm, mm } from "./matrix.ts";
export { stdMean, varMean } from "./moments.ts";
export { dist, norm } from "./norms.ts";
export { renorm } from "./renorm.ts";
export { nextafter } from "./neighbours.ts";
export { kthvalue, median, mode, nanmedian } from "./order-statistics.ts";
export { moveaxis, movedim, permute, swapaxes, swapdims, t, transpose } from "./permuting.ts";
export {
  abs,
  absolute,
  copysign,
  heaviside,
  nanToNum,
  neg,
  positive,
  relu,
  sgn,
  sigmoid,
  sign,
  tanh,
} from "./pointwise.ts";
export { floatPower, pow, rsqrt, sqrt, square } from "./power.ts";
export { bernoulli, multinomial } from "./random-draws.ts";
export { flip, fliplr, flipud, roll, rot90 } from "./rearranging.ts";
export { mean, nanmean, nansum, prod, sum } from "./reduction.ts";
export { repeatInterleave, tile } from "./repeating.ts";
export { flatten, ravel, reshape, squeeze, unflatten, unsqueeze } from "./reshaping.ts";
export { ceil, floor, frac, round, trunc } from "./rounding.ts";
export { narrow, select } from "./slicing.ts";
export { logSoftmax, logsumexp, softmax } from "./softmax.ts";
export { argsort, msort, sort, topk } from "./sorting.ts";
export { digamma, erf, erfc, erfinv, lgamma, logit, polygamma } from "./special.ts";
export { chunk, dsplit, hsplit, split, tensorSplit, unbind, vsplit } from "./splitting.ts";
export { asStrided } from "./striding.ts";
export { trilIndices, triuIndices, type TriangleOptions } from "./triangular-indices.ts";
export { diag, diagEmbed, diagflat, trace, tril, triu } from "./triangular.ts";
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  deg2rad,
  hypot,
  rad2deg,
  sin,
  sinc,
  sinh,
  tan,
} from "./trigonometry.ts";
export { all, any, countNonzero, isNonzero } from "./truth.ts";
export { std, variance as var } from "./variance.ts";
export { where } from "./where.ts";
