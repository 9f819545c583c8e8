/**
 * Parameter: a tensor that belongs to the module whose field it is, and that training changes.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { zeros } from "../ops/creation.ts";
import type { DeviceName } from "../tensor/device.ts";
import { Tensor, isTensor } from "../tensor/tensor.ts";
import type { parameterMark } from "./paths.ts";

/** Options that every layer with parameters takes. */
export interface FactoryOptions {
  /** The dtype of the parameters. Default: the default float dtype. */
  readonly dtype?: DType | string;
  /** Where the parameters lie; `"meta"` for shapes without data. Default `"cpu"`. */
  readonly device?: DeviceName;
}

/** The factory options among others, for the parts of a layer. */
export function factoryOf({ dtype, device }: FactoryOptions): FactoryOptions {
  return { ...(dtype === undefined ? {} : { dtype }), ...(device === undefined ? {} : { device }) };
}

/** Options of `Parameter`. */
export interface ParameterOptions {
  /** Whether it collects gradients. Default true. */
  readonly requiresGrad?: boolean;
}

/** Marks parameters of any copy of this package. */
const brand = Symbol.for("parascope.parameter");

/** See the class. */
export interface Parameter {
  readonly [parameterMark]: true;
}

/**
 * A tensor that, as a field of a module, is one of its parameters. It is a leaf over the same bytes as `data`; what
 * is computed from it is a plain tensor.
 *
 * `data` defaults to an empty tensor. `requiresGrad` defaults to true, also inside `noGrad`.
 *
 * Throws: PyTorch's AttributeError for what is no tensor, its RuntimeError for integers that are to collect gradients.
 *
 * @example
 * class Scale extends Module {
 *   factor = new Parameter(ones(3));
 *   override forward(x: Tensor): Tensor { return x.mul(this.factor); }
 * }
 */
export class Parameter extends Tensor {
  constructor(data: Tensor = zeros(0), options: ParameterOptions = {}) {
    if (!isTensor(data)) {
      throw torchError(
        "AttributeError",
        `'${pythonTypeName(data)}' object has no attribute 'detach'`,
        "Make a tensor of the values first: new Parameter(tensor([1, 2])).",
      );
    }
    const requiresGrad = options.requiresGrad ?? true;
    if (requiresGrad && data.dtype.kind !== "float" && data.dtype.kind !== "complex") {
      throw torchError(
        "RuntimeError",
        "Only Tensors of floating point and complex dtype can require gradients",
      );
    }
    super(data.storage, data.dtype, data.shape, data.strides, data.offset, data.count, data.version, null);
    this.collectsGradient = requiresGrad;
  }

  /** The text PyTorch prints. */
  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }

  /** Saved files say of it that it is a parameter. */
  get isParameter(): true {
    return true;
  }

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }
}

/** Whether a value is a parameter, of this or another copy of the package. */
export function isParameter(value: unknown): value is Parameter {
  return isTensor(value) && brand in value;
}
