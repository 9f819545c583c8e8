/**
 * Connectionist temporal classification: the likelihood of a sequence of labels when only their order in time is known.
 */

import { torchError } from "../errors.ts";
import { tensor } from "../ops/creation.ts";
import { converted } from "../ops/elementwise.ts";
import type { Op } from "../ops/op.ts";
import { needs, needsNothing, op } from "../ops/op.ts";
import { where } from "../ops/where.ts";
import { toSize } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import type { ReductionOptions } from "./loss-reduction.ts";
import { reductionOf } from "./loss-reduction.ts";

/** The length of each sequence: a tensor of integers or their list; one number where there is one sequence. */
export type Lengths = Tensor | readonly number[] | number;

/** Options of `ctcLoss`. */
export interface CtcOptions extends ReductionOptions {
  /** The class that stands for no label. Default 0. */
  readonly blank?: number;
  /** Whether losses that are infinite, as labels are longer than the input, count as 0. Default false. */
  readonly zeroInfinity?: boolean;
}

interface Paths {
  /** The labels of each sample. */
  readonly labels: readonly (readonly number[])[];
  readonly inputLengths: readonly number[];
  readonly blank: number;
  readonly zeroInfinity: boolean;
}

/** ln(eᵃ + eᵇ) */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? -Infinity : most + Math.log(Math.exp(a - most) + Math.exp(b - most));
}

/** The logarithms of one sample's probabilities. */
interface Sample {
  readonly items: Float64Array;
  /** Where class 0 at time 0 lies, and how far the next time is. */
  readonly start: number;
  readonly step: number;
  readonly length: number;
  /** Blank, label, blank, label, …, blank. */
  readonly states: readonly number[];
  readonly blank: number;
}

/**
 * ln of the probability of all paths that are in state s at time t, from the start up to there: (length, states).
 * Backwards: from there to the end.
 */
function pathSums({ items, start, step, length, states, blank }: Sample, isBackward: boolean): Float64Array {
  const count = states.length;
  const sums = new Float64Array(length * count).fill(-Infinity);
  const state = (s: number): number => states[isBackward ? count - 1 - s : s]!;
  for (let k = 0; k < length; k++) {
    const time = isBackward ? length - 1 - k : k;
    const row = time * count;
    const former = (isBackward ? time + 1 : time - 1) * count;
    for (let s = 0; s < count; s++) {
      const at = isBackward ? count - 1 - s : s;
      const back = isBackward ? 1 : -1;
      let sum = -Infinity;
      if (k === 0) sum = s <= 1 ? 0 : -Infinity;
      else {
        sum = sums[former + at]!;
        if (s >= 1) sum = logAdd(sum, sums[former + at + back]!);
        // A blank between two labels may be left out unless they are the same.
        if (s >= 2 && state(s) !== blank && state(s) !== state(s - 2)) {
          sum = logAdd(sum, sums[former + at + 2 * back]!);
        }
      }
      sums[row + at] = sum + items[start + time * step + state(s)]!;
    }
  }
  return sums;
}

function sampleOf(items: Float64Array, logProbs: Tensor, paths: Paths, number: number): Sample {
  const [, samples, classes] = logProbs.shape as readonly number[] as [number, number, number];
  const { blank } = paths;
  const states = [blank, ...paths.labels[number]!.flatMap((label) => [label, blank])];
  const length = paths.inputLengths[number]!;
  return { items, start: number * classes, step: samples * classes, length, states, blank };
}

/** −ln of the probability of all paths of a sample, given their sums. */
function lossOf({ length, states }: Sample, sums: Float64Array): number {
  const count = states.length;
  if (length === 0) return count === 1 ? -0 : Infinity;
  const last = sums[length * count - 1]!;
  return -(count === 1 ? last : logAdd(last, sums[length * count - 2]!));
}

function requireFloats(logProbs: Tensor): void {
  const { kind, scalarType } = logProbs.dtype;
  if (kind === "float") return;
  throw torchError("NotImplementedError", `"ctc_loss_cpu" not implemented for '${scalarType}'`);
}

