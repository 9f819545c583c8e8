/**
 * ParameterList: numbered parameters.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { recordKey, recordOf } from "./module-record.ts";
import { positionOf, slicePositions } from "./numbered.ts";
import type { Parameter } from "./parameter.ts";
import { asParameter, setValue, valueLines } from "./parameter-values.ts";
import type { childrenMark } from "./paths.ts";

/** What a list of `V` holds: a tensor becomes a parameter. */
export type ListedValue<V> = V extends Tensor ? Parameter : V;

/** A ParameterList of values `V`. */
export type ParameterList<V = Tensor> = ParameterListModule<V> & {
  readonly [position: number]: ListedValue<V>;
};

/** See the class. */
export interface ParameterListModule<V> {
  readonly [childrenMark]: { readonly [position: number]: ListedValue<V> };
}

/**
 * A list of parameters, named by their positions. Tensors become parameters, other values are kept as they are.
 *
 * Throws: PyTorch's RuntimeError for tensors of integers.
 *
 * @example
 * const scales = new ParameterList([ones(3), ones(4)]);
 * scales[0].shape; // torch.Size([3])
 */
export class ParameterListModule<V> extends Module {
  constructor(values?: Iterable<V> | null) {
    super();
    this[recordKey].entries = new Map();
    if (values !== undefined && values !== null) this.extend(values);
  }

  /** The number of values. */
  override get length(): number {
    return recordOf(this).entries?.size ?? 0;
  }

  /** The value at an index; negative ones count from the end. Throws: PyTorch's IndexError. */
  at(index: number): ListedValue<V> {
    return recordOf(this).entries!.get(String(positionOf(index, this.length))) as ListedValue<V>;
  }

  /** Puts a value in the place of another. Throws: PyTorch's IndexError. */
  setAt(index: number, value: V): void {
    setValue(this, String(positionOf(index, this.length)), asParameter(value));
  }

  /** The values in order. */
  *[Symbol.iterator](): Generator<ListedValue<V>, undefined> {
    for (let k = 0; k < this.length; k++) yield this.at(k);
  }

  /** A new list of the values between two indices. */
  slice(start?: number | null, end?: number | null, step?: number | null): ParameterList<V> {
    const positions = slicePositions(
      { start: start ?? null, end: end ?? null, step: step ?? null },
      this.length,
    );
    return new ParameterList<V>(positions.map((k) => this.at(k) as V));
  }

  /** Adds a value at the end. */
  append(value: V): this {
    setValue(this, String(this.length), asParameter(value));
    return this;
  }

  /** Adds values at the end. Throws: PyTorch's TypeError for what is no list; a tensor is none. */
  extend(values: Iterable<V>): this {
    if (
      isTensor(values) ||
      typeof (values as Partial<Iterable<V>> | null)?.[Symbol.iterator] !== "function"
    ) {
      throw torchError(
        "TypeError",
        `ParameterList.extend should be called with an iterable, but got ${isTensor(values) ? "Tensor" : pythonTypeName(values)}`,
      );
    }
    for (const value of values) this.append(value);
    return this;
  }

  /** Throws PyTorch's RuntimeError: a list computes nothing. */
  override forward(): never {
    throw torchError("RuntimeError", "ParameterList should not be called.");
  }

  override extraRepr(): string {
    return valueLines(
      Array.from(this, (value, k) => [String(k), value] as const),
      ({ dtype }) => String(dtype),
    );
  }

  static {
    // The text of a module begins with the name of its class.
    Object.defineProperty(this, "name", { value: "ParameterList", configurable: true });
  }
}

/** Makes a ParameterList. */
export const ParameterList: new <V = Tensor>(values?: Iterable<V> | null) => ParameterList<V> =
  ParameterListModule as never;
