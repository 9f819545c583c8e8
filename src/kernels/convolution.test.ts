import { describe, expect, test } from "vitest";
import type { Lengths3, WindowGeometry } from "./convolution.ts";
import { columnsToImage, imageToColumns, volume } from "./convolution.ts";

const one: Lengths3 = [1, 1, 1];

function geometry(input: Lengths3, kernel: Lengths3, rest: Partial<WindowGeometry>): WindowGeometry {
  const { stride = one, padding = [0, 0, 0], dilation = one } = rest;
  const output = input.map((length, axis) =>
    Math.floor((length + 2 * padding[axis]! - dilation[axis]! * (kernel[axis]! - 1) - 1) / stride[axis]! + 1),
  ) as unknown as Lengths3;
  return { input, kernel, output, stride, padding, dilation };
}

/** Every index below the lengths, in row-major order. */
function indices([depth, height, width]: Lengths3): Lengths3[] {
  return Array.from({ length: depth * height * width }, (_, k) => [
    Math.floor(k / (height * width)),
    Math.floor(k / width) % height,
    k % width,
  ]);
}

/** The slow twin: the item of an image under each element of each window, −1 on padding. */
function placesOf({ input, kernel, output, stride, padding, dilation }: WindowGeometry): number[] {
  return indices(kernel).flatMap((element) =>
    indices(output).map((at) => {
      const place = at.map(
        (o, axis) => o * stride[axis]! - padding[axis]! + element[axis]! * dilation[axis]!,
      );
      const isInside = place.every((p, axis) => p >= 0 && p < input[axis]!);
      return isInside ? (place[0]! * input[1] + place[1]!) * input[2] + place[2]! : -1;
    }),
  );
}

const cases: [string, WindowGeometry][] = [
  ["3 × 3 that keeps the size", geometry([1, 5, 6], [1, 3, 3], { padding: [0, 1, 1] })],
  ["5 × 5 wider than the image", geometry([1, 3, 2], [1, 5, 5], { padding: [0, 2, 2] })],
  ["one that loses its rims", geometry([1, 5, 6], [1, 3, 3], {})],
  ["padding in one direction", geometry([1, 5, 6], [1, 3, 3], { padding: [0, 0, 1] })],
  [
    "dilation that keeps the size",
    geometry([1, 7, 7], [1, 3, 3], { padding: [0, 2, 2], dilation: [1, 2, 2] }),
  ],
  ["strides", geometry([1, 7, 8], [1, 3, 2], { stride: [1, 2, 3], padding: [0, 1, 1] })],
  ["three dimensions", geometry([3, 4, 4], [2, 3, 3], { padding: [1, 1, 1] })],
  ["a height that is skipped", geometry([1, 6, 4], [1, 1, 1], { stride: [1, 2, 1] })],
];

describe("windows of an image side by side", () => {
  test.each(cases)("%s: copies every element, over and over, and adds it back", (_, windows) => {
    const channels = 2;
    const places = placesOf(windows);
    const size = volume(windows.input);
    const columns = new Float32Array(channels * places.length);
    for (const salt of [1, 5]) {
      const image = Float32Array.from({ length: channels * size }, (_each, k) => salt + k);
      imageToColumns(windows, channels, image, 0, columns, 0);
      const expected = [0, size].flatMap((start) => places.map((at) => (at < 0 ? 0 : image[start + at]!)));
      expect([...columns]).toEqual(expected);
    }
    const sums = new Float32Array(channels * size);
    columnsToImage(windows, channels, columns.fill(1), 0, sums, 0);
    const counts = Array.from({ length: size }, (_each, at) => places.filter((each) => each === at).length);
    expect([...sums]).toEqual([...counts, ...counts]);
  });
});
