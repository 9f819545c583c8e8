/**
 * Rearranging channels and positions: pixel shuffles, channel shuffles, and sliding blocks.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { torchError } from "../errors.ts";
import type { WindowGeometry } from "../kernels/convolution.ts";
import { toColumns, toImage } from "../ops/folding.ts";
import type { Op } from "../ops/op.ts";
import { needsNothing, op } from "../ops/op.ts";
import { countOf, shapeText } from "../shape.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PerAxis } from "./conv.ts";

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

/**
 * Channels become positions.
 *
 * Shape: (*, channels·factor², height, width) → (*, channels, height·factor, width·factor).
 * Throws: PyTorch's RuntimeErrors for factors and channels that do not fit.
 */
export const pixelShuffle: Op<(input: Tensor, upscaleFactor: number) => Tensor> = op({
  name: "pixelShuffle",
  inputs: ["self"],
  forward(input, factor: number) {
    if (input.ndim < 3) {
      refuse(
        `pixel_shuffle expects input to have at least 3 dimensions, but got input with ${input.ndim} dimension(s)`,
      );
    }
    if (factor <= 0) refuse(`pixel_shuffle expects a positive upscale_factor, but got ${factor}`);
    const lead = input.shape.slice(0, -3);
    const [channels, height, width] = input.shape.slice(-3) as [number, number, number];
    if (channels % factor ** 2 !== 0) {
      refuse(
        `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${channels} is not divisible by ${factor ** 2}`,
      );
    }
    const made = channels / factor ** 2;
    return noGradNorNotes(() =>
      input
        .reshape(countOf(lead), made, factor, factor, height, width)
        .permute(0, 1, 4, 2, 5, 3)
        .reshape(...lead, made, height * factor, width * factor),
    );
  },
  // A permutation: the gradient goes back to where its element came from.
  backward: { self: needsNothing((g, _, factor: number) => pixelUnshuffle(g, factor)) },
  samples: () => [],
});

/**
 * Positions become channels: the inverse of `pixelShuffle`.
 *
 * Shape: (*, channels, height·factor, width·factor) → (*, channels·factor², height, width).
 * Throws: PyTorch's RuntimeErrors for factors and lengths that do not fit.
 */
export const pixelUnshuffle: Op<(input: Tensor, downscaleFactor: number) => Tensor> = op({
  name: "pixelUnshuffle",
  inputs: ["self"],
  forward(input, factor: number) {
    if (input.ndim < 3) {
      refuse(
        `pixel_unshuffle expects input to have at least 3 dimensions, but got input with ${input.ndim} dimension(s)`,
      );
    }
    if (factor <= 0) refuse(`pixel_unshuffle expects a positive downscale_factor, but got ${factor}`);
    const lead = input.shape.slice(0, -3);
    const [channels, height, width] = input.shape.slice(-3) as [number, number, number];
    for (const [name, length, axis] of [
      ["height", height, -2],
      ["width", width, -1],
    ] as const) {
      if (length % factor === 0) continue;
      refuse(
        `pixel_unshuffle expects ${name} to be divisible by downscale_factor, but input.size(${axis})=${length} is not divisible by ${factor}`,
      );
    }
    const [rows, columns] = [height / factor, width / factor];
    return noGradNorNotes(() =>
      input
        .reshape(countOf(lead), channels, rows, factor, columns, factor)
        .permute(0, 1, 3, 5, 2, 4)
        .reshape(...lead, channels * factor ** 2, rows, columns),
    );
  },
  backward: { self: needsNothing((g, _, factor: number) => pixelShuffle(g, factor)) },
  samples: () => [],
});

/**
 * Deals channels of groups out in turn.
 *
 * Shape: (N, channels, *).
 * Throws: PyTorch's RuntimeErrors for groups that do not divide the channels.
 */
export const channelShuffle: Op<(input: Tensor, groups: number) => Tensor> = op({
  name: "channelShuffle",
  inputs: ["self"],
  forward(input, groups: number) {
    if (input.ndim < 3) {
      refuse(
        `channel_shuffle expects input with > 2 dims, but got input with sizes ${shapeText(input.shape)}`,
      );
    }
    const channels = input.shape[1]!;
    if (groups <= 0) {
      refuse(`Number of groups to divide channels in must be positive. Value of groups:${groups}`);
    }
    if (channels % groups !== 0) {
      refuse(
        `Number of channels must be divisible by groups. Got ${channels} channels and ${groups} groups.`,
      );
    }
    return noGradNorNotes(() =>
      input
        .reshape(input.shape[0]!, groups, channels / groups, countOf(input.shape.slice(2)))
        .transpose(1, 2)
        .reshape(input.shape),
    );
  },
  // A permutation, undone by dealing with the other number of groups.
  backward: {
    self: needsNothing((g, { shape }, groups: number) => channelShuffle(g, shape[1]! / groups)),
  },
  samples: () => [],
});

