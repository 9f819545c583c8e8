/** Uniform real numbers: `uniform_`, `rand`. */

import type { DType, ItemArray } from "../../dtype.ts";
import { fma32 } from "../float32.ts";
import { fma64 } from "../float64.ts";
import { countOf } from "../../shape.ts";
import { asReal, fillInMemoryOrder, floatItems, type Destination } from "./destination.ts";
import type { Generator } from "./generator.ts";
import { check, floatLimits, notImplemented, streamed } from "./refusal.ts";

function checkBounds(view: Destination, from: number, to: number): void {
  const limits = floatLimits(view.dtype);
  if (limits === undefined) throw notImplemented("check_uniform_bounds", view.dtype);
  const { cpp, max } = limits;
  check(from >= -max && from <= max, () => `from is out of bounds for ${cpp}`);
  check(to >= -max && to <= max, () => `to is out of bounds for ${cpp}`);
  check(
    from <= to,
    () =>
      `uniform_ expects to return a [from, to) range, but found from=${streamed(from)} > to=${streamed(to)}`,
  );
  check(
    to - from <= max,
    () =>
      `uniform_ expects to-from <= std::numeric_limits<${view.dtype.scalarType}>::max(), but found to=${streamed(to)} and from=${streamed(from)} which result in to-from to exceed the limit`,
  );
}

function fill32(generator: Generator, items: ItemArray, from: number, to: number): void {
  const { length } = items;
  if (from === 0 && to === 1) {
    for (let i = 0; i < length; i++) items[i] = generator.uniform32();
    return;
  }
  const start = Math.fround(from);
  const width = Math.fround(Math.fround(to) - start);
  for (let i = 0; i < length; i++) items[i] = fma32(generator.uniform32(), width, start);
}

function fill64(generator: Generator, items: ItemArray, from: number, to: number): void {
  const { length } = items;
  const width = to - from;
  for (let i = 0; i < length; i++) items[i] = fma64(generator.uniform64(), width, from);
}

/**
 * Half types draw a float32 between the bounds and round it; what rounds to the end, which is excluded, becomes the
 * start.
 */
function fillHalf(generator: Generator, dtype: DType, items: ItemArray, from: number, to: number): void {
  const { decode, encode } = floatItems(dtype);
  const start = Math.fround(from);
  const width = Math.fround(Math.fround(to) - start);
  const startItem = encode(from);
  const end = decode(encode(to));
  for (let i = 0; i < items.length; i++) {
    const item = encode(fma32(generator.uniform32(), width, start));
    items[i] = decode(item) === end ? startItem : item;
  }
}

/**
 * Fills a view with uniform numbers of [from, to), `Tensor.uniform_`. Real and imaginary parts of complex numbers are
 * drawn one after the other.
 *
 * One word of the generator an element; two for float64.
 *
 * Throws: `UsageError` for bounds that are reversed or beyond the dtype, and for dtypes that are no floats.
 *
 * @example
 * const items = new Float32Array(2);
 * fillUniform(new Generator().manualSeed(0), flat(dtypes.float32, items));
 * items; // [0.49625658988952637, 0.7682217955589294]
 */
export function fillUniform(generator: Generator, destination: Destination, from = 0, to = 1): void {
  if (destination.dtype.kind === "complex" && countOf(destination.shape) === 0) return;
  const view = asReal(destination);
  checkBounds(view, from, to);
  fillInMemoryOrder(view, (items) => {
    if (view.dtype.name === "float32") fill32(generator, items, from, to);
    else if (view.dtype.name === "float64") fill64(generator, items, from, to);
    else fillHalf(generator, view.dtype, items, from, to);
  });
}
