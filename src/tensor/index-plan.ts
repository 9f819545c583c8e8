/**
 * What the items of an index mean for a shape: views to take one after the other, then tensors to gather with.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { toSize } from "../shape.ts";
import { elementAt } from "./elements.ts";
import type { IndexItem, IndexSlice } from "./index-items.ts";
import type { Tensor } from "./tensor.ts";
import { newTensor } from "./tensor.ts";

/** A view to take of the view before: of one place of a dimension, of a run of it, or with a new dimension. */
export type ViewStep =
  | { readonly kind: "select"; readonly axis: number; readonly index: number }
  | {
      readonly kind: "slice";
      readonly axis: number;
      readonly start: number;
      readonly end: number;
      readonly step: number;
      /** Whether it takes the whole dimension. */
      readonly isWhole: boolean;
    }
  | { readonly kind: "unsqueeze"; readonly axis: number };

/** What an index means for a shape. */
export interface IndexPlan {
  readonly steps: readonly ViewStep[];
  /** What to gather along the dimensions of the view, from the first on: null keeps a dimension, a mask takes several. */
  readonly gathers: readonly (Tensor | null)[];
}

function isMask(tensor: Tensor): boolean {
  return tensor.dtype === dtypes.bool || tensor.dtype === dtypes.uint8;
}

/** How many dimensions of the tensor an item is about. */
function dimensionsOf(item: IndexItem): number {
  switch (item.kind) {
    case "integer":
    case "slice":
      return 1;
    case "tensor":
      return isMask(item.tensor) ? item.tensor.shape.length : 1;
    default:
      return 0;
  }
}

function tooMany(rank: number): Error {
  return torchError("IndexError", `too many indices for tensor of dimension ${rank}`);
}

/** The index tensor by which PyTorch takes `x[True]` and `x[False]` of a new dimension. */
function booleanGather(value: boolean): Tensor {
  return newTensor(dtypes.int64, toSize([value ? 1 : 0]));
}

/** Builds a plan item by item. */
class Planner {
  readonly steps: ViewStep[] = [];
  readonly #gathers: { readonly axis: number; readonly tensor: Tensor }[] = [];
  /** The shape of the view so far. */
  readonly #shape: number[];
  /** The dimension of the view that the next item is about. */
  #axis = 0;
  /** The place of the item among the items, which is what PyTorch's messages call its dimension. */
  #place = -1;

  constructor(shape: Size) {
    this.#shape = shape.slice();
  }

  add(item: IndexItem, skipped: number): void {
    this.#place++;
    switch (item.kind) {
      case "integer":
        this.#select(item.value);
        return;
      case "slice":
        this.#slice(item);
        return;
      case "ellipsis":
        this.#axis += skipped;
        return;
      case "none":
        this.#unsqueeze();
        this.#axis++;
        return;
      case "boolean":
        this.#boolean(item.value);
        return;
      case "tensor":
        this.#tensor(item.tensor);
    }
  }

  #select(value: number): void {
    const length = this.#shape[this.#axis] ?? 0;
    if (value < -length || value >= length) {
      throw torchError(
        "IndexError",
        `index ${BigInt(value)} is out of bounds for dimension ${this.#place} with size ${length}`,
      );
    }
    this.steps.push({ kind: "select", axis: this.#axis, index: value < 0 ? value + length : value });
    this.#shape.splice(this.#axis, 1);
  }

  #slice({ start, end, step }: IndexSlice): void {
    for (const each of [start, end, step]) {
      if (each !== null && !Number.isInteger(each) && Math.abs(each) !== Infinity) {
        throw torchError("TypeError", "slice indices must be integers or None or have an __index__ method");
      }
    }
    if (step === 0) throw torchError("ValueError", "slice step cannot be zero");
    if (step !== null && step < 0) throw torchError("ValueError", "step must be greater than zero");
    const length = this.#shape[this.#axis] ?? 0;
    const place = (k: number): number => Math.min(Math.max(k < 0 ? k + length : k, 0), length);
    const from = place(start ?? 0);
    const to = Math.max(place(end ?? length), from);
    const stride = step ?? 1;
    const isWhole = from === 0 && to === length && stride === 1;
    this.steps.push({ kind: "slice", axis: this.#axis, start: from, end: to, step: stride, isWhole });
    this.#shape[this.#axis] = Math.ceil((to - from) / stride);
    this.#axis++;
  }

  #unsqueeze(): void {
    this.steps.push({ kind: "unsqueeze", axis: this.#axis });
    this.#shape.splice(this.#axis, 0, 1);
  }

  #boolean(value: boolean): void {
    this.#unsqueeze();
    this.#gathers.push({ axis: this.#axis, tensor: booleanGather(value) });
    this.#axis++;
  }

  #tensor(tensor: Tensor): void {
    const { kind } = tensor.dtype;
    if (tensor.shape.length === 0 && (kind === "int" || kind === "uint" || kind === "bool")) {
      const value = elementAt(tensor, tensor.offset);
      if (isMask(tensor)) this.#boolean(Boolean(value));
      else this.#select(Number(value));
      return;
    }
    this.#gathers.push({ axis: this.#axis, tensor });
    this.#axis += dimensionsOf({ kind: "tensor", tensor });
  }

  /** What to gather, in order of the dimensions. */
  gathers(): (Tensor | null)[] {
    const result: (Tensor | null)[] = [];
    let next = 0;
    for (const { axis, tensor } of this.#gathers) {
      for (; next < axis; next++) result.push(null);
      result.push(tensor);
      next += isMask(tensor) ? tensor.shape.length : 1;
    }
    return result;
  }
}

/**
 * What an index means for a tensor of a shape.
 *
 * Throws: PyTorch's IndexErrors for more items than dimensions and for places out of bounds; ValueError for steps below 1.
 *
 * @example
 * planItems(readIndex("0, :3"), toSize([5, 10])).steps; // select 0 of axis 0, then slice 0 to 3 of axis 0
 */
export function planItems(items: readonly IndexItem[], shape: Size): IndexPlan {
  const rank = shape.length;
  const named = items.reduce((sum, item) => sum + dimensionsOf(item), 0);
  if (rank === 0 && items.length === 1) requireDimensions(items[0]!);
  if (named > rank) throw tooMany(rank);
  const planner = new Planner(shape);
  for (const item of items) planner.add(item, rank - named);
  return { steps: planner.steps, gathers: planner.gathers() };
}

/** Throws what PyTorch throws for a single index of a tensor without dimensions. */
function requireDimensions(item: IndexItem): void {
  if (item.kind === "integer") {
    if (item.value !== 0) {
      throw torchError("IndexError", `index ${item.value} is out of bounds for dimension 0 with size 0`);
    }
    throw torchError(
      "IndexError",
      "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number",
    );
  }
  if (item.kind === "slice") {
    throw torchError("IndexError", "slice() cannot be applied to a 0-dim tensor.");
  }
}
