/**
 * Parameters and buffers whose shape is not known yet: those of lazy layers before their first input.
 */

import type { DType } from "../dtype.ts";
import { toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { zeros } from "../ops/creation.ts";
import type { ToOptions } from "../ops/copy.ts";
import { snakeCase } from "../ops/program.ts";
import { toSize } from "../shape.ts";
import { Tensor, Version, newTensor } from "../tensor/tensor.ts";
import { Buffer } from "./buffer.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";

const shapeText =
  "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes.";

/**
 * Lets a tensor refuse to tell its shape. What it may still do is own properties, as all methods are: a state dict takes it
 * as it is, and its dtype can change.
 */
function hideShape(tensor: Tensor): void {
  const refuse = (): never => {
    throw torchError("RuntimeError", shapeText);
  };
  Object.defineProperties(tensor, {
    shape: { get: refuse, enumerable: true, configurable: true },
    detach: { value: () => tensor, configurable: true },
    to: { value: (target: DType | string | ToOptions) => retyped(tensor, target), configurable: true },
  });
}

/** Gives a tensor a shape and fresh memory. */
function materialize(tensor: Tensor, shape: readonly number[], options: FactoryOptions): void {
  if (options.dtype !== undefined) tensor.dtype = toDtype(options.dtype);
  const {
    storage,
    items,
    strides,
    offset,
    count,
    shape: made,
  } = newTensor(tensor.dtype, toSize([...shape]), options.device ?? tensor.device);
  Object.defineProperty(tensor, "shape", {
    value: made,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  for (const name of ["detach", "to"]) Reflect.deleteProperty(tensor, name);
  Object.assign(tensor, { storage, items, strides, offset, count, version: new Version() });
}

/** What a tensor without a shape may still do. */
const allowed: ReadonlySet<string> = new Set([
  "constructor",
  "toString",
  "detach",
  "isFloatingPoint",
  "isComplex",
]);

/** Lets the methods of tensors refuse on a class of tensors without a shape, before the first of them is made. */
function refuseMethods(prototype: object, kind: string): void {
  if (Object.hasOwn(prototype, "numel")) return;
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype))) {
    if (typeof value !== "function" || allowed.has(name) || Object.hasOwn(prototype, name)) continue;
    Object.defineProperty(prototype, name, {
      value: () => {
        throw torchError(
          "ValueError",
          `Attempted to use an uninitialized parameter in <method '${snakeCase(name)}' of 'torch._C.TensorBase' objects>. This error happens when you are using a \`LazyModule\` or explicitly manipulating \`torch.nn.parameter.${kind}\` objects. When using LazyModules Call \`forward\` with a dummy batch to initialize the parameters before calling torch functions`,
        );
      },
      configurable: true,
    });
  }
}

/** Changes the dtype of what has no elements yet. */
function retyped(tensor: Tensor, target: DType | string | ToOptions): Tensor {
  const isOptions = typeof target === "object" && !("itemSize" in target);
  const dtype = isOptions ? target.dtype : target;
  if (dtype !== undefined && dtype !== null) tensor.dtype = toDtype(dtype);
  return tensor;
}

/**
 * A parameter without a shape. It becomes a `Parameter`, the same object, when `materialize` gives it one.
 *
 * Throws: PyTorch's errors when asked for its shape or number of elements.
 */
export class UninitializedParameter extends Parameter {
  constructor(options: FactoryOptions & { readonly requiresGrad?: boolean } = {}) {
    super(zeros(0, options), { requiresGrad: options.requiresGrad ?? true });
    refuseMethods(UninitializedParameter.prototype, "UninitializedParameter");
    hideShape(this);
  }

  /** Gives it a shape, and memory of zeros; `options` change its dtype and device. */
  materialize(shape: readonly number[], options: FactoryOptions = {}): void {
    materialize(this, shape, options);
    Object.setPrototypeOf(this, Parameter.prototype);
  }

  override toString(): string {
    return "<UninitializedParameter>";
  }
}

/** A buffer without a shape, as `UninitializedParameter`. */
export class UninitializedBuffer extends Buffer {
  constructor(options: FactoryOptions & { readonly persistent?: boolean } = {}) {
    super(zeros(0, options), { persistent: options.persistent ?? true });
    refuseMethods(UninitializedBuffer.prototype, "UninitializedBuffer");
    hideShape(this);
  }

  /** Gives it a shape, and memory of zeros; `options` change its dtype and device. */
  materialize(shape: readonly number[], options: FactoryOptions = {}): void {
    materialize(this, shape, options);
    Object.setPrototypeOf(this, Buffer.prototype);
  }

  override toString(): string {
    return "<UninitializedBuffer>";
  }
}

/** What has no shape yet. */
export type Uninitialized = UninitializedParameter | UninitializedBuffer;

/** Whether a value is a parameter or buffer without a shape. */
export function isUninitialized(value: unknown): value is Uninitialized {
  return value instanceof UninitializedParameter || value instanceof UninitializedBuffer;
}
