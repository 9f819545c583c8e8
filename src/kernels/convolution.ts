/**
 * Convolution over dense arrays, in one, two or three dimensions: the convolution itself and its two adjoints, each a
 * matrix product per sample and group. Fewer than three dimensions are three with leading lengths of 1.
 */

import type { MatrixItems } from "./gemm.ts";
import { gemm } from "./gemm.ts";

/** Depth, height and width. */
export type Lengths3 = readonly [number, number, number];

/** Dense items of the dtypes that are computed with. */
export type FloatItems = Float32Array | Float64Array;

/** How positions of the input and of the output belong together. */
export interface WindowGeometry {
  readonly input: Lengths3;
  readonly kernel: Lengths3;
  readonly output: Lengths3;
  readonly stride: Lengths3;
  readonly padding: Lengths3;
  readonly dilation: Lengths3;
}

/** The lengths of a convolution. Channels are counted per group. */
export interface ConvolutionGeometry extends WindowGeometry {
  readonly batch: number;
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** The product of three lengths. */
export function volume([depth, height, width]: Lengths3): number {
  return depth * height * width;
}

/** One run along the width: which outputs fall on an input, and where. */
type Run = (column: number, image: number, count: number) => void;

/**
 * Calls `run` for every row of every window element of one channel: `count` neighbours in `columns` from `column` on
 * belong to items of the image from `image` on, `stride[2]` apart. Elements that fall on padding are left out.
 */
function forEachRun(geometry: WindowGeometry, channel: number, run: Run): void {
  const [inDepth, inHeight, inWidth] = geometry.input;
  const [kernelDepth, kernelHeight, kernelWidth] = geometry.kernel;
  const [outDepth, outHeight, outWidth] = geometry.output;
  const [strideZ, strideY, strideX] = geometry.stride;
  const [paddingZ, paddingY, paddingX] = geometry.padding;
  const [dilationZ, dilationY, dilationX] = geometry.dilation;
  const positions = outDepth * outHeight * outWidth;
  const image = channel * inDepth * inHeight * inWidth;
  let row = channel * kernelDepth * kernelHeight * kernelWidth * positions;
  for (let kz = 0; kz < kernelDepth; kz++) {
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++, row += positions) {
        // The outputs whose element lies in the image: 0 ≤ x·stride + shift < inWidth.
        const shift = kx * dilationX - paddingX;
        const first = shift >= 0 ? 0 : Math.ceil(-shift / strideX);
        const end = Math.min(outWidth, Math.ceil((inWidth - shift) / strideX));
        if (first >= end) continue;
        for (let z = 0; z < outDepth; z++) {
          const inZ = z * strideZ - paddingZ + kz * dilationZ;
          if (inZ < 0 || inZ >= inDepth) continue;
          for (let y = 0; y < outHeight; y++) {
            const inY = y * strideY - paddingY + ky * dilationY;
            if (inY < 0 || inY >= inHeight) continue;
            run(
              row + (z * outHeight + y) * outWidth + first,
              image + (inZ * inHeight + inY) * inWidth + first * strideX + shift,
              end - first,
            );
          }
        }
      }
    }
  }
}

/**
 * Lays the windows of an image side by side: (channels, *input) → (channels·kernel, outputs). `columns` holds zeros
 * where windows reach into the padding, which are not written.
 */
export function imageToColumns(
  geometry: WindowGeometry,
  channels: number,
  image: FloatItems,
  imageStart: number,
  columns: FloatItems,
  columnsStart: number,
): void {
  const step = geometry.stride[2];
  const copy: Run = (column, from, count) => {
    const to = columnsStart + column;
    const start = imageStart + from;
    for (let k = 0; k < count; k++) columns[to + k] = image[start + k * step]!;
  };
  for (let channel = 0; channel < channels; channel++) forEachRun(geometry, channel, copy);
}

/** The adjoint: adds what stands in the windows to the image that they were taken from. */
export function columnsToImage(
  geometry: WindowGeometry,
  channels: number,
  columns: FloatItems,
  columnsStart: number,
  image: FloatItems,
  imageStart: number,
): void {
  const step = geometry.stride[2];
  const add: Run = (column, to, count) => {
    const from = columnsStart + column;
    const start = imageStart + to;
    for (let k = 0; k < count; k++) image[start + k * step]! += columns[from + k]!;
  };
  for (let channel = 0; channel < channels; channel++) forEachRun(geometry, channel, add);
}

