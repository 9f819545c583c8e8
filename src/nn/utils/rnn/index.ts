/** The public list of `nn.utils.rnn`. */

export { invertPermutation, isPackedSequence, PackedSequence } from "../../packed-sequence.ts";
export {
  packPaddedSequence,
  type PackPaddedSequenceOptions,
  packSequence,
  type PackSequenceOptions,
  padPackedSequence,
  type PadPackedSequenceOptions,
  unpackSequence,
} from "./packing.ts";
export { padSequence, type PadSequenceOptions, unpadSequence, type UnpadSequenceOptions } from "./padding.ts";
