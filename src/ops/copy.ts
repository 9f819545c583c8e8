/**
 * Copies: of tensors, between dtypes, and into tensors that are there.
 */

import { noteCut } from "../autograd/cut.ts";
import type { DType, Scalar } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { convertItems, denseItems, noData, scatterItems, setElementAt } from "../tensor/elements.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import { isComplexNumber, plainScalar } from "../tensor/scalar.ts";
import type { DeviceName } from "../tensor/device.ts";
import { dtypeOrDevice, toDevice } from "../tensor/device.ts";
import { Tensor, isTensor, newScalarTensor, newTensor, newTensorLike } from "../tensor/tensor.ts";
import { converted, numberTensor } from "./elementwise.ts";
import { requireDistinctElements, requireNoPartialOverlap, requireOutputShape } from "./outputs.ts";
import type { Op } from "./op.ts";
import { Program, callInPlace, composed, needsNothing, op, withFacts } from "./op.ts";
import type { AnyRecord } from "./op.ts";
import { input } from "./samples.ts";

/** Options of `clone`. */
export interface CloneOptions {
  /** `"preserve"` (default) keeps the order of dimensions in memory, `"contiguous"` makes it row-major. */
  readonly memoryFormat?: "preserve" | "contiguous";
}

/** A copy with bytes of its own; gradients flow through. */
export const clone: Op<(self: Tensor, options?: CloneOptions) => Tensor> = op({
  name: "clone",
  inputs: ["self"],
  forward(self, options?: CloneOptions) {
    const isPlain = options?.memoryFormat === "contiguous";
    const out = isPlain ? newTensor(self.dtype, self.shape, self.device) : newTensorLike(self, self.dtype);
    if (self.device === "cpu") scatterItems(denseItems(self), out);
    return out;
  },
  // A copy: the gradient as it is.
  backward: { self: needsNothing((g) => g) },
  samples: () => [[input([2, 3])], [input([3, 2], { layout: "transposed" })]],
});

/** The tensor itself if it lies densely in row-major order, else a copy that does. */
export const contiguous: Op<(self: Tensor) => Tensor> = composed(
  { name: "contiguous", samples: () => [[input([3, 2], { layout: "transposed" })], [input([2, 3])]] },
  (self: Tensor): Tensor => (self.isContiguous() ? self : clone(self, { memoryFormat: "contiguous" })),
);

const castTo: Op<(self: Tensor, dtype: DType) => Tensor> = op({
  name: "cast",
  gradName: "ToCopyBackward0",
  inputs: ["self"],
  forward: (self, dtype: DType) => converted(self, dtype),
  // The gradient is brought to the input's dtype by the pass.
  backward: { self: needsNothing((g, { dtype }) => cast(g, dtype)) },
  samples: () => [],
});

/** The same values in another dtype; the tensor itself if it has it. */
export function cast(self: Tensor, dtype: DType): Tensor {
  return self.dtype === dtype ? self : castTo(self, dtype);
}

/** Options of `to`. */
export interface ToOptions {
  readonly dtype?: DType | string;
  /** `"cpu"`, or `"meta"` for the shape without data. */
  readonly device?: DeviceName;
  /** Copy even where nothing changes. Default false. */
  readonly copy?: boolean;
}

/** What `to` takes: a dtype or device by itself, a tensor that has them, or options. */
export type ToTarget = DType | string | Tensor | ToOptions;

function isDtype(target: ToTarget): target is DType {
  return typeof target === "object" && "itemSize" in target;
}

function targetOptions(target: ToTarget): ToOptions {
  if (typeof target === "string") return dtypeOrDevice(target);
  if (isTensor(target)) return { dtype: target.dtype, device: target.device };
  return isDtype(target) ? { dtype: target } : target;
}

/**
 * The tensor in another dtype, or on another device; itself if it is so already.
 *
 * Throws: PyTorch's errors for other devices than `"cpu"` and `"meta"`, and for data of a meta tensor.
 *
 * @example
 * tensor([1.5]).to("int64"); // tensor([1])
 * tensor([1, 2]).to("cpu", "float32"); // tensor([1., 2.])
 */
export const to: Op<(self: Tensor, target: ToTarget, options?: DType | string | ToOptions) => Tensor> =
  composed(
    { name: "to", samples: () => [] },
    (self: Tensor, target: ToTarget, options?: DType | string | ToOptions): Tensor => {
      const { dtype, device, copy } =
        options === undefined
          ? targetOptions(target)
          : { ...targetOptions(target), ...targetOptions(options) };
      const result = dtype === undefined ? self : cast(self, toDtype(dtype));
      const place = device === undefined ? self.device : toDevice(device);
      if (place !== self.device) {
        if (place === "meta") return newTensorLike(result, result.dtype, "meta");
        throw noData();
      }
      return copy === true && result === self ? clone(self) : result;
    },
  );

