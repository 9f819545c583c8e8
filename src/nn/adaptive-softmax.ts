/**
 * AdaptiveLogSoftmaxWithLoss: a softmax over very many classes, frequent ones in a head, rare ones in clusters of lower rank.
 */

import { torchError } from "../errors.ts";
import { logSoftmax } from "../functional/activation.ts";

import { cat } from "../ops/joining.ts";
import { nonzero } from "../ops/masking.ts";
import { newEmpty, newZeros } from "../ops/new-tensors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { FloatOption } from "./float-option.ts";
import { takeFloat } from "./float-option.ts";
import { Linear } from "./linear.ts";
import { ModuleList } from "./module-list.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Sequential } from "./sequential.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of `AdaptiveLogSoftmaxWithLoss`. */
export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** By what the width of each cluster is divided, against the one before. Default 4. */
  readonly divValue?: FloatOption;
  /** Whether the head has a bias. Default false. */
  readonly headBias?: boolean;
}

/** What `AdaptiveLogSoftmaxWithLoss` gives: `const { output, loss } = …` or `const [output, loss] = …`. */
export class AdaptiveLogSoftmaxOutput {
  /** The log-probability of each target. Shape: (N) or (). */
  readonly output: Tensor;
  /** Their negative mean. */
  readonly loss: Tensor;

  constructor(output: Tensor, loss: Tensor) {
    this.output = output;
    this.loss = loss;
  }

  *[Symbol.iterator](): IterableIterator<Tensor> {
    yield this.output;
    yield this.loss;
  }
}

/** Throws: PyTorch's ValueErrors for cutoffs that do not cut the classes. */
function checkCutoffs(cutoffs: readonly number[], nClasses: number): void {
  if (cutoffs.length === 0) {
    throw torchError("ValueError", "cutoffs should be a sequence of length larger than 0");
  }
  const isAscending = cutoffs.every((cutoff, k) => cutoff > (k === 0 ? 0 : cutoffs[k - 1]!));
  if (isAscending && cutoffs.every(Number.isInteger) && cutoffs.at(-1)! <= nClasses - 1) return;
  throw torchError(
    "ValueError",
    "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1",
  );
}

/** Throws: PyTorch's RuntimeErrors for inputs and targets that do not go together. */
function checkTarget(input: Tensor, target: Tensor): void {
  if (target.ndim > 1) {
    throw torchError("RuntimeError", "0D or 1D target tensor expected, multi-target not supported");
  }
  if (target.ndim === 1 && input.shape[0] !== target.shape[0]) {
    throw torchError("RuntimeError", "Input and target should have the same size in the batch dimension.");
  }
  if (input.ndim === target.ndim + 1) return;
  throw torchError(
    "RuntimeError",
    `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size ${String(input.shape)}`,
  );
}

const adaptiveLogSoftmaxArguments = signature<
  [inFeatures: number, nClasses: number, cutoffs: readonly number[]],
  AdaptiveLogSoftmaxOptions
>()(["inFeatures", "nClasses", "cutoffs"], ["divValue", "headBias", "device", "dtype"]);

