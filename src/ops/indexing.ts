/**
 * Indexing: `at` and `setAt`, Python's square brackets, and the ops behind index tensors.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { ItemArray } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { isContiguous, isExpandable, sameShape, shapeText, toSize } from "../shape.ts";
import {
  computeDtype,
  denseItems,
  elementAt,
  itemsPerElement,
  scatterItems,
  setElementAt,
} from "../tensor/elements.ts";
import type { Index } from "../tensor/index-items.ts";
import { indexItems } from "../tensor/index-items.ts";
import type { IndexPlan } from "../tensor/index-plan.ts";
import { planItems } from "../tensor/index-plan.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { isNumberArgument } from "../tensor/scalar.ts";
import { Tensor, isTensor, newTensor, newTensorLike, typeText } from "../tensor/tensor.ts";
import { cast, copy_, detach, fill_, scalarTensor } from "./copy.ts";
import { requireNoPartialOverlap } from "./outputs.ts";
import type { IndexTensors, Selection } from "./indexing-selection.ts";
import { selectionOf } from "./indexing-selection.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { Program, call2, callInPlace, composed, needsNothing, op, withFacts } from "./op.ts";
import { aliasOf, unsqueeze, view } from "./reshaping.ts";
import { input } from "./samples.ts";
import { select, sliceAlong } from "./slicing.ts";

/** Calls `run` with the item of each selected element, in row-major order of the result. */
function forEachSelected(self: Tensor, selection: Selection, run: (item: number, k: number) => void): void {
  const { outer, picked, inner } = selection;
  let k = 0;
  for (let i = 0; i < outer.length; i++) {
    for (let j = 0; j < picked.length; j++) {
      const start = self.offset + outer[i]! + picked[j]!;
      for (let m = 0; m < inner.length; m++) run(start + inner[m]!, k++);
    }
  }
}

/** Copies the selected elements to dense items. The loops are written out, as a call for each element costs more. */
function takeItems(self: Tensor, { outer, picked, inner }: Selection, to: ItemArray): void {
  const width = itemsPerElement(self.dtype);
  const from = self.items;
  let k = 0;
  for (let i = 0; i < outer.length; i++) {
    for (let j = 0; j < picked.length; j++) {
      const start = self.offset + outer[i]! + picked[j]!;
      for (let m = 0; m < inner.length; m++) {
        const item = (start + inner[m]!) * width;
        to[k++] = from[item]!;
        if (width === 2) to[k++] = from[item + 1]!;
      }
    }
  }
}

/** Copies dense items to the selected elements; where several go to one place, the last stays. */
function putItems(self: Tensor, { outer, picked, inner }: Selection, from: ItemArray): void {
  const width = itemsPerElement(self.dtype);
  const to = self.items;
  let k = 0;
  for (let i = 0; i < outer.length; i++) {
    for (let j = 0; j < picked.length; j++) {
      const start = self.offset + outer[i]! + picked[j]!;
      for (let m = 0; m < inner.length; m++) {
        const item = (start + inner[m]!) * width;
        to[item] = from[k++]!;
        if (width === 2) to[item + 1] = from[k++]!;
      }
    }
  }
}

function gather(self: Tensor, selection: Selection): Tensor {
  const { dtype } = self;
  const out = newTensor(dtype, selection.shape, self.device);
  if (self.device === "meta") return out;
  if (isContiguous(selection.shape, selection.strides)) {
    takeItems(self, selection, out.items);
    return out;
  }
  const dense = new dtype.Items(out.items.length);
  takeItems(self, selection, dense);
  const { storage, shape, count, version } = out;
  const placed = new Tensor(storage, dtype, shape, selection.strides, 0, count, version, null);
  scatterItems(dense, placed);
  return placed;
}

/** Adds values to the selected elements, one after the other and rounding each time. */
function putAdding(target: Tensor, selection: Selection, values: Tensor): void {
  const { dtype } = target;
  if (dtype === dtypes.bool || computeDtype(dtype) !== dtype) {
    const dense = newTensor(dtype, values.shape);
    scatterItems(denseItems(values), dense);
    forEachSelected(target, selection, (item, k) => {
      setElementAt(target, item, Number(elementAt(target, item)) + Number(elementAt(dense, k)));
    });
    return;
  }
  const width = itemsPerElement(dtype);
  const from = denseItems(values) as Float64Array;
  const to = target.items as Float64Array;
  forEachSelected(target, selection, (item, k) => {
    for (let part = 0; part < width; part++) to[item * width + part]! += from[k * width + part]!;
  });
}