/**
 * The tensor on the CPU, where all are that have data: for programs that come from PyTorch.
 *
 * Throws: PyTorch's NotImplementedError for a meta tensor.
 */
export const cpu: Op<(self: Tensor) => Tensor> = composed(
  { name: "cpu", isDifferentiable: false, samples: () => [[input([2])]] },
  (self: Tensor): Tensor => to(self, "cpu"),
);

function conversion(name: string, dtype: DType): Op<(self: Tensor) => Tensor> {
  // Differences in float64 do not survive a narrower dtype, so only `double` is checked by them.
  const isDifferentiable = dtype === dtypes.float64;
  return composed({ name, isDifferentiable, samples: () => [[input([2, 3])]] }, (self: Tensor): Tensor =>
    cast(self, dtype),
  );
}

/** To uint8, towards zero. */
export const byte: Op<(self: Tensor) => Tensor> = conversion("byte", dtypes.uint8);
/** To int8, towards zero. */
export const char: Op<(self: Tensor) => Tensor> = conversion("char", dtypes.int8);
/** To int16, towards zero. */
export const short: Op<(self: Tensor) => Tensor> = conversion("short", dtypes.int16);
/** To complex64. */
export const cfloat: Op<(self: Tensor) => Tensor> = conversion("cfloat", dtypes.complex64);
/** To complex128. */
export const cdouble: Op<(self: Tensor) => Tensor> = conversion("cdouble", dtypes.complex128);
/** To float64. */
export const double: Op<(self: Tensor) => Tensor> = conversion("double", dtypes.float64);
/** To float32. */
export const float: Op<(self: Tensor) => Tensor> = conversion("float", dtypes.float32);
/** To float16. */
export const half: Op<(self: Tensor) => Tensor> = conversion("half", dtypes.float16);
/** To bfloat16. */
export const bfloat16: Op<(self: Tensor) => Tensor> = conversion("bfloat16", dtypes.bfloat16);
/** To int32, towards zero. */
export const int: Op<(self: Tensor) => Tensor> = conversion("int", dtypes.int32);
/** To int64, towards zero. */
export const long: Op<(self: Tensor) => Tensor> = conversion("long", dtypes.int64);
/** To bool: whether not zero. */
export const bool: Op<(self: Tensor) => Tensor> = conversion("bool", dtypes.bool);

/** The dtype that a tensor has, for another. */
export const typeAs: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  { name: "typeAs", isDifferentiable: false, samples: () => [[input([2]), input([1], { dtype: "int32" })]] },
  (self: Tensor, other: Tensor): Tensor => self.to(other.dtype),
);

/** A leaf over the same bytes and version, without history. */
export const detach: Op<(self: Tensor) => Tensor> = composed(
  { name: "detach", isDifferentiable: false, samples: () => [[input([2, 3])]] },
  (self: Tensor): Tensor => {
    const { storage, dtype, shape, strides, offset, count, version } = self;
    const values = new Tensor(storage, dtype, shape, strides, offset, count, version, null);
    if (self.node !== null) noteCut(values, self);
    return values;
  },
);

function writer(
  name: string,
  gradName: string,
  inputs: readonly string[],
  backward: AnyRecord["backward"],
): Program {
  return new Program({ name, gradName, inputs, backward, samples: () => [] });
}

const copyProgram = writer("copy_", "CopyBackwards", ["self", "source"], {
  // What was in self is gone.
  self: needsNothing((g) => newTensorLike(g, g.dtype)),
  // ∂/∂source = 1
  source: needsNothing((g) => g),
});

/**
 * Copies the values of another tensor, which broadcasts, into this one; converts between dtypes.
 *
 * Throws: PyTorch's RuntimeError where the shapes do not fit.
 */
export const copy_: Op<(self: Tensor, source: Tensor) => Tensor> = withFacts(
  (self: Tensor, source: Tensor): Tensor => {
    const { kind } = self.dtype;
    // Integers have no gradients, wherever their values come from.
    const from = kind === "float" || kind === "complex" ? source : detach(source);
    return callInPlace(copyProgram, [self, from], [], (target) => {
      if (from === target) return;
      requireDistinctElements(target);
      copyValues(target, from);
    });
  },
  copyProgram,
);

