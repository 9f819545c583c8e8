/**
 * Sequences of different lengths as one padded batch, and back.
 */

import { torchError } from "../../../errors.ts";
import { full } from "../../../ops/creation.ts";
import { arange } from "../../../ops/creation-sequences.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { isTensor } from "../../../tensor/tensor.ts";

/** Options of `unpadSequence`. */
export interface UnpadSequenceOptions {
  /** Whether batches are (samples, length, *) instead of (length, samples, *). Default false. */
  readonly batchFirst?: boolean;
}

/** Options of `padSequence`. */
export interface PadSequenceOptions extends UnpadSequenceOptions {
  /** What stands in the padding. Default 0. */
  readonly paddingValue?: number;
  /** On which side it stands. Default `"right"`. */
  readonly paddingSide?: "left" | "right";
}

/**
 * Sequences as one batch, padded to the longest. Gradients flow back.
 *
 * Shape: each sequence (its length, *) → (longest length, samples, *), or with `batchFirst` (samples, longest length, *).
 * Throws: PyTorch's RuntimeErrors for no sequences, and for shapes that differ in more than the length.
 *
 * @example
 * padSequence([ones(25, 300), ones(22, 300), ones(15, 300)]).shape; // torch.Size([25, 3, 300])
 */
export function padSequence(sequences: Iterable<Tensor>, options: PadSequenceOptions = {}): Tensor {
  const { batchFirst = false, paddingValue = 0, paddingSide = "right" } = options;
  if (paddingSide !== "left" && paddingSide !== "right") {
    throw torchError(
      "RuntimeError",
      `Expected padding_side to be one of left or right, but got ${String(paddingSide)}.`,
    );
  }
  const list = [...sequences];
  const [first] = list;
  if (first === undefined) throw torchError("RuntimeError", "received an empty list of sequences");
  const longest = Math.max(...list.map((sequence) => sequence.size(0)));
  const rest = first.shape.slice(1);
  const shape = batchFirst ? [list.length, longest, ...rest] : [longest, list.length, ...rest];
  const padded = full(shape, paddingValue, { dtype: first.dtype, device: first.device });
  list.forEach((sequence, sample) => {
    const length = sequence.size(0);
    const start = paddingSide === "right" ? 0 : longest - length;
    padded
      .select(batchFirst ? 0 : 1, sample)
      .narrow(0, start, length)
      .copy_(sequence);
  });
  return padded;
}

/**
 * The sequences of a padded batch, without their padding.
 *
 * Shape: (length, samples, *), or with `batchFirst` (samples, length, *); lengths (samples).
 *
 * @example
 * unpadSequence(ones(3, 2), [1, 3]).map(String); // [ 'tensor([1.])', 'tensor([1., 1., 1.])' ]
 */
export function unpadSequence(
  padded: Tensor,
  lengths: Tensor | readonly number[],
  options: UnpadSequenceOptions = {},
): Tensor[] {
  const samples = (options.batchFirst === true ? padded : padded.transpose(0, 1)).unbind(0);
  const list = isTensor(lengths) ? (lengths.tolist() as number[]) : lengths;
  if (list.length !== samples.length) {
    const order = list.length < samples.length ? "shorter" : "longer";
    throw torchError("ValueError", `zip() argument 2 is ${order} than argument 1`);
  }
  return samples.map((sample, place) => sample.at(arange(sample.size(0)).lt(list[place]!)));
}
