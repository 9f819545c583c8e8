/**
 * What Tensor can say and do about gradients: `requiresGrad`, `grad`, `gradFn`, `backward` and hooks.
 */

import { torchError } from "../errors.ts";
import { sameShape, shapeText } from "../shape.ts";
import { Tensor, Version, isTensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";
import type { BackwardOptions } from "./backward.ts";
import { backward } from "./backward.ts";
import { noteCut } from "./cut.ts";
import {
  gradFnOf,
  gradientNodeOf,
  pythonTypeName,
  recordOf,
  renewAccumulator,
  requiresGrad,
  retainGrad,
} from "./history.ts";
import type { GradientRecord } from "./history.ts";
import type { TensorHook } from "./node.ts";
import { HookHandle } from "./node.ts";

declare module "../tensor/tensor.ts" {
  interface Tensor {
    /**
     * Whether gradients are wanted for it. May be set on leaves.
     *
     * Throws: PyTorch's RuntimeErrors for integers, and where a computed tensor is told not to.
     */
    requiresGrad: boolean;
    /** The gradient that backward passes added up; null before. */
    grad: Tensor | null;
    /** The node of the graph that made it; null for leaves. */
    readonly gradFn: GradFn | null;
    /** Whether it was not computed from something that requires a gradient. */
    readonly isLeaf: boolean;
    /** Whether `retainGrad` was called on a tensor that is no leaf. */
    readonly retainsGrad: boolean;
    /** The same values outside of the graph, with a version of its own. Assigning takes over another tensor's bytes. */
    data: Tensor;
    /** Sets `requiresGrad`. Throws: PyTorch's RuntimeError for integers. */
    requiresGrad_(requiresGrad?: boolean): this;
    /** Adds the gradients of this tensor to the leaves'; see `backward`. */
    backward(gradient?: Tensor | BackwardOptions | null, options?: BackwardOptions): void;
    /** Calls `hook` with every gradient that arrives here; what it returns replaces the gradient. */
    registerHook(hook: TensorHook): HookHandle;
    /** Calls `hook` with this leaf each time its `grad` was updated. */
    registerPostAccumulateGradHook(hook: (self: Tensor) => void): HookHandle;
    /** Lets a computed tensor keep its gradient in `grad`. */
    retainGrad(): void;
    /** Cuts the tensor itself off from its history. */
    detach_(): this;
  }
}

const nonLeafText =
  "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information.";

function setRequiresGrad(self: Tensor, value: boolean, dtypeError: string): void {
  if (value && self.dtype.kind !== "float" && self.dtype.kind !== "complex") {
    throw torchError("RuntimeError", dtypeError);
  }
  if (gradFnOf(self) !== null) {
    if (value) return;
    throw torchError(
      "RuntimeError",
      "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
    );
  }
  self.collectsGradient = value;
}

function setGrad(self: Tensor, value: unknown): void {
  if (value === null || value === undefined) {
    if (self.gradientRecord !== null) recordOf(self).gradient = null;
    return;
  }
  if (!isTensor(value)) {
    throw torchError(
      "TypeError",
      `assigned grad expected to be a Tensor or None but got grad of type ${pythonTypeName(value)}`,
    );
  }
  if (value === self) throw torchError("RuntimeError", "can't assign Variable as its own grad");
  if (value.dtype !== self.dtype) {
    throw torchError(
      "RuntimeError",
      `attempting to assign a gradient with dtype '${cppTypeName(value)}' to a tensor with grad_dtype '${self.dtype.scalarType}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.`,
    );
  }
  if (!sameShape(value.shape, self.shape)) {
    throw torchError(
      "RuntimeError",
      `attempting to assign a gradient of size '${shapeText(value.shape)}' to a tensor of size '${shapeText(self.shape)}'. Please ensure that the gradient and the tensor are the same size`,
    );
  }
  recordOf(self).gradient = value;
}

/** C++'s names of the element types, as PyTorch's message has them. */
const cppTypeNames: Readonly<Record<string, string>> = {
  uint8: "unsigned char",
  int8: "signed char",
  int16: "short int",
  int32: "int",
  int64: "long int",
  float16: "c10::Half",
  float32: "float",
  float64: "double",
  complex64: "c10::complex<float>",
  complex128: "c10::complex<double>",
  bfloat16: "c10::BFloat16",
};

function cppTypeName({ dtype }: Tensor): string {
  return cppTypeNames[dtype.name] ?? dtype.name;
}

function setData(self: Tensor, value: unknown): void {
  if (!isTensor(value)) {
    throw torchError("TypeError", `Variable data has to be a tensor, but got ${pythonTypeName(value)}`);
  }
  if (self.collectsGradient && value.dtype.kind !== "float" && value.dtype.kind !== "complex") {
    throw torchError(
      "RuntimeError",
      "data set to a tensor that requires gradients must be floating point or complex dtype",
    );
  }
  const isAlike =
    value.dtype === self.dtype &&
    sameShape(value.shape, self.shape) &&
    sameShape(value.strides, self.strides);
  self.storage = value.storage;
  self.items = value.items;
  self.shape = value.shape;
  self.strides = value.strides;
  self.offset = value.offset;
  self.count = value.count;
  self.dtype = value.dtype;
  if (!isAlike) renewAccumulator(self);
}

const accessors: PropertyDescriptorMap & ThisType<Tensor> = {
  requiresGrad: {
    get() {
      return requiresGrad(this);
    },
    set(value: boolean) {
      setRequiresGrad(this, value, "only Tensors of floating point and complex dtype can require gradients");
    },
  },
  gradFn: {
    get() {
      return gradFnOf(this);
    },
  },
  isLeaf: {
    get() {
      return gradFnOf(this) === null;
    },
  },
  retainsGrad: {
    get() {
      return (this.gradientRecord as GradientRecord | null)?.retainsGradient ?? false;
    },
  },
  grad: {
    get() {
      const record = this.gradientRecord as GradientRecord | null;
      const gradient = record?.gradient ?? null;
      if (gradient === null && record?.retainsGradient !== true && gradFnOf(this) !== null) {
        warn(nonLeafText);
      }
      return gradient;
    },
    set(value: unknown) {
      setGrad(this, value);
    },
  },
  data: {
    get() {
      const { storage, dtype, shape, strides, offset, count } = this;
      const values = new Tensor(storage, dtype, shape, strides, offset, count, new Version(), null);
      noteCut(values, this);
      return values;
    },
    set(value: unknown) {
      setData(this, value);
    },
  },
};

const methods: Partial<Tensor> & ThisType<Tensor> = {
  requiresGrad_(value: boolean = true) {
    setRequiresGrad(this as Tensor, value, "only Tensors of floating point dtype can require gradients");
    return this as Tensor;
  },
  backward(gradient?: Tensor | BackwardOptions | null, options: BackwardOptions = {}) {
    const self = this as Tensor;
    if (isTensor(gradient)) backward(self, { ...options, gradient });
    else backward(self, { ...gradient, ...options });
  },
  registerHook(hook: TensorHook) {
    const self = this as Tensor;
    const node = gradientNodeOf(self);
    if (node === null) {
      // No gradient reaches a view that was made without recording, though its base requires one.
      if (requiresGrad(self)) return new HookHandle(new Map(), hook);
      throw torchError("RuntimeError", "cannot register a hook on a tensor that doesn't require gradient");
    }
    return new HookHandle(node.hooksOf(self.outputNumber).hooks, hook);
  },
  registerPostAccumulateGradHook(hook: (self: Tensor) => void) {
    const self = this as Tensor;
    if (!requiresGrad(self)) {
      throw torchError("RuntimeError", "cannot register a hook on a tensor that doesn't require gradient");
    }
    if (gradFnOf(self) !== null) {
      throw torchError("RuntimeError", "post accumulate grad hooks cannot be registered on non-leaf tensors");
    }
    return new HookHandle(recordOf(self).afterAccumulation, hook);
  },
  retainGrad() {
    retainGrad(this as Tensor);
  },
  detach_() {
    const self = this as Tensor;
    if (self.base !== null) {
      throw torchError(
        "RuntimeError",
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
      );
    }
    noteCut(self, self);
    self.node = null;
    self.outputNumber = 0;
    self.collectsGradient = false;
    return self;
  },
};

for (const [name, accessor] of Object.entries(accessors)) {
  Object.defineProperty(Tensor.prototype, name, { ...accessor, configurable: true });
}
for (const [name, method] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}