const likelihoods: Op<(logProbs: Tensor, paths: Paths) => Tensor> = op({
  name: "ctcLoss",
  inputs: ["logProbs"],
  forward(logProbs, paths: Paths) {
    requireFloats(logProbs);
    const compute = computeDtype(logProbs.dtype);
    const items = denseItems(converted(logProbs, compute)) as Float64Array;
    const out = newTensor(compute, toSize([logProbs.shape[1]!]));
    for (let number = 0; number < out.count; number++) {
      const sample = sampleOf(items, logProbs, paths, number);
      out.items[number] = lossOf(sample, pathSums(sample, false));
    }
    return converted(out, logProbs.dtype);
  },
  backward: {
    logProbs: needs(["logProbs"], (g, { logProbs }, paths: Paths) => pathSlopes(g, logProbs, paths)),
  },
  samples: () => [],
});

function refuseSecond(): never {
  throw torchError("RuntimeError", "derivative for aten::_ctc_loss_backward is not implemented");
}

/**
 * What flows to the logarithms x of probabilities: eˣ minus the share of all paths that pass there.
 *
 * As in PyTorch this is the gradient for what a log-softmax is computed from, and stays what it is on the way through
 * one; it is not the derivative for x where x does not come from there.
 */
const pathSlopes: Op<(gradient: Tensor, logProbs: Tensor, paths: Paths) => Tensor> = op({
  name: "ctcLossBackward",
  inputs: ["gradient", "logProbs"],
  forward(gradient, logProbs, paths: Paths) {
    const compute = computeDtype(logProbs.dtype);
    const items = denseItems(converted(logProbs, compute)) as Float64Array;
    const factors = denseItems(converted(gradient, compute)) as Float64Array;
    const classes = logProbs.shape[2]!;
    const out = newTensor(compute, logProbs.shape);
    for (let number = 0; number < factors.length; number++) {
      const sample = sampleOf(items, logProbs, paths, number);
      const { start, step, length, states } = sample;
      const [before, after] = [pathSums(sample, false), pathSums(sample, true)];
      const loss = lossOf(sample, before);
      if (paths.zeroInfinity && loss === Infinity) continue;
      const passing = new Float64Array(classes);
      for (let time = 0; time < length; time++) {
        passing.fill(-Infinity);
        states.forEach((label, s) => {
          const at = time * states.length + s;
          passing[label] = logAdd(passing[label]!, before[at]! + after[at]!);
        });
        for (let label = 0; label < classes; label++) {
          const at = start + time * step + label;
          const x = items[at]!;
          // Both sums have x in them, so one of the two is taken out.
          out.items[at] = (Math.exp(x) - Math.exp(passing[label]! + loss - x)) * factors[number]!;
        }
      }
    }
    return converted(out, logProbs.dtype);
  },
  backward: { gradient: needsNothing(refuseSecond), logProbs: needsNothing(refuseSecond) },
  samples: () => [],
});

function lengthsOf(lengths: Lengths, name: string): number[] {
  if (typeof lengths === "number") return [lengths];
  if (!isTensor(lengths)) return [...lengths];
  const { kind } = lengths.dtype;
  if (kind !== "int" && kind !== "uint") throw torchError("RuntimeError", `${name} must be integral`);
  return Array.from(denseItems(lengths) as ArrayLike<number | bigint>, Number);
}

const checking = "(while checking arguments for ctc_loss_allocate_outputs)";

