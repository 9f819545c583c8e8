/**
 * Rows of a table by their numbers, and sums of such rows.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { FloatItems } from "../kernels/convolution.ts";
import { toSize } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, typeText } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { jointOp } from "./joint-op.ts";
import type { MaybeTensor, Op } from "./op.ts";
import { needs, op } from "./op.ts";
import { addToPlanes } from "./pooling.ts";

/** What becomes of the gradients of rows. */
export interface RowRule {
  /** The row that gets none; -1 for no row. */
  readonly paddingIndex: number;
  /** Whether each is divided by how often its row was taken. */
  readonly isByFrequency: boolean;
  /** Whether PyTorch's slip in bags is made: row k of those taken is divided by how often the kth of all sorted indices was. */
  readonly isOfBags?: boolean;
}

const everyRow: RowRule = { paddingIndex: -1, isByFrequency: false };

/** Throws PyTorch's RuntimeError for indices that are no integers. */
export function requireIndices(indices: Tensor, name: string): void {
  if (indices.dtype === dtypes.int64 || indices.dtype === dtypes.int32) return;
  throw torchError(
    "RuntimeError",
    `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${typeText(indices.dtype)} instead (while checking arguments for ${name})`,
  );
}

/** Indices as numbers. Throws: PyTorch's IndexError for a row that is not there. */
function rowNumbers(indices: Tensor, rows: number): Int32Array {
  const numbers = Int32Array.from(denseItems(indices) as ArrayLike<number | bigint>, Number);
  if (numbers.some((number) => number < 0 || number >= rows)) {
    throw torchError("IndexError", "index out of range in self");
  }
  return numbers;
}

/** By index: what its row's gradient is multiplied by. */
function factorsOf(numbers: Int32Array, { paddingIndex, isByFrequency, isOfBags }: RowRule): Float64Array {
  const counts = new Map<number, number>();
  const sorted = isByFrequency ? numbers.toSorted() : numbers;
  if (isByFrequency) for (const number of sorted) counts.set(number, (counts.get(number) ?? 0) + 1);
  const divisors = new Map(
    Array.from(counts, ([number, count], k) => [number, isOfBags === true ? counts.get(sorted[k]!)! : count]),
  );
  return Float64Array.from(numbers, (number) =>
    number === paddingIndex ? 0 : 1 / (divisors.get(number) ?? 1),
  );
}

function taken(weight: Tensor, indices: Tensor): Tensor {
  const [rows, width] = weight.shape as readonly number[] as [number, number];
  const out = newTensor(weight.dtype, toSize([...indices.shape, width]), weight.device);
  if (weight.device !== "cpu" || indices.device !== "cpu") return out;
  // Items are moved as they are, whatever they stand for.
  const [from, to] = [denseItems(weight) as FloatItems, out.items as FloatItems];
  let at = 0;
  for (const number of rowNumbers(indices, rows)) {
    const start = number * width;
    for (let k = start; k < start + width; k++) to[at++] = from[k]!;
  }
  return out;
}

/**
 * Rows of a table.
 *
 * Shape: weight (rows, width), indices (*) → (*, width).
 * Throws: PyTorch's IndexError for a row that is not there, its RuntimeErrors for other shapes and dtypes.
 */
export const takeRows: Op<(weight: Tensor, indices: Tensor, rule?: RowRule) => Tensor> = op({
  name: "embedding",
  inputs: ["weight", "indices"],
  forward(weight, indices, _rule?: RowRule) {
    if (weight.ndim !== 2) throw torchError("RuntimeError", "'weight' must be 2-D");
    requireIndices(indices, "embedding");
    return taken(weight, indices);
  },
  backward: {
    // ∂/∂W ⟨G, W[i]⟩: each row of G is added to the row that it was taken from
    weight: needs(["indices"], (g, { indices, shape }, rule: RowRule = everyRow) =>
      addRows(g, indices, shape[0]!, rule),
    ),
  },
  samples: () => [],
});

/** The adjoint of `takeRows`: adds rows (*, width), by the rule, to a table of zeros. */
const addRows: (self: Tensor, indices: Tensor, rows: number, rule: RowRule) => Tensor = op({
  name: "embeddingDenseBackward",
  inputs: ["self", "indices"],
  forward(self, indices, rows: number, rule: RowRule) {
    const width = self.shape.at(-1)!;
    const compute = computeDtype(self.dtype);
    const out = newTensor(compute, toSize([rows, width]), self.device);
    if (self.device !== "cpu" || self.count === 0) return converted(out, self.dtype);
    const [from, to] = [denseItems(converted(self, compute)) as FloatItems, out.items as FloatItems];
    const numbers = rowNumbers(indices, rows);
    const factors = factorsOf(numbers, rule);
    for (let k = 0, at = 0; k < numbers.length; k++) {
      const factor = factors[k]!;
      const start = numbers[k]! * width;
      for (let j = start; j < start + width; j++) to[j]! += factor * from[at++]!;
    }
    return converted(out, self.dtype);
  },
  backward: {
    // The adjoint: rows of G, multiplied as the rule says
    self: needs(["indices"], (g, { indices, dtype }, rows: number, rule: RowRule) => {
      const factors = newTensor(dtypes.float64, toSize([...indices.shape, 1]));
      factors.items.set(factorsOf(rowNumbers(indices, rows), rule) as never);
      return takeRows(g, indices).mul(factors.to(dtype));
    }),
  },
  samples: () => [],
});

