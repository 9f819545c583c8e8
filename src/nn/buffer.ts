/**
 * Buffer: a tensor that belongs to a module without being trained, such as a running mean.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import { zeros } from "../ops/creation.ts";
import { Tensor, isTensor } from "../tensor/tensor.ts";
import type { bufferMark } from "./paths.ts";

/** Options of `Buffer`. */
export interface BufferOptions {
  /** Whether it belongs to the module's state dict. Default true. */
  readonly persistent?: boolean;
}

/** Marks buffers of any copy of this package. */
const brand = Symbol.for("parascope.buffer");

/** See the class. */
export interface Buffer {
  readonly [bufferMark]: true;
}

/**
 * A tensor that, as a field of a module, is one of its buffers. It is a leaf over the same bytes as `data` and prints
 * as any tensor. A name that is known to hold a buffer keeps doing so when a plain tensor is put there.
 *
 * `data` defaults to an empty tensor.
 *
 * Throws: PyTorch's AttributeError for what is no tensor.
 *
 * @example
 * class Counter extends Module {
 *   steps: Buffer = new Buffer(tensor(0));
 *   cache: Buffer = new Buffer(zeros(3), { persistent: false });
 * }
 */
export class Buffer extends Tensor {
  /** Whether it belongs to the module's state dict. */
  declare readonly persistent: boolean;

  constructor(data: Tensor = zeros(0), options: BufferOptions = {}) {
    if (!isTensor(data)) {
      throw torchError(
        "AttributeError",
        `'${pythonTypeName(data)}' object has no attribute 'detach'`,
        "Make a tensor of the values first: new Buffer(tensor([1, 2])).",
      );
    }
    super(data.storage, data.dtype, data.shape, data.strides, data.offset, data.count, data.version, null);
    this.collectsGradient = data.requiresGrad;
    this.persistent = options.persistent ?? true;
  }

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }
}

/** Whether a value is a buffer, of this or another copy of the package. */
export function isBuffer(value: unknown): value is Buffer {
  return isTensor(value) && brand in value;
}
