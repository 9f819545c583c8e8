/**
 * Making a batch of items: tensors are stacked, numbers become a tensor, and what holds several values is taken apart and
 * put together again, value by value.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { FloatValue } from "../catalog/value.ts";
import { torchError } from "../errors.ts";
import { tensor } from "../ops/creation.ts";
import { stack } from "../ops/joining.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";

/** What `defaultCollate` makes of items of a type. */
export type Collated<Item> = Item extends Tensor | number | bigint | boolean | FloatValue
  ? Tensor
  : Item extends string | Uint8Array
    ? Item[]
    : Item extends ReadonlyMap<infer Key, infer Value>
      ? Map<Key, Collated<Value>>
      : Item extends readonly unknown[]
        ? { -readonly [K in keyof Item]: Collated<Item[K]> }
        : Item extends object
          ? { [K in keyof Item]: Collated<Item[K]> }
          : never;

/**
 * Makes a batch of items, `torch.utils.data.default_collate`.
 *
 * Shape: tensors of `shape` → (N, ...shape); numbers → (N).
 *
 * Integers give int64, booleans bool, and float64 comes of any numbers among which one is fractional. Text and bytes
 * stay lists. Arrays, maps and plain objects give the same of batches.
 *
 * Throws: PyTorch's RuntimeErrors for tensors and arrays of different sizes, TypeError for what makes no batch.
 * Differs from PyTorch: Python tells `1.0` from `1`, JavaScript does not; `pyFloat(1)` says it.
 *
 * @example
 * defaultCollate([[zeros(2), 3], [ones(2), 4]]); // [tensor([[0., 0.], [1., 1.]]), tensor([3, 4])]
 */
export function defaultCollate<Item>(batch: readonly Item[]): Collated<Item> {
  return collate(batch) as Collated<Item>;
}

function collate(batch: readonly unknown[]): unknown {
  const [first] = batch;
  if (batch.length === 0) throw torchError("IndexError", "list index out of range");
  if (isTensor(first)) return stack(batch as readonly Tensor[], 0);
  if (isNumber(first)) return collateNumbers(batch as readonly NumberLike[]);
  if (typeof first === "string" || first instanceof Uint8Array) return batch;
  if (first instanceof Map) {
    const maps = batch as readonly ReadonlyMap<unknown, unknown>[];
    return new Map(Array.from(first.keys(), (key) => [key, collate(maps.map((map) => valueOf(map, key)))]));
  }
  if (Array.isArray(first)) {
    const lists = batch as readonly (readonly unknown[])[];
    if (lists.some(({ length }) => length !== first.length)) {
      throw torchError("RuntimeError", "each element in list of batch should be of equal size");
    }
    return first.map((_, k) => collate(lists.map((list) => list[k])));
  }
  if (isPlain(first)) {
    const records = batch as readonly Readonly<Record<string, unknown>>[];
    return Object.fromEntries(
      Object.keys(first).map((key) => [key, collate(records.map((record) => fieldOf(record, key)))]),
    );
  }
  throw torchError(
    "TypeError",
    `default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class '${pythonTypeName(first)}'>`,
  );
}

type NumberLike = number | bigint | boolean | FloatValue;

function isNumber(value: unknown): value is NumberLike {
  return ["number", "bigint", "boolean"].includes(typeof value) || isPyFloat(value);
}

/** Whether a value is what `pyFloat` makes. */
function isPyFloat(value: unknown): value is FloatValue {
  return isPlain(value) && value["kind"] === "float" && typeof value["value"] === "number";
}

function collateNumbers(batch: readonly NumberLike[]): Tensor {
  const isFloat = batch.some(
    (value) => isPyFloat(value) || (typeof value === "number" && !Number.isInteger(value)),
  );
  const numbers = batch.map((value) => (isPyFloat(value) ? value.value : value));
  return isFloat ? tensor(numbers, { dtype: "float64" }) : tensor(numbers);
}

function valueOf(map: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (map.has(key)) return map.get(key);
  throw torchError("KeyError", typeof key === "string" ? `'${key}'` : String(key));
}

function fieldOf(record: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(record, key)) return record[key];
  throw torchError("KeyError", `'${key}'`);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * An item as it is where nothing is batched, `torch.utils.data.default_convert`: lists, maps and plain objects are
 * copied, what is in them stays.
 */
export function defaultConvert(item: unknown): unknown {
  if (Array.isArray(item)) return item.map(defaultConvert);
  if (item instanceof Map) return new Map(Array.from(item, ([key, value]) => [key, defaultConvert(value)]));
  if (isPlain(item)) {
    return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, defaultConvert(value)]));
  }
  return item;
}
