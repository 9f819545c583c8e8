/**
 * Arguments that several families of ops read alike: shapes and lists of dimensions.
 */

import { torchError } from "../errors.ts";
import { toAxis } from "../shape.ts";

/** A shape as an argument: `view(2, 3)` or `view([2, 3])`. */
export type ShapeArguments = number[] | [readonly number[]];

/** The lengths of a shape argument. */
export function toLengths(args: ShapeArguments): readonly number[] {
  const [first] = args;
  return typeof first === "object" ? first : (args as number[]);
}

/**
 * Dimensions without their signs.
 *
 * Throws: PyTorch's errors for dimensions that are out of range or named twice.
 */
export function toDims(dims: readonly number[], rank: number): readonly number[] {
  const axes = dims.map((dim) => toAxis(dim, rank));
  axes.forEach((axis, place) => {
    if (axes.indexOf(axis) < place) {
      throw torchError("RuntimeError", `dim ${axis} appears multiple times in the list of dims`);
    }
  });
  return axes;
}
