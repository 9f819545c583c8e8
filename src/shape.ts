/**
 * Shapes as integers: sizes, strides, axes, broadcasting and the rules of `view`. Knows no elements and no dtypes.
 */

import { printAsText } from "./console-text.ts";
import { torchError } from "./errors.ts";

/**
 * The lengths of a tensor's dimensions, the outermost first. An array of numbers that reads as PyTorch prints it.
 *
 * @example
 * String(zeros(5, 10).shape); // "torch.Size([5, 10])"
 */
export interface Size extends ReadonlyArray<number> {
  /** The number of elements: the product of the lengths, 1 for `[]`. */
  numel(): number;
  /** `torch.Size([5, 10])`. */
  toString(): string;
}

class SizeArray extends Array<number> {
  /** `map` and `slice` of a shape give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  numel(): number {
    return countOf(this);
  }

  override toString(): string {
    return `torch.Size([${this.join(", ")}])`;
  }

  static {
    printAsText(this.prototype);
  }
}

/**
 * Makes the array a `Size`, in place: the caller hands it over.
 *
 * Changing the prototype of a literal costs a third of what constructing the subclass does, and every tensor needs one.
 */
export function toSize(lengths: number[]): Size {
  return Object.setPrototypeOf(lengths, SizeArray.prototype) as Size;
}

/** The shape of a single number. */
export const scalarSize: Size = toSize([]);

/** The number of elements of a shape. */
export function countOf(shape: readonly number[]): number {
  let count = 1;
  for (let axis = 0; axis < shape.length; axis++) count *= shape[axis]!;
  return count;
}

/** The strides, in elements, of a dense row-major tensor. A length of 0 counts as 1, as in PyTorch. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const rank = shape.length;
  if (rank === 1) return [1];
  if (rank === 2) return [shape[1]! || 1, 1];
  if (rank === 0) return [];
  const strides = shape.slice();
  let step = 1;
  for (let axis = rank - 1; axis >= 0; axis--) {
    const length = shape[axis]! || 1;
    strides[axis] = step;
    step *= length;
  }
  return strides;
}

/** Whether the elements lie one after the other, in row-major order. Lengths of 1 may have any stride. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    if (length === 0) return true;
    if (length === 1) continue;
    if (strides[axis] !== step) return false;
    step *= length;
  }
  return true;
}

/** Above 0 where a dimension should run slower than another, below where faster, 0 where no layout tells. */
function comparedDimensions(
  shape: Size,
  layouts: readonly (readonly number[])[],
  inner: number,
  outer: number,
): number {
  for (const strides of layouts) {
    const [a, b] = [strides[inner]!, strides[outer]!];
    if (a === 0 || b === 0) continue;
    if (a !== b) return a - b;
    if (shape[inner]! > shape[outer]!) return 1;
  }
  return 0;
}

/**
 * The strides of a dense layout of the order of dimensions that other layouts of the shape have, as PyTorch finds it for
 * results: the dimension of the smallest stride runs fastest. Of several layouts the first decides, but for dimensions that
 * it repeats, whose stride is 0; where none decides, the order is row-major.
 */
export function denseStridesLike(shape: Size, layouts: readonly (readonly number[])[]): number[] {
  const order = shape.map((_, axis) => shape.length - 1 - axis);
  for (let from = 1; from < order.length; from++) {
    let at = from;
    for (let before = from - 1; before >= 0; before--) {
      const [inner, outer] = [order[before]!, order[at]!];
      const decision = comparedDimensions(shape, layouts, inner, outer);
      if (decision < 0) break;
      if (decision === 0) continue;
      order[before] = outer;
      order[at] = inner;
      at = before;
    }
  }
  const dense = shape.slice();
  let step = 1;
  for (const axis of order) {
    dense[axis] = step;
    step *= Math.max(1, shape[axis]!);
  }
  return dense;
}

/**
 * Whether the elements fill a run of memory without gaps or repeats, in whatever order of dimensions: what a transposed
 * dense tensor does.
 */
export function isDense(shape: readonly number[], strides: readonly number[]): boolean {
  if (isContiguous(shape, strides)) return true;
  // A transposed matrix, the commonest case.
  if (shape.length === 2 && strides[0] === 1 && strides[1] === shape[0]) return true;
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  axes.sort((a, b) => strides[a]! - strides[b]!);
  let step = 1;
  for (const axis of axes) {
    if (strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

/** Whether two shapes have the same lengths. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  const rank = a.length;
  if (rank !== b.length) return false;
  for (let axis = 0; axis < rank; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** A shape as PyTorch's messages write it: `[2, 3]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * The shape to which two shapes broadcast.
 *
 * Throws: PyTorch's RuntimeError where a dimension fits neither.
 *
 * @example
 * broadcastShapes(toSize([5, 1]), toSize([3])); // [5, 3]
 */
export function broadcastShapes(a: Size, b: Size): Size {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape: number[] = (a.length > b.length ? a : b).slice();
  for (let axis = rank - 1; axis >= 0; axis--) {
    const fromA = axis + a.length - rank;
    const fromB = axis + b.length - rank;
    const lengthA = fromA < 0 ? 1 : a[fromA]!;
    const lengthB = fromB < 0 ? 1 : b[fromB]!;
    if (lengthA !== lengthB && lengthA !== 1 && lengthB !== 1) {
      throw torchError(
        "RuntimeError",
        `The size of tensor a (${lengthA}) must match the size of tensor b (${lengthB}) at non-singleton dimension ${axis}`,
      );
    }
    shape[axis] = lengthA === 1 ? lengthB : lengthA;
  }
  return toSize(shape);
}

/**
 * The strides with which a tensor is read as if it had the broader `target` shape: 0 along repeated dimensions.
 * The shapes must be known to broadcast.
 */
export function broadcastStrides(
  shape: readonly number[],
  strides: readonly number[],
  target: readonly number[],
): readonly number[] {
  if (shape.length === target.length && sameShape(shape, target)) return strides;
  const lead = target.length - shape.length;
  const result: number[] = [];
  for (let axis = 0; axis < target.length; axis++) {
    const from = axis - lead;
    result.push(from < 0 || (shape[from] === 1 && target[axis] !== 1) ? 0 : strides[from]!);
  }
  return result;
}

/** Whether a tensor of shape `from` can be expanded to `to`. */
export function isExpandable(from: readonly number[], to: readonly number[]): boolean {
  const lead = to.length - from.length;
  if (lead < 0) return false;
  for (let axis = 0; axis < from.length; axis++) {
    if (from[axis] !== 1 && from[axis] !== to[axis + lead]) return false;
  }
  return true;
}

/**
 * A dimension's number without its sign: -1 is the last. A tensor without dimensions takes 0 and -1.
 *
 * Throws: PyTorch's IndexError outside `[-rank, rank - 1]`.
 */
export function toAxis(dim: number, rank: number): number {
  const limit = rank === 0 ? 1 : rank;
  if (Number.isInteger(dim) && dim >= -limit && dim < limit) return dim < 0 ? dim + limit : dim;
  throw torchError(
    "IndexError",
    `Dimension out of range (expected to be in range of [${-limit}, ${limit - 1}], but got ${dim})`,
  );
}

/**
 * Checks lengths that a caller gave for a new tensor.
 *
 * Throws: PyTorch's errors for negative lengths, for what is no integer, and where the elements are more than could
 * ever be addressed.
 */
export function checkLengths(lengths: readonly number[]): void {
  let count = 1;
  let isEmpty = false;
  for (let axis = 0; axis < lengths.length; axis++) {
    const length = lengths[axis]!;
    if (!Number.isSafeInteger(length)) {
      throw torchError(
        "TypeError",
        `a shape's lengths: found ${String(length)} at dimension ${axis}, expected an integer`,
      );
    }
    if (length < 0) {
      throw torchError(
        "RuntimeError",
        `Trying to create tensor with negative dimension ${length}: ${shapeText(lengths)}`,
      );
    }
    if (length === 0) isEmpty = true;
    else count *= length;
  }
  if (!isEmpty && count > Number.MAX_SAFE_INTEGER) {
    throw torchError("RuntimeError", `Storage size calculation overflowed with sizes=${shapeText(lengths)}`);
  }
}

/**
 * The shape that `view` and `reshape` ask for, with a -1 replaced by what fits `count` elements.
 *
 * Throws: PyTorch's RuntimeErrors for two -1, other negative lengths, and a count that does not fit.
 */
export function inferShape(asked: readonly number[], count: number): Size {
  let inferred = -1;
  let known = 1;
  for (let axis = 0; axis < asked.length; axis++) {
    const length = asked[axis]!;
    if (length === -1) {
      if (inferred >= 0) throw torchError("RuntimeError", "only one dimension can be inferred");
      inferred = axis;
    } else if (length >= 0) known *= length;
    else {
      throw torchError(
        "RuntimeError",
        `invalid shape dimension ${length} at index ${axis} of shape ${shapeText(asked)}`,
      );
    }
  }
  if (inferred < 0) {
    if (known === count) return toSize(asked.slice());
  } else if (known > 0 && count % known === 0) {
    const shape = asked.slice();
    shape[inferred] = count / known;
    return toSize(shape);
  } else if (known === 0 && count === 0) {
    throw torchError(
      "RuntimeError",
      `cannot reshape tensor of 0 elements into shape ${shapeText(asked)} because the unspecified dimension size -1 can be any value and is ambiguous`,
    );
  }
  throw torchError("RuntimeError", `shape '${shapeText(asked)}' is invalid for input of size ${count}`);
}

/**
 * The strides with which the same memory can be read in another shape of as many elements, or null where that needs a
 * copy: each run of dimensions that lie densely within each other may be cut anew, nothing else.
 */
export function viewStrides(
  shape: readonly number[],
  strides: readonly number[],
  target: readonly number[],
): number[] | null {
  if (countOf(shape) === 0) return sameShape(shape, target) ? strides.slice() : contiguousStrides(target);
  const result: number[] = target.slice();
  let at = target.length - 1;
  let step = shape.length === 0 ? 1 : strides[shape.length - 1]!;
  let run = 1;
  let taken = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    run *= shape[axis]!;
    const endsRun = axis === 0 || (shape[axis - 1] !== 1 && strides[axis - 1] !== run * step);
    if (!endsRun) continue;
    while (at >= 0 && (taken < run || target[at] === 1)) {
      result[at] = taken * step;
      taken *= target[at]!;
      at--;
    }
    if (taken !== run) return null;
    if (axis > 0) {
      step = strides[axis - 1]!;
      run = 1;
      taken = 1;
    }
  }
  // A target of dimensions of length 1 only, over a tensor without dimensions.
  while (at >= 0) {
    result[at] = step;
    at--;
  }
  return result;
}
