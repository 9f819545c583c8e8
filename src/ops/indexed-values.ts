/**
 * What ops give that find elements: the values, and where they were.
 */

import { printAsText } from "../console-text.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Values and their places along a dimension. It can be taken apart by name or by position:
 * `const { values, indices } = x.max(0)`, `const [values, indices] = x.max(0)`.
 */
export class IndexedValues {
  readonly values: Tensor;
  /** int64. */
  readonly indices: Tensor;

  constructor(name: string, values: Tensor, indices: Tensor) {
    this.values = values;
    this.indices = indices;
    Object.defineProperty(this, "name", { value: name });
  }

  *[Symbol.iterator](): IterableIterator<Tensor> {
    yield this.values;
    yield this.indices;
  }

  /** PyTorch's text for the pair. */
  toString(): string {
    const { name } = this as unknown as { readonly name: string };
    return `torch.return_types.${name}(\nvalues=${String(this.values)},\nindices=${String(this.indices)})`;
  }

  static {
    printAsText(this.prototype);
  }
}