function putValues(target: Tensor, values: Tensor, indices: IndexTensors, isAdding: boolean): void {
  if (values.dtype !== target.dtype) {
    throw torchError(
      "RuntimeError",
      `Index put requires the source and destination dtypes match, got ${target.dtype.scalarType} for the destination and ${values.dtype.scalarType} for the source.`,
    );
  }
  const selection = selectionOf(target, indices);
  if (!isExpandable(values.shape, selection.shape)) {
    throw torchError(
      "RuntimeError",
      `shape mismatch: value tensor of shape ${shapeText(values.shape)} cannot be broadcast to indexing result of shape ${shapeText(selection.shape)}`,
    );
  }
  requireNoPartialOverlap(target, values);
  if (target.device === "meta") return;
  const broad = detach(values).expand(selection.shape);
  if (isAdding) putAdding(target, selection, broad);
  else putItems(target, selection, denseItems(broad));
}

/** The tensors of an index, which have to stay as they are until the backward pass. */
function tensorsOf(indices: IndexTensors): readonly Tensor[] {
  return indices.filter((index) => index !== null);
}

const indexWith: Op<(self: Tensor, indices: IndexTensors) => Tensor> = op({
  name: "index",
  inputs: ["self"],
  forward: (self, indices: IndexTensors) => gather(self, selectionOf(self, indices)),
  saveArguments: tensorsOf,
  // Zeros, with the gradients added up at the places they came from.
  backward: {
    self: needsNothing((g, { shape }, indices: IndexTensors) =>
      indexPut(newTensor(g.dtype, shape, g.device), indices, g, { accumulate: true }),
    ),
  },
  samples: () => [],
});

/** Options of `indexPut`. */
export interface IndexPutOptions {
  /** Add to what is there instead of replacing it. Default false. */
  readonly accumulate?: boolean;
}

const indexPutProgram = new Program({
  name: "indexPut",
  inputs: ["self", "values"],
  saveArguments: tensorsOf,
  backward: {
    // What was replaced has no gradient; what was added to has all of it.
    self: needsNothing((g, _, indices: IndexTensors, isAdding: boolean) =>
      isAdding ? g : indexPut(g, indices, newTensor(g.dtype, toSize([]))),
    ),
    // Each value's gradient is what arrives at its place.
    values: needsNothing((g, _, indices: IndexTensors) => indexWith(g, indices)),
  },
  samples: () => [
    [input([3, 2]), [input([2], { values: [0, 2], dtype: "int64" })], input([2, 2])],
    [input([3, 2]), [input([2], { values: [0, 0], dtype: "int64" })], input([2]), { accumulate: true }],
    [
      input([3, 2]),
      [input([2], { values: [0, -1], dtype: "int64" }), input([2, 1], { values: [1, 0], dtype: "int64" })],
      input([]),
    ],
    [
      input([2, 3], { layout: "transposed" }),
      [input([2, 3], { values: [1, 0, 1, 0, 0, 1], dtype: "bool" })],
      input([3]),
    ],
    [input([3, 2], { smooth: false }), [input([1], { values: [3], dtype: "int64" })], input([2])],
    [input([3, 2], { smooth: false }), [input([2], { values: [0, 1], dtype: "int64" })], input([3])],
    [input([3, 2], { smooth: false }), [input([2], { values: [0, 1], dtype: "int16" })], input([2])],
  ],
});

function putCopy(self: Tensor, values: Tensor, indices: unknown, isAdding: unknown): Tensor {
  const out = newTensorLike(self, self.dtype);
  if (self.device === "cpu") scatterItems(denseItems(self), out);
  putValues(out, values, indices as IndexTensors, isAdding === true);
  return out;
}

/**
 * One mask and one value: then PyTorch fills, and the value's dtype need not be the tensor's.
 *
 * Throws: PyTorch's RuntimeError for a mask of bytes, which cannot be filled by.
 */
function fittedValues(self: Tensor, indices: IndexTensors, values: Tensor, isAdding: boolean): Tensor {
  const [mask, ...more] = tensorsOf(indices);
  if (mask === undefined || more.length > 0 || isAdding || values.count !== 1) return values;
  if (mask.dtype === dtypes.uint8) {
    throw torchError(
      "RuntimeError",
      "masked_fill_ only supports boolean masks, but got mask with dtype unsigned char",
    );
  }
  return mask.dtype === dtypes.bool ? cast(values, self.dtype) : values;
}

/**
 * A copy with `values`, which broadcast, at the places that index tensors name: one for each dimension from the first
 * on, null for a dimension that is kept, a mask for several. Where a place is named twice, the last value stays.
 *
 * Throws: PyTorch's IndexErrors for places out of bounds; RuntimeErrors for values of another dtype or shape.
 *
 * @example
 * zeros(3).indexPut([tensor([0, 0])], tensor([1.5, 2.5]), { accumulate: true }); // tensor([4., 0., 0.])
 */
export const indexPut: InPlaceOp<
  (self: Tensor, indices: IndexTensors, values: Tensor, options?: IndexPutOptions) => Tensor
