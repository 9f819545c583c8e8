/** Whether boxes are a whole: all of it, and every element of it once. */

import { countOf } from "../shape.ts";

/** A box in a tensor, in elements. */
export interface TileBox {
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
}

/** Corners that are compared. Real: 4 of each of 1000 boxes. Prevents: 2^64 corners of a box of 64 dimensions. */
const maxCorners = 4_000_000;

/**
 * Why boxes are not a tensor of the shape; null when they are.
 *
 * Corners decide: how often an element is covered, as a function over all of space, is known from its differences at the
 * corners of the boxes. Where every corner but those of the whole is met an even number of times, each element of the
 * whole is covered an odd number of times, hence at least once; and when the boxes have as many elements as the whole,
 * exactly once.
 */
export function tilingFault(shape: readonly number[], boxes: readonly TileBox[]): string | null {
  let covered = 0;
  for (const { offsets, sizes } of boxes) {
    const fits =
      offsets.length === shape.length &&
      sizes.length === shape.length &&
      shape.every((length, axis) => {
        const [start, size] = [offsets[axis]!, sizes[axis]!];
        return (
          Number.isSafeInteger(start) &&
          Number.isSafeInteger(size) &&
          start >= 0 &&
          size >= 0 &&
          start + size <= length
        );
      });
    if (!fits) {
      return `a piece of sizes [${sizes.join(", ")}] at [${offsets.join(", ")}] is not inside its sizes [${shape.join(", ")}]`;
    }
    covered += countOf(sizes);
  }
  const whole = countOf(shape);
  if (covered !== whole) return `its pieces have ${covered} elements, and it has ${whole}`;
  if (boxes.length < 2 || whole === 0) return null;
  const filled = boxes.filter(({ sizes }) => !sizes.includes(0));
  // Axes that every box fills have no corners between the boxes.
  const axes = shape.flatMap((length, axis) =>
    filled.every(({ sizes }) => sizes[axis] === length) ? [] : [axis],
  );
  if (2 ** axes.length * filled.length > maxCorners)
    return `its ${boxes.length} pieces are too many to compare`;
  const odd = new Set<string>();
  const flip = (box: TileBox): void => {
    for (let corner = 0; corner < 2 ** axes.length; corner += 1) {
      const place = axes
        .map((axis, bit) => box.offsets[axis]! + (Math.floor(corner / 2 ** bit) % 2) * box.sizes[axis]!)
        .join();
      if (!odd.delete(place)) odd.add(place);
    }
  };
  filled.forEach(flip);
  flip({ offsets: shape.map(() => 0), sizes: shape });
  return odd.size === 0 ? null : "some of its pieces overlap, and others leave holes";
}