/** Options of `unfold` and `fold`. */
export interface FoldOptions {
  /** How far elements of a block are apart. Default 1. */
  readonly dilation?: PerAxis;
  /** How many zeros surround the image. Default 0. */
  readonly padding?: PerAxis;
  /** How far blocks are apart. Default 1. */
  readonly stride?: PerAxis;
}

type Pair = readonly [number, number];

function pair(value: PerAxis): Pair {
  return typeof value === "number"
    ? [value, value]
    : value.length === 1
      ? [value[0]!, value[0]!]
      : (value as unknown as Pair);
}

function blocksOf(image: Pair, kernelSize: PerAxis, options: FoldOptions): WindowGeometry {
  const kernel = pair(kernelSize);
  const [dilation, padding, stride] = [
    pair(options.dilation ?? 1),
    pair(options.padding ?? 0),
    pair(options.stride ?? 1),
  ];
  for (const [name, values] of [
    ["kernel size", kernel],
    ["dilation", dilation],
    ["stride", stride],
  ] as const) {
    if (values.some((value) => value <= 0)) {
      const word = name.replace(" ", "_");
      refuse(
        `${name} should be greater than zero, but got ${word}_height: ${values[0]} ${word}_width: ${values[1]}`,
      );
    }
  }
  if (padding.some((value) => value < 0)) {
    refuse(`padding should be non-negative, but got pad_height: ${padding[0]} pad_width: ${padding[1]}`);
  }
  const counts = image.map(
    (length, k) =>
      Math.floor((length + 2 * padding[k]! - dilation[k]! * (kernel[k]! - 1) - 1) / stride[k]!) + 1,
  ) as unknown as Pair;
  return {
    input: [1, ...image],
    kernel: [1, ...kernel],
    output: [1, ...counts],
    stride: [1, ...stride],
    padding: [0, ...padding],
    dilation: [1, ...dilation],
  };
}

function text(lengths: readonly [number, number, number]): string {
  return pythonRepr(lengths.slice(1));
}

/**
 * Sliding blocks as columns.
 *
 * Shape: (N, channels, height, width) or unbatched → (N, channels·kernel, blocks).
 * Throws: PyTorch's RuntimeErrors for blocks that do not fit.
 */
export function unfold(input: Tensor, kernelSize: PerAxis, options: FoldOptions = {}): Tensor {
  if (input.ndim !== 3 && input.ndim !== 4) {
    refuse(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${shapeText(input.shape)}`,
    );
  }
  const geometry = blocksOf(input.shape.slice(-2) as unknown as Pair, kernelSize, options);
  const { output, kernel, dilation, padding } = geometry;
  if (output.some((count) => count < 1)) {
    refuse(
      `Given input with spatial size ${text(geometry.input)}, kernel_size=${text(kernel)}, dilation=${text(dilation)}, padding=${text(padding)}, calculated shape of the array of sliding blocks as ${text(output)}, but its components must be at least one.`,
    );
  }
  return toColumns(input, geometry);
}

/**
 * Columns back to an image; blocks are added where they overlap.
 *
 * Shape: (N, channels·kernel, blocks) or unbatched → (N, channels, *outputSize).
 * Throws: PyTorch's RuntimeErrors for columns that do not fit.
 */
export function fold(
  input: Tensor,
  outputSize: PerAxis,
  kernelSize: PerAxis,
  options: FoldOptions = {},
): Tensor {
  if (input.ndim !== 2 && input.ndim !== 3) {
    refuse(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${shapeText(input.shape)}`,
    );
  }
  const geometry = blocksOf(pair(outputSize), kernelSize, options);
  const { kernel, output, dilation, padding, stride } = geometry;
  const [rows, blocks] = input.shape.slice(-2) as [number, number];
  if (rows % countOf(kernel) !== 0) {
    refuse(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=${text(kernel)}.`,
    );
  }
  if (blocks !== countOf(output)) {
    refuse(
      `Given output_size=${text(geometry.input)}, kernel_size=${text(kernel)}, dilation=${text(dilation)}, padding=${text(padding)}, stride=${text(stride)}, expected size of input's dimension 2 to match the calculated number of sliding blocks ${output[1]} * ${output[2]} = ${countOf(output)}, but got input.size(2)=${blocks}.`,
    );
  }
  return toImage(input, geometry);
}
