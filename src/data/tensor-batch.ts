/**
 * The quick way to a batch of tensors: what `defaultCollate` makes of the items of a `TensorDataset`, without making the
 * items: the rows are copied as they lie, instead of a view for each and a copy of the views.
 */

import { toSize } from "../shape.ts";
import { denseItems, itemsPerElement } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import type { Dataset } from "./dataset.ts";
import { Subset, TensorDataset } from "./dataset.ts";

/**
 * The batch of some items; null where there is no quick way: other datasets, subclasses with items of their own,
 * tensors that need gradients, and positions that the items would be refused for.
 */
export function tensorBatch(dataset: Dataset<unknown>, indices: readonly number[]): Tensor[] | null {
  let source = dataset;
  let rows: readonly (number | undefined)[] = indices;
  while (source instanceof Subset && hasOwnItems(source, Subset)) {
    const { indices: chosen } = source;
    rows = rows.map((row) => (row === undefined ? undefined : chosen[row]));
    source = source.dataset;
  }
  if (!(source instanceof TensorDataset) || !hasOwnItems(source, TensorDataset)) return null;
  const tensors: readonly Tensor[] = source.tensors;
  const { length } = source;
  const isInside = (row: number | undefined): row is number => row !== undefined && row >= 0 && row < length;
  if (rows.length === 0 || !rows.every(isInside) || !tensors.every(isPlain)) return null;
  const inside = rows;
  return tensors.map((one) => rowsOf(one, inside));
}

/** Whether its rows can be copied as they lie, and nobody wants gradients through the copy. */
function isPlain(one: Tensor): boolean {
  return !one.requiresGrad && one.isContiguous() && one.dtype.bits >= 8 && one.device === "cpu";
}

function rowsOf(one: Tensor, rows: readonly number[]): Tensor {
  const batch = newTensor(one.dtype, toSize([rows.length, ...one.shape.slice(1)]));
  const items = denseItems(one) as Float32Array;
  const target = denseItems(batch) as Float32Array;
  const length = (one.count / one.size(0)) * itemsPerElement(one.dtype);
  for (const [k, row] of rows.entries()) {
    target.set(items.subarray(row * length, (row + 1) * length), k * length);
  }
  return batch;
}

/** Whether items come from the class itself, not from a subclass that makes others of them. */
function hasOwnItems(
  dataset: { at: unknown; getItems?: unknown },
  base: { prototype: { at: unknown; getItems?: unknown } },
): boolean {
  return dataset.at === base.prototype.at && dataset.getItems === base.prototype.getItems;
}
