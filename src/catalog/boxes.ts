/**
 * The geometry of strided views: which elements of a storage a range of a view's elements is, as few boxes.
 *
 * Integers only; no bytes are touched here. All counts are in elements.
 */

/** One direction of a box: `size` elements, `stride` apart in the storage and `step` apart in the result. */
export interface Axis {
  readonly size: number;
  readonly stride: number;
  readonly step: number;
}

/** Elements at regular distances, with the places of the first one in the storage and in the result. */
export interface Box {
  readonly source: number;
  readonly target: number;
  readonly axes: readonly Axis[];
}

/**
 * The axes of a view with those of size 1 dropped and neighbours merged that are one run of memory; the outermost
 * first. `step` counts in the view's contiguous order. A view of one element has no axes; none must be empty.
 *
 * @example
 * axesOf([2, 1, 3], [3, 99, 1]); // [{ size: 6, stride: 1, step: 1 }]
 */
export function axesOf(shape: readonly number[], stride: readonly number[]): readonly Axis[] {
  const axes: Axis[] = [];
  let step = 1;
  for (let dim = shape.length - 1; dim >= 0; dim -= 1) {
    const size = shape[dim]!;
    if (size === 1) continue;
    const inner = axes[0];
    if (inner !== undefined && stride[dim] === inner.stride * inner.size) {
      axes[0] = { size: size * inner.size, stride: inner.stride, step: inner.step };
    } else {
      axes.unshift({ size, stride: stride[dim]!, step });
    }
    step *= size;
  }
  return axes;
}

/** Whether merged axes are one run of neighbouring elements. */
export function isRun(axes: readonly Axis[]): boolean {
  return axes.length === 0 || (axes.length === 1 && axes[0]!.stride === 1);
}

/** How many elements of storage lie from the first to the last element of a box, both included. */
export function extentOf(axes: readonly Axis[]): number {
  let extent = 1;
  for (const axis of axes) extent += (axis.size - 1) * axis.stride;
  return extent;
}

/**
 * The elements `first` up to `last` of a view's contiguous order as boxes, in that order: at most two an axis.
 * Their targets count from `first`.
 */
export function boxesOf(axes: readonly Axis[], offset: number, first: number, last: number): readonly Box[] {
  const boxes: Box[] = [];
  let place = first;
  while (place < last) {
    let source = offset;
    let box: Box | undefined;
    for (const [depth, axis] of axes.entries()) {
      const index = Math.floor(place / axis.step) % axis.size;
      source += index * axis.stride;
      // The outermost axis on whose grid the place lies, if at least one whole step fits, gives the largest box.
      const steps = Math.min(axis.size - index, Math.floor((last - place) / axis.step));
      if (place % axis.step === 0 && steps > 0) {
        box = {
          source,
          target: place - first,
          axes: [{ ...axis, size: steps }, ...axes.slice(depth + 1)],
        };
        place += steps * axis.step;
        break;
      }
    }
    if (box === undefined) {
      box = { source, target: place - first, axes: [] };
      place += 1;
    }
    boxes.push(box);
  }
  return boxes;
}

/**
 * Splits a box into boxes of which each spans at most `window` elements of storage and has no gap wider than `gap`
 * along its widest axis, in the order of the storage.
 */
export function* piecesOf(box: Box, window: number, gap: number): Generator<Box> {
  const axes = box.axes.filter((axis) => axis.size > 1).sort((a, b) => b.stride - a.stride);
  const widest = axes[0];
  const extent = extentOf(axes);
  if (widest === undefined || extent === 1) {
    yield { source: box.source, target: box.target, axes };
    return;
  }
  const inner = extentOf(axes.slice(1));
  const isWide = widest.stride - inner > gap;
  if (extent <= window && !isWide) {
    yield { source: box.source, target: box.target, axes };
    return;
  }
  const group = isWide || inner > window ? 1 : Math.floor((window - inner) / widest.stride) + 1;
  for (let index = 0; index < widest.size; index += group) {
    const size = Math.min(group, widest.size - index);
    const part: Box = {
      source: box.source + index * widest.stride,
      target: box.target + index * widest.step,
      axes: [{ ...widest, size }, ...axes.slice(1)],
    };
    yield* piecesOf(part, window, gap);
  }
}