> = Object.assign(
  withFacts((self: Tensor, indices: IndexTensors, values: Tensor, options: IndexPutOptions = {}): Tensor => {
    const isAdding = options.accumulate ?? false;
    const fitted = fittedValues(self, indices, values, isAdding);
    return call2(indexPutProgram, putCopy, self, fitted, indices, isAdding);
  }, indexPutProgram),
  {
    inPlace(self: Tensor, indices: IndexTensors, values: Tensor, options: IndexPutOptions = {}): Tensor {
      const isAdding = options.accumulate ?? false;
      const fitted = fittedValues(self, indices, values, isAdding);
      return callInPlace(indexPutProgram, [self, fitted], [indices, isAdding], (target) => {
        putValues(target, fitted, indices, isAdding);
      });
    },
  },
);

/** Takes the views of a plan one after the other; `keepsWhole` takes slices of whole dimensions too. */
function viewed(self: Tensor, { steps }: IndexPlan, keepsWhole: boolean): Tensor {
  return steps.reduce((current, step) => {
    switch (step.kind) {
      case "select":
        return select(current, step.axis, step.index);
      case "slice":
        if (step.isWhole && !keepsWhole) return current;
        return sliceAlong(current, step.axis, step.start, step.end, step.step);
      case "unsqueeze":
        return unsqueeze(current, step.axis);
    }
  }, self);
}

/**
 * Python's `self[…]`: integers, slices, `null` for a new dimension, booleans, index tensors, masks and lists of these;
 * text may say several at once. A view where only integers, slices and new dimensions are given, else a copy.
 *
 * Throws: PyTorch's IndexErrors for what is out of bounds, too much, or no index.
 * Differs from PyTorch: one list of lists is refused, where PyTorch takes it for several indices and warns.
 *
 * @example
 * const t = arange(6).view(2, 3);
 * t.at(0, ":2"); // tensor([0, 1])
 * t.at("..., -1"); // tensor([2, 5])
 * t.at(t.gt(2)); // tensor([3, 4, 5])
 */
export const at: Op<(self: Tensor, ...indices: Index[]) => Tensor> = composed(
  { name: "at", isVariadic: true, samples: () => [] },
  (self: Tensor, ...indices: Index[]): Tensor => {
    const [first] = indices;
    // The commonest case needs no plan.
    if (indices.length === 1 && typeof first === "number" && first >= 0 && first < (self.shape[0] ?? 0)) {
      if (Number.isInteger(first)) return select(self, 0, first);
    }
    const items = indexItems(indices);
    const plan = planItems(items, self.shape);
    // PyTorch takes a single slice even of a whole dimension, several only where they change something.
    const result = viewed(self, plan, items.length === 1);
    if (plan.gathers.length > 0) return indexWith(result, plan.gathers);
    return result === self ? aliasOf(self) : result;
  },
);

/** A value to be written, as a tensor of a dtype that may be written. */
function valueTensor(self: Tensor, value: unknown): Tensor {
  if (isTensor(value)) return value;
  if (isNumberArgument(value)) return scalarTensor(value, self.dtype);
  throw torchError("TypeError", `can't assign a ${pythonTypeName(value)} to a ${typeText(self.dtype)}`);
}

/** A value without its leading dimensions of length 1, which assignment ignores. */
function withoutLeadingOnes(value: Tensor): Tensor {
  const first = value.shape.findIndex((length) => length !== 1);
  const lead = first < 0 ? value.shape.length : first;
  return lead === 0 ? value : view(value, value.shape.slice(lead));
}

/** What may be written by `setAt`. */
export type IndexValue = Tensor | NumberArgument;

/**
 * Python's `self[…] = value`: the indices of `at`, then the value, a number or a tensor that broadcasts. Gives `self`.
 *
 * Throws: as `at`; PyTorch's errors for values whose shape or dtype does not fit and for writes that the graph forbids.
 *
 * @example
 * zeros(2, 3).setAt(0, ":2", 1); // [[1, 1, 0], [0, 0, 0]]
 */
export const setAt: Op<(self: Tensor, ...indicesAndValue: [...Index[], IndexValue]) => Tensor> = composed(
  { name: "setAt", isVariadic: true, isDifferentiable: false, samples: () => [] },
  (self: Tensor, ...indicesAndValue: [...Index[], IndexValue]): Tensor => {
    const given = indicesAndValue.slice(0, -1) as Index[];
    const value = valueTensor(self, indicesAndValue.at(-1));
    const items = indexItems(given);
    const [only] = items;
    const isBoolean = items.length === 1 && only!.kind === "boolean";
    if (isBoolean && only!.value === false) return self;
    // PyTorch writes `self[True]` as `self[None]`.
    const plan = planItems(isBoolean ? [{ kind: "none" }] : items, self.shape);
    const target = viewed(self, plan, false);
    const source = sameShape(value.shape, target.shape) ? value : withoutLeadingOnes(value);
    if (plan.gathers.length > 0) indexPut.inPlace(target, plan.gathers, source);
    else if (value.shape.length === 0 && target.shape.length > 0) fill_(target, source);
    else copy_(target, sameShape(source.shape, target.shape) ? source : source.expand(target.shape));
    return self;
  },
);