/** How rows of a bag become one. */
export type BagMode = "sum" | "mean" | "max";

/** Which index belongs to which bag. */
export interface Bags {
  readonly mode: BagMode;
  readonly count: number;
  /** By index: its bag, int64. */
  readonly bagOf: Tensor;
  readonly rule: RowRule;
}

type Arguments = [weight: Tensor, perSampleWeights: MaybeTensor, indices: Tensor, bags: Bags];

/** How many indices of each bag count, as a column; empty bags count as 1. */
function sizesOf(numbers: Int32Array, bagNumbers: Int32Array, { count, rule }: Bags): Tensor {
  const sizes = newTensor(dtypes.float64, toSize([count, 1]));
  const items = sizes.items as Float64Array;
  numbers.forEach((number, k) => {
    if (number !== rule.paddingIndex) items[bagNumbers[k]!]! += 1;
  });
  for (let k = 0; k < count; k++) items[k] = Math.max(1, items[k]!);
  return sizes;
}

/**
 * One row for each bag of indices: the sum, mean or maximum of the rows; zeros for an empty bag.
 *
 * Shape: weight (rows, width), indices and perSampleWeights (n) → (bags, width).
 */
export const combineRows: Op<(...args: Arguments) => Tensor> = jointOp<Arguments, Tensor>({
  name: "embeddingBag",
  tensors: (weight, perSampleWeights) => [weight, perSampleWeights],
  forward(weight, perSampleWeights, indices, bags) {
    const [rows, width] = weight.shape as readonly number[] as [number, number];
    const shape = toSize([bags.count, width]);
    const compute = computeDtype(weight.dtype);
    const out = newTensor(compute, shape, weight.device);
    const places = newTensor(dtypes.int64, shape, weight.device);
    if (weight.device !== "cpu") return [converted(out, weight.dtype), places];
    const from = denseItems(converted(weight, compute)) as FloatItems;
    const to = out.items as FloatItems;
    const best = places.items as BigInt64Array;
    const weights =
      perSampleWeights === null || perSampleWeights === undefined
        ? null
        : (denseItems(converted(perSampleWeights, compute)) as FloatItems);
    const numbers = rowNumbers(indices, rows);
    const bagNumbers = Int32Array.from(denseItems(bags.bagOf) as BigInt64Array, Number);
    const sizes = sizesOf(numbers, bagNumbers, bags).items as Float64Array;
    const isFilled = new Uint8Array(bags.count);
    numbers.forEach((number, k) => {
      if (number === bags.rule.paddingIndex) return;
      const bag = bagNumbers[k]!;
      const factor = (weights === null ? 1 : weights[k]!) / (bags.mode === "mean" ? sizes[bag]! : 1);
      for (let j = 0; j < width; j++) {
        const [source, target] = [number * width + j, bag * width + j];
        if (bags.mode !== "max") to[target]! += factor * from[source]!;
        else if (isFilled[bag] === 0 || from[source]! > to[target]!) {
          to[target] = from[source]!;
          best[target] = BigInt(source);
        }
      }
      isFilled[bag] = 1;
    });
    // What no row went into has no gradient.
    if (bags.mode === "max")
      for (let k = 0; k < best.length; k++) if (isFilled[Math.floor(k / width)] === 0) best[k] = -1n;
    return [converted(out, weight.dtype), places];
  },
  save: (inputs, outputs) => [inputs[0]!, inputs[1] ?? outputs[1]!, outputs[1]!],
  backward([g], { saved, wanted, args: [, perSampleWeights, indices, bags] }) {
    const [weight, savedWeights, places] = saved as readonly [Tensor, Tensor, Tensor];
    const gradient = g!;
    if (bags.mode === "max") {
      return [addToPlanes(gradient.mul(places.ge(0)), places.clampMin(0), weight.shape, 2), null];
    }
    const rows = weight.shape[0]!;
    const spread = takeRows(
      bags.mode === "mean" ? gradient.div(sizesAs(gradient, indices, rows, bags)) : gradient,
      bags.bagOf,
    );
    const hasWeights = perSampleWeights !== null && perSampleWeights !== undefined;
    return [
      wanted[0] === true
        ? addRows(hasWeights ? spread.mul(savedWeights.unsqueeze(-1)) : spread, indices, rows, bags.rule)
        : null,
      wanted[1] === true ? spread.mul(takeRows(weight, indices)).sum(-1) : null,
    ];
  },
  result: ([made]) => made!,
  samples: () => [],
});

function sizesAs({ dtype }: Tensor, indices: Tensor, rows: number, bags: Bags): Tensor {
  const bagNumbers = Int32Array.from(denseItems(bags.bagOf) as BigInt64Array, Number);
  return sizesOf(rowNumbers(indices, rows), bagNumbers, bags).to(dtype);
}
