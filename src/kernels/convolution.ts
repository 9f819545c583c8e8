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

/**
 * The places of one window element over the outputs of one depth: for each of `rows` rows, `count` neighbours in `columns`
 * from `column` on belong to items of the image from `image` on. What falls on padding is left out.
 */
type Plane = (column: number, image: number, count: number, rows: number) => void;

/** Calls `plane` for every window element of one channel. Rows lie `output[2]` and `stride[1] · input[2]` items apart. */
function forEachPlane(geometry: WindowGeometry, channel: number, plane: Plane): void {
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
      const shiftY = ky * dilationY - paddingY;
      const firstY = shiftY >= 0 ? 0 : Math.ceil(-shiftY / strideY);
      const endY = Math.min(outHeight, Math.ceil((inHeight - shiftY) / strideY));
      for (let kx = 0; kx < kernelWidth; kx++, row += positions) {
        // The outputs whose element lies in the image: 0 ≤ x·stride + shift < inWidth.
        const shift = kx * dilationX - paddingX;
        const first = shift >= 0 ? 0 : Math.ceil(-shift / strideX);
        const end = Math.min(outWidth, Math.ceil((inWidth - shift) / strideX));
        if (first >= end || firstY >= endY) continue;
        for (let z = 0; z < outDepth; z++) {
          const inZ = z * strideZ - paddingZ + kz * dilationZ;
          if (inZ < 0 || inZ >= inDepth) continue;
          plane(
            row + (z * outHeight + firstY) * outWidth + first,
            image + (inZ * inHeight + firstY * strideY + shiftY) * inWidth + first * strideX + shift,
            end - first,
            endY - firstY,
          );
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
  const [, stepY, step] = geometry.stride;
  const [width, imageWidth] = [geometry.output[2], stepY * geometry.input[2]];
  // Rows that lie equally far apart on both sides are copied together, and what lies between them is made 0 again.
  const isWhole = step === 1 && width === imageWidth;
  const copy: Plane = (column, from, count, rows) => {
    let to = columnsStart + column;
    let start = imageStart + from;
    if (isWhole) {
      const length = (rows - 1) * width + count;
      columns.set(image.subarray(start, start + length), to);
      if (count === width) return;
      for (let row = 1; row < rows; row++, to += width) columns.fill(0, to + count, to + width);
      return;
    }
    for (let row = 0; row < rows; row++, to += width, start += imageWidth) {
      for (let k = 0; k < count; k++) columns[to + k] = image[start + k * step]!;
    }
  };
  for (let channel = 0; channel < channels; channel++) forEachPlane(geometry, channel, copy);
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
  const [, stepY, step] = geometry.stride;
  const [width, imageWidth] = [geometry.output[2], stepY * geometry.input[2]];
  const add: Plane = (column, to, count, rows) => {
    let from = columnsStart + column;
    let start = imageStart + to;
    for (let row = 0; row < rows; row++, from += width, start += imageWidth) {
      for (let k = 0; k < count; k++) image[start + k * step]! += columns[from + k]!;
    }
  };
  for (let channel = 0; channel < channels; channel++) forEachPlane(geometry, channel, add);
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
