/**
 * Sequences of different lengths without their padding: the rows of step 0 of all samples, then those of step 1 of the
 * samples that are that long, and so on. Samples are sorted by length, so that those which run on are the first ones.
 */

import { cat } from "../ops/joining.ts";
import { needsNothing, op } from "../ops/op.ts";
import type { Op } from "../ops/op.ts";
import { fullLike } from "../ops/creation-like.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { toSize } from "../shape.ts";

/** Steps with the same number of samples, one after the other. */
interface Run {
  readonly start: number;
  readonly steps: number;
  readonly samples: number;
}

function runsOf(batchSizes: readonly number[]): Run[] {
  const runs: { start: number; steps: number; samples: number }[] = [];
  batchSizes.forEach((samples, start) => {
    const last = runs.at(-1);
    if (last?.samples === samples) last.steps++;
    else runs.push({ start, steps: 1, samples });
  });
  return runs;
}

/**
 * The rows of padded sequences, step by step, without the padding.
 *
 * Shape: (length, samples, *) → (rows, *), as many rows as the batch sizes sum to.
 */
export const packRows: Op<(self: Tensor, batchSizes: readonly number[]) => Tensor> = op({
  name: "packRows",
  gradName: "PackPaddedSequenceBackward0",
  inputs: ["self"],
  forward(self: Tensor, batchSizes: readonly number[]) {
    const length = self.shape[0]!;
    const rest = self.shape.slice(2);
    const parts: Tensor[] = [];
    for (const { start, steps, samples } of runsOf(batchSizes)) {
      // Lengths beyond the padded one count in the batch sizes and have no rows, as in PyTorch.
      const count = Math.min(steps, length - start);
      if (count <= 0) break;
      const part = self.narrow(0, start, count).narrow(1, 0, samples);
      parts.push(part.reshape(count * samples, ...rest));
    }
    return cat(parts, 0);
  },
  // Each row came from one place; padding has the gradient 0.
  backward: {
    self: needsNothing((g, { shape }, batchSizes: readonly number[]) =>
      padRows(g, batchSizes, 0, shape[0]!, shape[1]!),
    ),
  },
  samples: () => [],
});

/**
 * Rows back in their places, with `value` in the others.
 *
 * Shape: (rows, *) → (length, samples, *); by default as many samples as the first step has.
 */
export function padRows(
  rows: Tensor,
  batchSizes: readonly number[],
  value: number,
  length: number,
  samples: number = batchSizes[0]!,
): Tensor {
  const shape = toSize([length, samples, ...rows.shape.slice(1)]);
  const padded = fullLike(newTensor(rows.dtype, shape, rows.device), value);
  let from = 0;
  for (const run of runsOf(batchSizes)) {
    const steps = Math.min(run.steps, length - run.start);
    if (steps <= 0) break;
    const part = rows.narrow(0, from, steps * run.samples);
    padded
      .narrow(0, run.start, steps)
      .narrow(1, 0, run.samples)
      .copy_(part.view(steps, run.samples, ...rows.shape.slice(1)));
    from += steps * run.samples;
  }
  return padded;
}