/**
 * Log-probabilities of classes ordered by frequency, and the loss of targets: Grave and others (2016). Classes below the first
 * cutoff are told by the head, those between two cutoffs by a cluster, which costs less the rarer they are.
 *
 * Shape: input (N, inFeatures) and target (N), or (inFeatures) and () → `output` (N) or () and `loss` ().
 * Throws: PyTorch's ValueErrors for cutoffs, its RuntimeErrors for shapes and targets that do not fit.
 *
 * @example
 * const softmax = new AdaptiveLogSoftmaxWithLoss(64, 1000, [20, 200]);
 * softmax(randn(8, 64), randint(1000, [8])).loss.backward();
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  inFeatures: number;
  nClasses: number;
  /** With the number of classes as its last. */
  cutoffs: readonly number[];
  divValue: number;
  headBias: boolean;
  shortlistSize: number;
  nClusters: number;
  headSize: number;
  head: Linear;
  tail: ModuleList<Sequential<[Linear, Linear]>[]>;

  constructor(...args: ArgumentsOf<typeof adaptiveLogSoftmaxArguments>) {
    super();
    const [inFeatures, nClasses, cutoffs, options] = adaptiveLogSoftmaxArguments.take(
      "AdaptiveLogSoftmaxWithLoss",
      args,
    );
    checkCutoffs(cutoffs, nClasses);
    const { divValue, headBias = false, ...made } = options;
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = takeFloat(this, "divValue", divValue, 4);
    this.headBias = headBias;
    this.shortlistSize = cutoffs[0]!;
    this.nClusters = cutoffs.length;
    this.headSize = this.shortlistSize + this.nClusters;
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, ...made });
    this.tail = new ModuleList<Sequential<[Linear, Linear]>[]>(
      cutoffs.map((cutoff, k) => {
        const width = Math.floor(inFeatures / this.divValue ** (k + 1));
        const narrow = new Linear(inFeatures, width, { bias: false, ...made });
        const wide = new Linear(width, this.cutoffs[k + 1]! - cutoff, { bias: false, ...made });
        return new Sequential(narrow, wide);
      }),
    );
  }

  /** Draws fresh parameters: the head's, then those of the clusters. */
  resetParameters(): void {
    this.head.resetParameters();
    for (const cluster of this.tail) for (const layer of cluster) (layer as Linear).resetParameters();
  }

  override forward(input: Tensor, target: Tensor): AdaptiveLogSoftmaxOutput {
    checkTarget(input, target);
    const isBatched = target.ndim > 0;
    const { output, loss } = this.lossOf(
      isBatched ? input : input.unsqueeze(0),
      isBatched ? target : target.unsqueeze(0),
    );
    return new AdaptiveLogSoftmaxOutput(isBatched ? output : output.squeeze(0), loss);
  }

  private lossOf(input: Tensor, target: Tensor): AdaptiveLogSoftmaxOutput {
    const samples = target.shape[0]!;
    const output = newZeros(input, [samples]);
    const places = newEmpty(target, [samples]);
    let found = 0;
    [0, ...this.cutoffs].slice(0, -1).forEach((low, k) => {
      const isHere = target.ge(low).logicalAnd(target.lt(this.cutoffs[k]!));
      const rows = nonzero(isHere).squeeze();
      if (rows.numel() === 0) return;
      found += rows.numel();
      if (k === 0) {
        places.indexCopy_(0, rows, target.maskedSelect(isHere));
        return;
      }
      const inCluster = target.maskedSelect(isHere).sub(low).unsqueeze(1);
      const logits = this.tail.at(k - 1)!(input.indexSelect(0, rows)) as Tensor;
      places.indexFill_(0, rows, this.shortlistSize + k - 1);
      output.indexCopy_(0, rows, logSoftmax(logits, { dim: 1 }).gather(1, inCluster).squeeze(1));
    });
    if (found !== samples) {
      throw torchError(
        "RuntimeError",
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${target.min().item()}, ${target.max().item()}] were found. `,
      );
    }
    const head = logSoftmax(this.head(input), { dim: 1 });
    output.add_(head.gather(1, places.unsqueeze(1)).squeeze());
    return new AdaptiveLogSoftmaxOutput(output, output.neg().mean());
  }

  /**
   * The log-probabilities of all classes.
   *
   * Shape: (N, inFeatures) → (N, nClasses).
   */
  logProb(input: Tensor): Tensor {
    return this.fullLogProb(input, this.head(input));
  }

  private fullLogProb(input: Tensor, headOutput: Tensor): Tensor {
    const head = logSoftmax(headOutput, { dim: 1 });
    const parts = Array.from({ length: this.nClusters }, (_, k) =>
      logSoftmax(this.tail.at(k)!(input) as Tensor, { dim: 1 }).add(
        head.select(1, this.shortlistSize + k).unsqueeze(1),
      ),
    );
    return cat([head.narrow(1, 0, this.shortlistSize), ...parts], { dim: 1 });
  }

  /**
   * The most probable class of each sample, as `logProb(input).argmax(1)`, without the clusters that nothing needs.
   *
   * Shape: (N, inFeatures) → (N).
   */
  predict(input: Tensor): Tensor {
    const headOutput = this.head(input);
    const output = headOutput.argmax(1);
    const isInCluster = output.ge(this.shortlistSize);
    if (isInCluster.any().item<boolean>() !== true) return output;
    const rows = nonzero(isInCluster).squeeze(1);
    const logProb = this.fullLogProb(input.indexSelect(0, rows), headOutput.indexSelect(0, rows));
    return output.indexCopy(0, rows, logProb.argmax(1));
  }
}
