/**
 * The places of the elements of a matrix that lie on one side of a diagonal.
 */

import { dtypes, toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import type { CreationOptions } from "./creation-options.ts";
import { notImplemented } from "./loop-dtypes.ts";

/** Options of `trilIndices` and `triuIndices`. */
export interface TriangleOptions extends Pick<CreationOptions, "device"> {
  /** The diagonal: above the main one where positive. Default 0. */
  readonly offset?: number;
  /** int64, which is the default, or int32. */
  readonly dtype?: CreationOptions["dtype"];
}

/** The columns of a row that belong to the triangle, half-open. */
type Columns = (row: number) => readonly [start: number, end: number];

function indices(
  name: string,
  rows: number,
  columns: number,
  { dtype: given = dtypes.int64, device = "cpu" }: TriangleOptions,
  columnsOf: Columns,
): Tensor {
  if (rows < 0) throw torchError("RuntimeError", `row must be non-negative, got${rows}`);
  if (columns < 0) throw torchError("RuntimeError", `col must be non-negative, got${columns}`);
  const dtype = toDtype(given);
  if (dtype !== dtypes.int64 && dtype !== dtypes.int32) {
    throw notImplemented(name, dtype);
  }
  const spans = Array.from({ length: rows }, (_, row) => {
    const [start, end] = columnsOf(row).map((edge) => Math.min(Math.max(edge, 0), columns)) as [
      number,
      number,
    ];
    return { row, start, end };
  });
  const count = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const out = newTensor(dtype, toSize([2, count]), device);
  if (device === "meta") return out;
  const item = (value: number): number | bigint => (dtype === dtypes.int64 ? BigInt(value) : value);
  let at = 0;
  for (const { row, start, end } of spans) {
    for (let column = start; column < end; column++, at++) {
      out.items[at] = item(row);
      out.items[count + at] = item(column);
    }
  }
  return out;
}

/**
 * The places of the lower triangle of a matrix: a row of row numbers, and one of column numbers.
 *
 * Shape: (2, elements of the triangle).
 * Throws: PyTorch's errors for negative lengths and for other dtypes.
 *
 * @example
 * trilIndices(2, 2); // tensor([[0, 1, 1], [0, 0, 1]])
 */
export function trilIndices(row: number, col: number, options: TriangleOptions = {}): Tensor {
  const { offset = 0 } = options;
  return indices("tril_indices", row, col, options, (at) => [0, at + offset + 1]);
}

/**
 * The places of the upper triangle of a matrix. Throws: as `trilIndices`.
 *
 * @example
 * triuIndices(2, 2, { offset: 1 }); // tensor([[0], [1]])
 */
export function triuIndices(row: number, col: number, options: TriangleOptions = {}): Tensor {
  const { offset = 0 } = options;
  return indices("triu_indices", row, col, options, (at) => [at + offset, col]);
}
