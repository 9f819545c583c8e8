/** How quantized elements stand for numbers, as far as printing needs it: dequantizing, and the words for it. */

import { dtypes } from "../dtype.ts";
import { contiguousStrides } from "../shape.ts";
import type { StridedElements } from "./print-elements.ts";
import { floatRepr } from "./python-repr.ts";

/** How quantized codes stand for numbers: `(code - zeroPoint) · scale`. */
export type Quantizer = PerTensorQuantizer | PerChannelQuantizer;

/** One scale for the whole tensor. */
export interface PerTensorQuantizer {
  readonly scheme: "per_tensor_affine" | "per_tensor_symmetric";
  readonly scale: number;
  readonly zeroPoint: number;
}

/** One scale for each index of dimension `axis`. */
export interface PerChannelQuantizer {
  readonly scheme: "per_channel_affine" | "per_channel_symmetric" | "per_channel_affine_float_qparams";
  readonly scales: StridedElements;
  readonly zeroPoints: StridedElements;
  readonly axis: number;
}

/**
 * The numbers that quantized codes stand for, computed when asked for.
 *
 * Rounded as PyTorch's `dequantize` rounds them: one scale is multiplied in float32, channel scales in float64.
 */
export function dequantized(codes: StridedElements, quantizer: Quantizer): StridedElements {
  if ("axis" in quantizer) return dequantizedByChannel(codes, quantizer);
  const scale = Math.fround(quantizer.scale);
  return {
    shape: codes.shape,
    strides: codes.strides,
    offset: codes.offset,
    dtype: dtypes.float32,
    element: (position) =>
      Math.fround(Math.fround(Number(codes.element(position)) - quantizer.zeroPoint) * scale),
  };
}

/** A storage position does not tell the channel, so the result counts its positions in row-major order. */
function dequantizedByChannel(
  codes: StridedElements,
  { scales, zeroPoints, axis }: PerChannelQuantizer,
): StridedElements {
  const { shape } = codes;
  const strides = contiguousStrides(shape);
  const along = (elements: StridedElements, index: number): number =>
    Number(elements.element(elements.offset + index * elements.strides[0]!));
  return {
    shape,
    strides,
    offset: 0,
    dtype: dtypes.float32,
    element: (position) => {
      const index = strides.map((step, dimension) => Math.floor(position / step) % shape[dimension]!);
      const stored = index.reduce((sum, at, dimension) => sum + at * codes.strides[dimension]!, codes.offset);
      const channel = index[axis]!;
      const code = Number(codes.element(stored));
      return Math.fround((code - along(zeroPoints, channel)) * along(scales, channel));
    },
  };
}

/** What a printed tensor says of its quantizer; `partText` prints the tensors that a quantizer by channel has. */
export function quantizerFacts(
  quantizer: Quantizer,
  partText: (part: StridedElements) => string,
): readonly string[] {
  const scheme = `quantization_scheme=torch.${quantizer.scheme}`;
  return "axis" in quantizer
    ? [
        scheme,
        `scale=${partText(quantizer.scales)}`,
        `zero_point=${partText(quantizer.zeroPoints)}`,
        `axis=${quantizer.axis}`,
      ]
    : [scheme, `scale=${floatRepr(quantizer.scale)}`, `zero_point=${quantizer.zeroPoint}`];
}
