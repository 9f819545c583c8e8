/**
 * Padded batches to packed sequences, and back.
 */

import { torchError } from "../../../errors.ts";
import { packRows, padRows } from "../../../functional/packing.ts";
import { tensor } from "../../../ops/creation.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { isTensor } from "../../../tensor/tensor.ts";
import { PackedSequence } from "../../packed-sequence.ts";
import { padSequence, unpadSequence } from "./padding.ts";

/** Options of `packSequence`. */
export interface PackSequenceOptions {
  /** Whether the samples have to be sorted already, the longest first; else they are sorted. Default true. */
  readonly enforceSorted?: boolean;
}

/** Options of `packPaddedSequence`. */
export interface PackPaddedSequenceOptions extends PackSequenceOptions {
  /** Whether the input is (samples, length, *) instead of (length, samples, *). Default false. */
  readonly batchFirst?: boolean;
}

/** Options of `padPackedSequence`. */
export interface PadPackedSequenceOptions {
  /** Whether the result is (samples, length, *) instead of (length, samples, *). Default false. */
  readonly batchFirst?: boolean;
  /** What stands in the padding. Default 0. */
  readonly paddingValue?: number;
  /** The length of the result. Default: that of the longest sample. */
  readonly totalLength?: number | null;
}

/**
 * Packs padded sequences, for recurrent layers to run over each sample's own length only.
 *
 * Shape: input (length, samples, *), or with `batchFirst` (samples, length, *); lengths (samples).
 * Throws: PyTorch's RuntimeErrors for lengths that are not positive, not sorted where they have to be, or not one for
 * each sample.
 *
 * @example
 * const packed = packPaddedSequence(tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]]), [2, 1, 3], { batchFirst: true, enforceSorted: false });
 * packed.data; // tensor([4, 1, 3, 5, 2, 6])
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  options: PackPaddedSequenceOptions = {},
): PackedSequence {
  const { batchFirst = false, enforceSorted = true } = options;
  const given = isTensor(lengths) ? lengths.detach().to("int64") : tensor([...lengths], { dtype: "int64" });
  const { values: sorted, indices } = enforceSorted
    ? { values: given, indices: null }
    : given.sort(0, { descending: true });
  const batchDim = batchFirst ? 0 : 1;
  const samples = indices === null ? input : input.indexSelect(batchDim, indices);
  if (samples.count === 0) throw torchError("RuntimeError", "Cannot pack empty tensors.");
  const list = sorted.tolist() as number[];
  checkLengths(list, samples.size(batchDim));
  const batchSizes = Array.from(
    { length: list[0]! },
    (_, step) => list.filter((length) => length > step).length,
  );
  const steps = batchFirst ? samples.transpose(0, 1) : samples;
  return new PackedSequence(packRows(steps, batchSizes), tensor(batchSizes, { dtype: "int64" }), indices);
}

function checkLengths(lengths: readonly number[], samples: number): void {
  if (lengths.length !== samples) {
    throw torchError(
      "RuntimeError",
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${lengths.length} (batch_size=${samples})`,
    );
  }
  if (!(lengths.at(-1)! > 0)) {
    throw torchError(
      "RuntimeError",
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
  }
  if (lengths.some((length, place) => place > 0 && length > lengths[place - 1]!)) {
    throw torchError(
      "RuntimeError",
      "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.",
      "Pass { enforceSorted: false }.",
    );
  }
}

/**
 * Packed sequences as a padded batch and their lengths, in the order in which they were packed.
 *
 * Shape: (length, samples, *), or with `batchFirst` (samples, length, *); the lengths (samples), int64.
 * Throws: PyTorch's ValueError for a total length below the longest one.
 *
 * @example
 * const [padded, lengths] = padPackedSequence(packSequence([tensor([1, 2]), tensor([3])]), { batchFirst: true });
 * padded; // tensor([[1, 2], [3, 0]])
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options: PadPackedSequenceOptions = {},
): [padded: Tensor, lengths: Tensor] {
  const { batchFirst = false, paddingValue = 0, totalLength = null } = options;
  const batchSizes = sequence.batchSizes.tolist() as number[];
  const longest = batchSizes.length;
  if (totalLength !== null && totalLength < longest) {
    throw torchError(
      "ValueError",
      `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${totalLength} and max sequence length being ${longest}`,
    );
  }
  const steps = padRows(sequence.data, batchSizes, paddingValue, totalLength ?? longest);
  const padded = batchFirst ? steps.transpose(0, 1) : steps;
  const lengths = tensor(
    Array.from(
      { length: batchSizes[0] ?? 0 },
      (_, sample) => batchSizes.filter((samples) => samples > sample).length,
    ),
    { dtype: "int64" },
  );
  const order = sequence.unsortedIndices;
  if (order === null) return [padded, lengths];
  return [padded.indexSelect(batchFirst ? 0 : 1, order), lengths.indexSelect(0, order)];
}

/**
 * Packs sequences of different lengths.
 *
 * Shape: each sequence (its length, *).
 * Throws: as `packPaddedSequence` and `padSequence`.
 *
 * @example
 * packSequence([tensor([1, 2, 3]), tensor([4, 5]), tensor([6])]).batchSizes; // tensor([3, 2, 1])
 */
export function packSequence(sequences: Iterable<Tensor>, options: PackSequenceOptions = {}): PackedSequence {
  const list = [...sequences];
  const lengths = list.map((sequence) => sequence.size(0));
  return packPaddedSequence(padSequence(list), lengths, options);
}

/**
 * The sequences that were packed, in their order.
 *
 * @example
 * unpackSequence(packSequence([tensor([1, 2]), tensor([3])])).map(String); // [ 'tensor([1, 2])', 'tensor([3])' ]
 */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}
