/**
 * Tensor: a strided view of a storage. Owns the fields and what can be said from them alone; ops, gradients and
 * printing are added by the floors above (`ops/methods.ts`, `autograd/tensor-gradient.ts`) to this same class.
 */

import type { DType, ItemArray } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import {
  contiguousStrides,
  countOf,
  denseStridesLike,
  isContiguous,
  isDense,
  scalarSize,
  toAxis,
} from "../shape.ts";
import type { DeviceName } from "./device.ts";
import type { Storage } from "./storage.ts";
import { allocate } from "./storage.ts";

/** How often the bytes under a tensor were written in place; one object for a base, its views and `detach()`. */
export class Version {
  declare value: number;
  /** Where the values were taken out of a history; autograd's business. */
  declare cut: object | null;

  constructor() {
    this.value = 0;
    this.cut = null;
  }
}

/** The node of the graph that made a tensor, as a user may look at it. */
export interface GradFn {
  /** PyTorch's name for it: `"AddBackward0"`. */
  readonly name: string;
  /** The nodes that made its inputs, each with the number of the output; null for inputs without gradient. */
  readonly nextFunctions: readonly (readonly [GradFn | null, number])[];
}

/** How a view came about; decides whether it may be written in place while gradients are recorded. */
export type ViewOrigin = "single" | "no-grad" | "multiple" | "custom-function";

/** Marks tensors of any copy of this package. */
const brand = Symbol.for("parascope.tensor");

/**
 * A multi-dimensional array of one dtype, with PyTorch's aliasing: views share the bytes of their base.
 *
 * Tensors are made by the creation functions (`tensor`, `zeros`, …) and by ops, never by `new`.
 */
export class Tensor {
  // Note [declared fields]: a field that is only declared would be defined as undefined before the constructor sets it,
  // which doubles the cost of making a tensor. `declare` leaves it to the constructor, which sets all in one order.

  /** The bytes it looks into. */
  declare storage: Storage;
  /** The whole storage in the dtype's typed array; the first element is `items[offset]`. */
  declare items: ItemArray;
  /** The lengths of the dimensions. */
  declare shape: Size;
  /** Distance, in elements, between neighbours along each dimension. */
  declare strides: readonly number[];
  /** Elements before the first one. */
  declare offset: number;
  /** The number of elements. */
  declare count: number;
  declare dtype: DType;
  /** Counts in-place writes. */
  declare version: Version;
  /** Whether it stands for a Python number: then it does not decide about the dtype of results. */
  declare isNumber: boolean;
  /** The node that made it, as last known; `gradFn` looks whether a write to its base outdated it. */
  declare node: GradFn | null;
  /** Which output of `node` it is. */
  declare outputNumber: number;
  /** Whether it is a leaf that was asked to collect gradients. */
  declare collectsGradient: boolean;
  /** Gradient, hooks and the like; made when first needed. */
  declare gradientRecord: object | null;
  /** The tensor whose view it is; never a view itself. */
  declare base: Tensor | null;
  declare viewOrigin: ViewOrigin;
  /** For a view: the version at which `node` was right. */
  declare nodeVersion: number;

  constructor(
    storage: Storage,
    dtype: DType,
    shape: Size,
    strides: readonly number[],
    offset: number,
    count: number,
    version: Version,
    base: Tensor | null,
  ) {
    this.storage = storage;
    this.items = storage.itemsOf(dtype);
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.count = count;
    this.dtype = dtype;
    this.version = version;
    this.isNumber = false;
    this.node = null;
    this.outputNumber = 0;
    this.collectsGradient = false;
    this.gradientRecord = null;
    this.base = base;
    this.viewOrigin = "single";
    this.nodeVersion = base === null ? 0 : version.value;
  }

  /** `"cpu"`, or `"meta"` for a shape without data. */
  get device(): DeviceName {
    return this.storage.device;
  }