function copyValues(target: Tensor, source: Tensor): void {
  requireNoPartialOverlap(target, source);
  const shape = sameShape(source.shape, target.shape)
    ? target.shape
    : broadcastShapes(target.shape, source.shape);
  requireOutputShape(target, shape);
  const from = sameShape(source.shape, shape) ? source : detach(source).expand(shape);
  if (target.device === "meta") return;
  if (from.device === "meta") throw noData();
  const sharesBytes = from.storage.buffer === target.storage.buffer && from.dtype === target.dtype;
  const dense = sharesBytes ? denseItems(from).slice() : denseItems(from);
  scatterItems(
    from.dtype === target.dtype ? dense : convertItems(dense, from.dtype, target.dtype, from.count),
    target,
  );
}

/** C++'s names of the types that do not hold every number. */
const boundedTypes: Readonly<Record<string, string>> = {
  uint8: "uint8_t",
  int8: "int8_t",
  int16: "int16_t",
  uint16: "uint16_t",
  int32: "int",
  uint32: "uint32_t",
  int64: "int64_t",
  uint64: "uint64_t",
  float32: "float",
};

/** Whether a dtype can hold a number, as PyTorch decides it: integers may be negative for unsigned types, and wrap. */
function holds(dtype: DType, value: number | bigint): boolean {
  if (dtype === dtypes.float32) return !Number.isFinite(value) || Math.abs(Number(value)) <= greatestFloat32;
  const { bits, kind } = dtype;
  const greatest = 2n ** BigInt(kind === "int" ? bits - 1 : bits) - 1n;
  if (typeof value === "number" && !Number.isInteger(value)) {
    return (
      Number.isFinite(value) &&
      value <= Number(greatest) &&
      value >= (kind === "int" ? -Number(greatest) - 1 : 0)
    );
  }
  const exact = BigInt(value);
  return exact <= greatest && exact >= (kind === "int" ? -greatest - 1n : -greatest);
}

const greatestFloat32 = 3.4028234663852886e38;

/**
 * A number as a tensor of a dtype, without dimensions.
 *
 * Throws: PyTorch's RuntimeError where the dtype does not reach that far.
 */
export function scalarTensor(value: NumberArgument, dtype: DType): Tensor {
  if (isComplexNumber(value)) return filled(dtype, checkedScalar(value, dtype));
  const plain = plainScalar(value);
  const bounded = boundedTypes[dtype.name];
  if (bounded !== undefined && typeof plain !== "boolean" && !holds(dtype, plain)) {
    throw torchError("RuntimeError", `value cannot be converted to type ${bounded} without overflow`);
  }
  return filled(dtype, plain);
}

function filled(dtype: DType, value: Scalar): Tensor {
  const made = newScalarTensor(dtype);
  setElementAt(made, 0, value);
  return made;
}

function fillProgram(gradName: string): Program {
  return writer("fill_", gradName, ["self", "value"], {
    // What was in self is gone.
    self: needsNothing((g) => newTensorLike(g, g.dtype)),
    // ∂/∂value: every element is the value.
    value: needsNothing((g) => g.sum()),
  });
}

const fillNumber = fillProgram("FillBackward2");
const fillTensor = fillProgram("FillBackward3");

/**
 * Sets every element to a value.
 *
 * Throws: PyTorch's RuntimeErrors for a value with dimensions and for a number that the dtype cannot hold.
 */
export const fill_: Op<(self: Tensor, value: NumberArgument | Tensor) => Tensor> = withFacts(
  (self: Tensor, value: NumberArgument | Tensor): Tensor => {
    const source = isTensor(value) ? value : scalarTensor(value, self.dtype);
    if (source.shape.length > 0) {
      throw torchError(
        "RuntimeError",
        `fill_ only supports 0-dimension value tensor but got tensor with ${source.shape.length} dimensions.`,
      );
    }
    return callInPlace(source === value ? fillTensor : fillNumber, [self, source], [], (target) => {
      // PyTorch lets a plain number into repeated elements, but no tensor.
      if (source === value) requireDistinctElements(target);
      // The value is read before anything is written: it may be an element of the target.
      copyValues(target, source.storage.buffer === target.storage.buffer ? clone(detach(source)) : source);
    });
  },
  fillTensor,
);

const zeroProgram = writer("zero_", "ZeroBackward0", ["self"], {
  self: needsNothing((g) => newTensorLike(g, g.dtype)),
});

/** Sets every element to 0. */
export const zero_: Op<(self: Tensor) => Tensor> = withFacts(
  (self: Tensor): Tensor =>
    callInPlace(zeroProgram, [self], [], (target) => {
      copyValues(target, numberTensor(0));
    }),
  zeroProgram,
);
