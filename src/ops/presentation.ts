/**
 * What a tensor shows of itself: text, JavaScript values, its items.
 */

import { printAsText } from "../console-text.ts";
import { gradFnOf, requiresGrad } from "../autograd/history.ts";
import type { ItemArray, Scalar } from "../dtype.ts";
import { UsageError, torchError } from "../errors.ts";
import { elementAt, itemsPerElement, noData } from "../tensor/elements.ts";
import type { StridedElements } from "../tensor/print-elements.ts";
import { tensorText } from "../tensor/print.ts";
import { defaultDtype } from "../tensor/promotion.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Elements in lists in lists. */
export type NestedValues = Scalar | NestedValues[];

declare module "../tensor/tensor.ts" {
  interface Tensor {
    /** The tensor as PyTorch prints it. */
    toString(): string;
    /**
     * The one element; 64-bit integers as numbers where they are safe, else as bigints.
     *
     * The compiler takes it for a number, as nearly all are: `total += loss.item()`. Where it is not, say so:
     * `mask.item<boolean>()`, `complex.item<Complex>()`, `item<number | bigint>()`.
     *
     * Throws: PyTorch's RuntimeError where there is not exactly one.
     *
     * @example
     * tensor([1, 2], { dtype: "float32" }).sum().item().toFixed(1); // 3.0
     */
    item<Value extends Scalar = number>(): Value;
    /** The elements in nested lists, as `item` gives them; the bare element of a tensor without dimensions. */
    tolist(): NestedValues;
    /**
     * The elements in the typed array of the dtype (16-bit floats as their bits), without a copy.
     *
     * Throws: `UsageError` where the elements do not lie one after the other; `contiguous()` makes them.
     */
    toTypedArray(): ItemArray;
    /** The parts along the first dimension. Throws: PyTorch's TypeError for a tensor without dimensions. */
    [Symbol.iterator](): IterableIterator<Tensor>;
  }
}

function safe(value: Scalar): Scalar {
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function item(self: Tensor): Scalar {
  if (self.count === 1) return safe(elementAt(self, self.offset));
  throw torchError("RuntimeError", `a Tensor with ${self.count} elements cannot be converted to Scalar`);
}

function tolist(self: Tensor, axis: number, at: number): NestedValues {
  if (axis === self.shape.length) return safe(elementAt(self, at));
  return Array.from({ length: self.shape[axis]! }, (_, k) =>
    tolist(self, axis + 1, at + k * self.strides[axis]!),
  );
}

function elementsOf(self: Tensor): StridedElements {
  const { shape, strides, offset, dtype } = self;
  return { shape, strides, offset, dtype, element: (position) => elementAt(self, position) };
}

const methods: Partial<Tensor> & ThisType<Tensor> = {
  toString() {
    const self = this as Tensor;
    return tensorText(
      {
        shape: self.shape,
        dtype: self.dtype,
        device: self.device,
        requiresGrad: requiresGrad(self),
        gradFn: gradFnOf(self)?.name ?? null,
        isParameter: false,
        content:
          self.device === "meta" ? { kind: "absent" } : { kind: "strided", elements: elementsOf(self) },
      },
      defaultDtype(),
    );
  },
  item<Value extends Scalar = number>() {
    return item(this as Tensor) as Value;
  },
  tolist() {
    const self = this as Tensor;
    if (self.device === "meta") throw noData();
    return tolist(self, 0, self.offset);
  },
  toTypedArray() {
    const self = this as Tensor;
    if (!self.isContiguous()) {
      throw new UsageError("reading a tensor's typed array: found elements that are not contiguous", {
        code: "not-contiguous",
        hint: "Call contiguous() first.",
      });
    }
    const width = itemsPerElement(self.dtype);
    return self.items.subarray(self.offset * width, (self.offset + self.count) * width);
  },
};

for (const [name, method] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}

Object.defineProperty(Tensor.prototype, Symbol.iterator, {
  *value(this: Tensor): IterableIterator<Tensor> {
    if (this.shape.length === 0) throw torchError("TypeError", "iteration over a 0-d tensor");
    yield* this.unbind();
  },
  configurable: true,
});

Object.defineProperty(Tensor.prototype, Symbol.toPrimitive, {
  // `+t` and comparisons mean the element, text the whole tensor.
  value(this: Tensor, hint: "number" | "string" | "default"): Scalar | string {
    if (hint === "string") return this.toString();
    return hint === "default" && this.count !== 1 ? this.toString() : item(this);
  },
  configurable: true,
});

printAsText(Tensor.prototype);
