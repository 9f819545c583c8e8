/**
 * Regions: which positions of a storage a view shows, as a set. Two views that show the same elements in another shape
 * or order have equal regions. Nothing here knows entries or names.
 */

/** The positions `start + Σ i·stride` for `0 ≤ i < size` in each loop; outer loops first, loops merged where they can be. */
export interface Region {
  /** First position, in elements. */
  readonly start: number;
  /** The position after the last. */
  readonly end: number;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  /** How often the loops run in all; more than the distinct positions only where a view overlaps itself. */
  readonly count: number;
}

/** How many runs may still be looked at; see Note [run budget]. */
export interface RunBudget {
  left: number;
  /** Whether spans had to stand for runs. */
  exceeded: boolean;
}

/**
 * Note [run budget]. A region is compared as runs of adjacent positions. A column of a matrix has one run a row, so a
 * file may ask for billions. A report spends a million at most, then takes spans for runs, which can only make regions
 * overlap more and counts larger, never smaller than the truth, and says so in a notice.
 */
export function newRunBudget(runs: number = 2 ** 20): RunBudget {
  return { left: runs, exceeded: false };
}

/** The region of a view with at least one element. Dimensions that repeat elements (stride 0) add no positions. */
export function regionOf(shape: readonly number[], stride: readonly number[], offset: number): Region {
  const loops = shape
    .map((size, axis) => ({ size, stride: stride[axis]! }))
    .filter((loop) => loop.size > 1 && loop.stride !== 0)
    .sort((a, b) => b.stride - a.stride);
  const merged: { size: number; stride: number }[] = [];
  for (const loop of loops.toReversed()) {
    const inner = merged.at(-1);
    if (inner !== undefined && loop.stride === inner.size * inner.stride) inner.size *= loop.size;
    else merged.push({ ...loop });
  }
  merged.reverse();
  return {
    start: offset,
    end: merged.reduce((end, loop) => end + (loop.size - 1) * loop.stride, offset) + 1,
    sizes: merged.map((loop) => loop.size),
    strides: merged.map((loop) => loop.stride),
    count: merged.reduce((count, loop) => count * loop.size, 1),
  };
}

/** Whether the elements lie in row-major order without gaps. Dimensions of size 1 may have any stride, as in PyTorch. */
export function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    if (stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** The same text for equal regions. */
export function regionKey(region: Region): string {
  return `${region.start}:${region.sizes.join(",")}:${region.strides.join(",")}`;
}

/** The same positions counted in smaller units: elements of 4 bytes in bytes, say. */
export function scaleRegion(region: Region, factor: number): Region {
  if (factor === 1) return region;
  const scaled = [...region.strides.map((stride) => stride * factor), 1];
  return regionOf([...region.sizes, factor], scaled, region.start * factor);
}

/** Runs of adjacent positions of some regions, with the region each belongs to. */
interface Runs {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly owners: Int32Array;
}

function runCount(region: Region): number {
  const adjacent = region.strides.at(-1) === 1;
  return adjacent ? region.count / region.sizes.at(-1)! : region.count;
}

function runsOf(regions: readonly Region[], budget: RunBudget): Runs {
  const total = regions.reduce((sum, region) => sum + runCount(region), 0);
  // A region of one run is its span: those are free.
  const cost = total - regions.length;
  const exact = cost <= budget.left;
  if (exact) budget.left -= cost;
  else budget.exceeded = true;
  const length = exact ? total : regions.length;
  const runs = {
    starts: new Float64Array(length),
    ends: new Float64Array(length),
    owners: new Int32Array(length),
  };
  let at = 0;
  const add = (start: number, end: number, owner: number): void => {
    runs.starts[at] = start;
    runs.ends[at] = end;
    runs.owners[at++] = owner;
  };
  for (const [owner, region] of regions.entries()) {
    if (!exact || runCount(region) === 1) {
      add(region.start, region.end, owner);
      continue;
    }
    const adjacent = region.strides.at(-1) === 1;
    const depth = region.sizes.length - (adjacent ? 1 : 0);
    const adjoining = adjacent ? region.sizes[depth]! : 1;
    const index = Array.from({ length: depth }, () => 0);
    let start = region.start;
    for (let left = runCount(region); left > 0; left--) {
      add(start, start + adjoining, owner);
      for (let axis = depth - 1; axis >= 0; axis--) {
        start += region.strides[axis]!;
        if (++index[axis]! < region.sizes[axis]!) break;
        start -= index[axis]! * region.strides[axis]!;
        index[axis] = 0;
      }
    }
  }
  return runs;
}

/** What some regions of one storage have in common. */
export interface Union {
  /** Distinct positions in all of them. */
  readonly count: number;
  /** Which regions belong together because they overlap, directly or through others: indices, two or more a cluster. */
  readonly clusters: readonly (readonly number[])[];
}

/** Puts regions together; exact while the budget lasts, else by their spans. */
export function unite(regions: readonly Region[], budget: RunBudget): Union {
  const { starts, ends, owners } = runsOf(regions, budget);
  const order = Uint32Array.from(starts, (_, index) => index).sort((a, b) => starts[a]! - starts[b]!);
  const parents = regions.map((_, index) => index);
  const find = (index: number): number => {
    let top = index;
    while (parents[top] !== top) top = parents[top]!;
    for (let at = index; at !== top;) {
      const next = parents[at]!;
      parents[at] = top;
      at = next;
    }
    return top;
  };
  let count = 0;
  let reached = -Infinity;
  let farthest = -1;
  for (const run of order) {
    const start = starts[run]!;
    const end = ends[run]!;
    if (start < reached) {
      const [a, b] = [find(farthest), find(owners[run]!)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
    if (end <= reached) continue;
    count += end - Math.max(start, reached);
    reached = end;
    farthest = owners[run]!;
  }
  const clusters = new Map<number, number[]>();
  for (let index = 0; index < regions.length; index++) {
    const top = find(index);
    const cluster = clusters.get(top);
    if (cluster === undefined) clusters.set(top, [index]);
    else cluster.push(index);
  }
  return { count, clusters: [...clusters.values()].filter((cluster) => cluster.length > 1) };
}