  /** The number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  numel(): number {
    return this.count;
  }

  /** Bytes of one element. */
  elementSize(): number {
    return this.dtype.itemSize;
  }

  /**
   * The shape, or the length of one dimension.
   *
   * Throws: PyTorch's IndexError for a dimension it has not.
   */
  size(): Size;
  size(dim: number): number;
  size(dim?: number): Size | number {
    return dim === undefined ? this.shape : this.shape[requireAxis(dim, this.shape.length)]!;
  }

  /** The strides in elements, or the stride of one dimension. */
  stride(): readonly number[];
  stride(dim: number): number;
  stride(dim?: number): readonly number[] | number {
    return dim === undefined ? this.strides : this.strides[requireAxis(dim, this.shape.length)]!;
  }

  /** Elements of the storage before the first one of the tensor. */
  storageOffset(): number {
    return this.offset;
  }

  /** Whether its elements lie one after the other in row-major order. */
  isContiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  /** Whether the dtype is a floating-point one. */
  isFloatingPoint(): boolean {
    return this.dtype.kind === "float";
  }

  /** Whether the dtype is complex. */
  isComplex(): boolean {
    return this.dtype.kind === "complex";
  }

  /** Where the first element lies in memory, as a number that is equal for equal places of one storage. */
  dataPtr(): number {
    return this.storage.byteOffset + this.offset * this.dtype.itemSize;
  }

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }
}

function requireAxis(dim: number, rank: number): number {
  if (rank > 0) return toAxis(dim, rank);
  throw torchError("IndexError", `Dimension specified as ${dim} but tensor has no dimensions`);
}

/** Whether a value is a tensor, of this or another copy of the package. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor || (typeof value === "object" && value !== null && brand in value);
}

/** The types that had a name of their own in PyTorch's first design. */
const namedTypes: ReadonlySet<string> = new Set("Byte Char Short Int Long Half Float Double".split(" "));

/** The type of a tensor as PyTorch's messages write it: `torch.FloatTensor`, `CPUBFloat16Type`. */
export function typeText({ scalarType }: DType): string {
  return namedTypes.has(scalarType) ? `torch.${scalarType}Tensor` : `CPU${scalarType}Type`;
}

/** A fresh dense tensor of zeros; the shape is taken as it is. */
export function newTensor(dtype: DType, shape: Size, device: DeviceName = "cpu"): Tensor {
  const count = countOf(shape);
  const storage = allocate(dtype, count, device);
  return new Tensor(storage, dtype, shape, contiguousStrides(shape), 0, count, new Version(), null);
}

/** A fresh tensor of zeros, dense, with the shape of another and its order of dimensions in memory. */
export function newTensorLike(like: Tensor, dtype: DType, device: DeviceName = like.storage.device): Tensor {
  const strides = isDense(like.shape, like.strides)
    ? like.strides
    : denseStridesLike(like.shape, [like.strides]);
  const storage = allocate(dtype, like.count, device);
  return new Tensor(storage, dtype, like.shape, strides, 0, like.count, new Version(), null);
}

/** A fresh tensor of zeros with the strides of a dense layout. */
export function newTensorStrided(
  dtype: DType,
  shape: Size,
  strides: readonly number[],
  device: DeviceName,
): Tensor {
  const count = countOf(shape);
  return new Tensor(allocate(dtype, count, device), dtype, shape, strides, 0, count, new Version(), null);
}

/** A fresh tensor of one zero without dimensions. */
export function newScalarTensor(dtype: DType): Tensor {
  return new Tensor(allocate(dtype, 1), dtype, scalarSize, [], 0, 1, new Version(), null);
}

/** Another look at the same elements: shares bytes and version, and knows its base. */
export function viewOf(self: Tensor, shape: Size, strides: readonly number[], offset: number): Tensor {
  const base = self.base ?? self;
  return new Tensor(self.storage, self.dtype, shape, strides, offset, countOf(shape), self.version, base);
}
