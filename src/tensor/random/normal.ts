/**
 * Normal numbers: `normal_`, `randn`.
 *
 * Note [two normal streams]: PyTorch chooses per call. A contiguous tensor of 16 elements or more is filled with
 * uniforms that are then turned into normals 16 at a time, in the dtype's own arithmetic. Every other tensor takes
 * Box-Muller pairs in float64, whose second number waits in the generator for the next such draw.
 */

import type { DType, ItemArray } from "../../dtype.ts";
import { fma64 } from "../float64.ts";
import { transformBlock } from "./cephes.ts";
import { countOf } from "../../shape.ts";
import { asReal, fillInMemoryOrder, floatItems, isRowMajor, store, type Destination } from "./destination.ts";
import type { Generator } from "./generator.ts";
import { cos, sin } from "./circular.ts";
import { log, log1p } from "./libm.ts";
import { check, requireFloat, streamed } from "./refusal.ts";

/** Elements that one step of the block stream transforms. */
const block = 16;

/** One normal of the pairwise stream, in float64. */
export function drawNormal(generator: Generator, mean: number, std: number): number {
  let normal = generator.takeNormal();
  if (Number.isNaN(normal)) {
    const turn = generator.uniform64();
    const radius = Math.sqrt(-2 * log1p(-generator.uniform64()));
    const angle = 2 * Math.PI * turn;
    generator.keepNormal(radius * sin(angle));
    normal = radius * cos(angle);
  }
  return fma64(normal, std, mean);
}

/**
 * Runs the block stream: uniforms everywhere, then 16 elements at a time; a rest is made good by drawing the last 16
 * anew, which overwrites finished ones.
 */
function fillBlocks(
  length: number,
  draw: (start: number, end: number) => void,
  transform: (start: number) => void,
): void {
  draw(0, length);
  for (let start = 0; start + block <= length; start += block) transform(start);
  if (length % block === 0) return;
  draw(length - block, length);
  transform(length - block);
}

function fillBlocks32(generator: Generator, items: Float32Array, mean: number, std: number): void {
  fillBlocks(
    items.length,
    (start, end) => {
      for (let i = start; i < end; i++) items[i] = generator.uniform32();
    },
    (start) => transformBlock(items, start, mean, std),
  );
}

function fillBlocks64(generator: Generator, items: Float64Array, mean: number, std: number): void {
  fillBlocks(
    items.length,
    (start, end) => {
      for (let i = start; i < end; i++) items[i] = generator.uniform64();
    },
    (start) => {
      for (let j = start; j < start + block / 2; j++) {
        const radius = Math.sqrt(-2 * log(1 - items[j]!));
        const angle = 2 * Math.PI * items[j + block / 2]!;
        items[j] = fma64(radius * cos(angle), std, mean);
        items[j + block / 2] = fma64(radius * sin(angle), std, mean);
      }
    },
  );
}

/** Half types draw and transform each 16 in float32; unlike float32 itself, no uniforms are drawn for the rest. */
function fillBlocksHalf(
  generator: Generator,
  dtype: DType,
  items: ItemArray,
  mean: number,
  std: number,
): void {
  const { encode } = floatItems(dtype);
  const normals = new Float32Array(block);
  const fillAt = (start: number): void => {
    for (let i = 0; i < block; i++) normals[i] = generator.uniform32();
    transformBlock(normals, 0, mean, std);
    for (let i = 0; i < block; i++) items[start + i] = encode(normals[i]!);
  };
  for (let start = 0; start + block <= items.length; start += block) fillAt(start);
  if (items.length % block !== 0) fillAt(items.length - block);
}

/**
 * Fills the contiguous or gapless `items` of a real view with normals.
 *
 * `isContiguous` chooses the stream, see Note [two normal streams].
 */
export function fillNormalItems(
  generator: Generator,
  dtype: DType,
  items: ItemArray,
  mean: number,
  std: number,
  isContiguous: boolean,
): void {
  requireFloat("normal_kernel_cpu", dtype);
  if (items.length < block || !isContiguous) {
    store(dtype, items, () => drawNormal(generator, mean, std));
  } else if (items instanceof Float32Array) {
    fillBlocks32(generator, items, Math.fround(mean), Math.fround(std));
  } else if (items instanceof Float64Array) fillBlocks64(generator, items, mean, std);
  else fillBlocksHalf(generator, dtype, items, Math.fround(mean), Math.fround(std));
}

/** Refuses a standard deviation that is negative or NaN, as `normal_` does. */
export function checkStd(std: number): void {
  check(std >= 0, () => `normal expects std >= 0.0, but found std ${streamed(std)}`);
}

/**
 * Fills a view with normal numbers, `Tensor.normal_`. Complex numbers have the variance `std²` in total: each part is
 * drawn with `std / √2`.
 *
 * Throws: `UsageError` for a negative `std` and for dtypes that are no floats.
 *
 * @example
 * const items = new Float32Array(2);
 * fillNormal(new Generator().manualSeed(0), flat(dtypes.float32, items));
 * items; // [1.5409960746765137, -0.293428897857666]
 */
export function fillNormal(generator: Generator, destination: Destination, mean = 0, std = 1): void {
  checkStd(std);
  if (countOf(destination.shape) === 0) return;
  const view = asReal(destination);
  requireFloat("normal_kernel_cpu", view.dtype);
  const isComplex = view !== destination;
  const isContiguous = isRowMajor(view);
  fillInMemoryOrder(view, (items) =>
    fillNormalItems(generator, view.dtype, items, mean, isComplex ? std / Math.SQRT2 : std, isContiguous),
  );
}