/** Whether windows are single elements side by side, so that an image is its own columns. */
function isPointwise({ kernel, stride, padding, input, output }: WindowGeometry): boolean {
  const isOne = (length: number): boolean => length === 1;
  const isBare = padding.every((length) => length === 0);
  // Output padding of a transposed convolution adds positions that no window covers.
  return kernel.every(isOne) && stride.every(isOne) && isBare && input.every((n, axis) => n === output[axis]);
}

function rowMajor(items: FloatItems, offset: number, columns: number): MatrixItems {
  return { items, offset, row: columns, column: 1 };
}

function transposed(items: FloatItems, offset: number, columns: number): MatrixItems {
  return { items, offset, row: 1, column: columns };
}

/** What all three share: sizes in items, and a place for the columns of one group of one sample. */
interface Layout {
  /** Rows of the columns: elements of a window over all channels of a group. */
  readonly window: number;
  readonly positions: number;
  readonly imageSize: number;
  readonly resultSize: number;
  readonly weightSize: number;
}

function layoutOf(geometry: ConvolutionGeometry): Layout {
  const { inChannels, outChannels, input, kernel, output } = geometry;
  const window = inChannels * volume(kernel);
  const positions = volume(output);
  return {
    window,
    positions,
    imageSize: inChannels * volume(input),
    resultSize: outChannels * positions,
    weightSize: outChannels * window,
  };
}

function forEachBlock(geometry: ConvolutionGeometry, run: (block: number, group: number) => void): void {
  const { batch, groups } = geometry;
  for (let sample = 0; sample < batch; sample++) {
    for (let group = 0; group < groups; group++) run(sample * groups + group, group);
  }
}

/** result (batch, groups·outChannels, *output) = image (batch, groups·inChannels, *input) ⋆ weight. */
export function convolve(
  geometry: ConvolutionGeometry,
  image: FloatItems,
  weight: FloatItems,
  result: FloatItems,
): void {
  const { inChannels, outChannels } = geometry;
  const { window, positions, imageSize, resultSize, weightSize } = layoutOf(geometry);
  const columns = isPointwise(geometry) ? null : newItems(image, window * positions);
  forEachBlock(geometry, (block, group) => {
    if (columns !== null) imageToColumns(geometry, inChannels, image, block * imageSize, columns, 0);
    gemm(
      outChannels,
      positions,
      window,
      1,
      rowMajor(weight, group * weightSize, window),
      columns === null ? rowMajor(image, block * imageSize, positions) : rowMajor(columns, 0, positions),
      0,
      rowMajor(result, block * resultSize, positions),
    );
  });
}

/** The adjoint in the image: image = Σ over windows of weightᵀ · result. `image` holds zeros. */
export function convolveImageAdjoint(
  geometry: ConvolutionGeometry,
  result: FloatItems,
  weight: FloatItems,
  image: FloatItems,
): void {
  const { inChannels, outChannels } = geometry;
  const { window, positions, imageSize, resultSize, weightSize } = layoutOf(geometry);
  const columns = isPointwise(geometry) ? null : newItems(image, window * positions);
  forEachBlock(geometry, (block, group) => {
    gemm(
      window,
      positions,
      outChannels,
      1,
      transposed(weight, group * weightSize, window),
      rowMajor(result, block * resultSize, positions),
      0,
      columns === null ? rowMajor(image, block * imageSize, positions) : rowMajor(columns, 0, positions),
    );
    if (columns !== null) columnsToImage(geometry, inChannels, columns, 0, image, block * imageSize);
  });
}

/** The adjoint in the weight: weight = Σ over samples of result · windowsᵀ. */
export function convolveWeightAdjoint(
  geometry: ConvolutionGeometry,
  result: FloatItems,
  image: FloatItems,
  weight: FloatItems,
): void {
  const { inChannels, outChannels, groups } = geometry;
  const { window, positions, imageSize, resultSize, weightSize } = layoutOf(geometry);
  const columns = isPointwise(geometry) ? null : newItems(image, window * positions);
  forEachBlock(geometry, (block, group) => {
    if (columns !== null) imageToColumns(geometry, inChannels, image, block * imageSize, columns, 0);
    gemm(
      outChannels,
      window,
      positions,
      1,
      rowMajor(result, block * resultSize, positions),
      columns === null ? transposed(image, block * imageSize, positions) : transposed(columns, 0, positions),
      block < groups ? 0 : 1,
      rowMajor(weight, group * weightSize, window),
    );
  });
}

function newItems(like: FloatItems, count: number): FloatItems {
  return like instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
}