/** The labels of each sample, from rows or from one list of all. */
function labelsOf(targets: Tensor, lengths: readonly number[]): number[][] {
  const items = Array.from(denseItems(targets) as ArrayLike<number | bigint>, Number);
  const short = lengths.find((length) => length < 0);
  if (short !== undefined) {
    throw torchError(
      "RuntimeError",
      `Expected target_lengths to have value at least 0, but got value ${short} ${checking}`,
    );
  }
  if (targets.ndim === 1) {
    const total = lengths.reduce((sum, length) => sum + length, 0);
    if (items.length !== total) {
      throw torchError(
        "RuntimeError",
        `Expected tensor to have size ${total} at dimension 0, but got size ${items.length} for argument #2 'targets' ${checking}`,
      );
    }
    let start = 0;
    return lengths.map((length) => items.slice(start, (start += length)));
  }
  const width = targets.shape[1]!;
  const longest = Math.max(0, ...lengths);
  if (width < longest) {
    throw torchError(
      "RuntimeError",
      `Expected tensor to have size at least ${longest} at dimension 1, but got size ${width} for argument #2 'targets' ${checking}`,
    );
  }
  return lengths.map((length, row) => items.slice(row * width, row * width + length));
}

/**
 * The negative log likelihood of sequences of labels, summed over all ways in which they can lie in time: each label
 * holds for one or more steps, and blanks may lie before, between and after.
 *
 * With reduction `"mean"` each loss is divided by the number of its labels, and the mean is over the samples.
 *
 * Shape: logProbs (length, samples, classes), logarithms of probabilities; targets (samples, longest) or all labels in
 * one list; or without samples (length, classes) and (labels).
 * Throws: PyTorch's RuntimeErrors for lengths, labels and a blank that do not fit.
 *
 * @example
 * const scores = randn(5, 1, 3); // 5 steps, 1 sample, 2 classes and the blank
 * ctcLoss(scores.logSoftmax(2), tensor([[1, 2]]), [5], [2]);
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CtcOptions = {},
): Tensor {
  const reduction = reductionOf(options);
  const { blank = 0, zeroInfinity = false } = options;
  const isBatched = logProbs.ndim === 3;
  const batch = isBatched ? logProbs : logProbs.unsqueeze(1);
  if (batch.ndim !== 3) {
    throw torchError(
      "RuntimeError",
      `Expected 3-dimensional tensor, but got ${batch.ndim}-dimensional tensor for argument #1 'log_probs' ${checking}`,
    );
  }
  if (targets.ndim > 2) {
    throw torchError(
      "RuntimeError",
      `Expected 1 to 2 dimensions, but got ${targets.ndim}-dimensional tensor for argument #2 'targets' ${checking}`,
    );
  }
  const [length, samples, classes] = batch.shape as readonly number[] as [number, number, number];
  const inputs = lengthsOf(inputLengths, "input_lengths");
  const outputs = lengthsOf(targetLengths, "target_lengths");
  requireFloats(logProbs);
  if (blank < 0 || blank >= classes) throw torchError("RuntimeError", "blank must be in label range");
  if (inputs.length !== samples) {
    throw torchError("RuntimeError", "input_lengths must be of size batch_size");
  }
  if (outputs.length !== samples) {
    throw torchError("RuntimeError", "target_lengths must be of size batch_size");
  }
  const labels = labelsOf(targets, outputs);
  for (const label of labels.flat()) {
    if (label >= 0 && label < classes) continue;
    // PyTorch reads beyond the row instead.
    throw torchError("RuntimeError", `a label of ctcLoss: found ${label}, expected 0 to ${classes - 1}`);
  }
  const longest = inputs.find((each) => each > length);
  if (longest !== undefined) {
    throw torchError(
      "RuntimeError",
      `Expected input_lengths to have value at most ${length}, but got value ${longest} ${checking}`,
    );
  }
  const losses = likelihoods(batch, { labels, inputLengths: inputs, blank, zeroInfinity });
  const finite = zeroInfinity ? where(losses.eq(Infinity), 0, losses) : losses;
  if (reduction === "sum") return finite.sum();
  if (reduction === "none") return isBatched ? finite : finite.squeeze(0);
  const counts = tensor(
    outputs.map((count) => Math.max(1, count)),
    { dtype: finite.dtype },
  );
  return finite.div(counts).mean();
}
