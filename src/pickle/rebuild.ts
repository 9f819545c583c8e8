/**
 * PyTorch's functions and classes that make a tensor, by qualified name: what a call of each says. The arguments stand
 * above each entry as PyTorch calls them.
 *
 * Source: torch/_utils.py, torch/_tensor.py, torch/nn/parameter.py, and their forms in older versions.
 */

import { keyOf } from "../catalog/value.ts";
import type { Value } from "../catalog/value.ts";
import { dtypes } from "../dtype.ts";
import {
  boolOrNull,
  claimCount,
  claimCounts,
  claimDtype,
  claimItems,
  claimNumel,
  deviceOrNull,
  refuse,
  subclassOrNull,
} from "./claim.ts";
import { withLocalPart } from "./distributed-tensor.ts";
import { isKind } from "./globals.ts";
import { plainTensor, stridedTensor, tensorOfPart } from "./interpreter.ts";
import type { Interpreter, Rebuilder } from "./interpreter.ts";
import { claimArray } from "./numpy.ts";
import { quantized } from "./quantized.ts";
import { jagged, nested, sparse } from "./sparse.ts";
import type { TensorRecord } from "./tensor-record.ts";

function isTrue(dict: Value | undefined, name: string): boolean {
  return isKind(dict, "dict") && dict.items.get(keyOf(name))?.value === true;
}

/** `{"conj": True}`, `{"neg": True}`, both, or nothing. */
function lazyOf(metadata: Value | undefined): readonly ("conj" | "neg")[] {
  return (["conj", "neg"] as const).filter((name) => isTrue(metadata, name));
}

// (storage, storage_offset, size, stride[, requires_grad, backward_hooks[, metadata]])
const rebuildTensor: Rebuilder = (interpreter, args) => {
  const [storage, offset, size, stride, requiresGrad, , metadata] = args;
  const tensor = stridedTensor(interpreter, { storage, offset, size, stride }, boolOrNull(requiresGrad));
  return metadata === undefined || metadata === null ? tensor : { ...tensor, lazy: lazyOf(metadata) };
};

// (storage, storage_offset, size, stride, requires_grad, backward_hooks, dtype[, metadata])
const rebuildTensorV3: Rebuilder = (interpreter, args) => {
  const [storage, offset, size, stride, requiresGrad, , dtype, metadata] = args;
  const claim = { storage, offset, size, stride, dtype: claimDtype(dtype) };
  return { ...stridedTensor(interpreter, claim, boolOrNull(requiresGrad)), lazy: lazyOf(metadata) };
};

// (data, requires_grad, backward_hooks[, state]); the class itself, as old versions write it: (data[, requires_grad])
const rebuildParameter: Rebuilder = (interpreter, args) => {
  const [data, requiresGrad, , state] = args;
  return {
    ...interpreter.tensor(data),
    role: "parameter",
    requiresGrad: boolOrNull(requiresGrad),
    ...(state === undefined ? {} : { state }),
  };
};

// (requires_grad)
const uninitialized =
  (role: "parameter" | "buffer"): Rebuilder =>
  (_interpreter, [requiresGrad]) => ({
    ...plainTensor("float32", [0], {
      layout: "absent",
      why: "its module has not seen an input, so it has no shape yet",
      stride: null,
      offset: null,
    }),
    role,
    requiresGrad: role === "parameter" ? boolOrNull(requiresGrad) : false,
  });

// (dtype, size, stride, requires_grad)
const rebuildMeta: Rebuilder = (interpreter, [dtypeValue, size, strideValue, requiresGrad]) => {
  const dtype = claimDtype(dtypeValue);
  const shape = claimCounts(size, interpreter.limits.rank, "its sizes");
  const stride = claimCounts(strideValue, interpreter.limits.rank, "its strides");
  claimNumel(shape, dtype);
  if (shape.length !== stride.length) {
    return refuse(`its sizes [${shape.join(", ")}] and strides [${stride.join(", ")}] differ in number`);
  }
  const layout = { layout: "absent", why: "it is on the meta device", stride, offset: 0 } as const;
  return { ...plainTensor(dtype.name, shape, layout, boolOrNull(requiresGrad)), device: "meta" };
};

// (cls, dtype, size, stride, storage_offset, layout, device, requires_grad)
const rebuildWrapper: Rebuilder = (interpreter, args) => {
  const [subclass, dtypeValue, size, stride, offset, , device, requiresGrad] = args;
  const dtype = claimDtype(dtypeValue);
  const shape = claimCounts(size, interpreter.limits.rank, "its sizes");
  claimNumel(shape, dtype);
  const layout = {
    layout: "absent",
    why: "its elements are in its attributes, whose meaning only its class knows",
    stride:
      stride === null || stride === undefined
        ? null
        : claimCounts(stride, interpreter.limits.rank, "its strides"),
    offset: offset === null || offset === undefined ? null : claimCount(offset, "its offset"),
  } as const;
  return {
    ...plainTensor(dtype.name, shape, layout, boolOrNull(requiresGrad)),
    device: deviceOrNull(device),
    subclass: subclassOrNull(subclass),
  };
};

/** What a class or its attributes make of a tensor: `_is_param` and `_is_buffer` are PyTorch's own marks. */
function asClass(tensor: TensorRecord, subclass: Value | undefined, state: Value | undefined): TensorRecord {
  const name = isKind(subclass, "global") && subclass.module === "torch.nn.parameter" ? subclass.name : "";
  const isParameter = name === "Parameter" || isTrue(state, "_is_param");
  const isBuffer = name === "Buffer" || isTrue(state, "_is_buffer");
  return {
    ...tensor,
    role: isParameter ? "parameter" : isBuffer ? "buffer" : tensor.role,
    subclass: subclassOrNull(subclass) ?? tensor.subclass,
    state: state ?? null,
  };
}

// (func, type, args, state)
const rebuildFromType: Rebuilder = (interpreter, [callable, subclass, args, state]) => {
  const items = claimItems(args, 0, 64, "its arguments");
  return withLocalPart(
    interpreter,
    asClass(interpreter.call(callable ?? null, items), subclass, state),
    state,
  );
};

// (data, dtype, device, requires_grad), where data is a NumPy array or a tensor on the CPU
const rebuildDevice: Rebuilder = (interpreter, [data, , device, requiresGrad]) => {
  const part = claimArray(interpreter.table, interpreter.limits, data);
  return {
    ...(part === undefined ? interpreter.tensor(data) : tensorOfPart(part)),
    device: deviceOrNull(device),
    requiresGrad: boolOrNull(requiresGrad),
  };
};

/** fastai's (cls, *args), which calls `rebuild` with the rest. */
const ofClass =
  (rebuild: Rebuilder): Rebuilder =>
  (interpreter, [subclass, ...rest]) =>
    asClass(rebuild(interpreter, rest), subclass, undefined);

/** Every function that is interpreted, with the least number of arguments it takes. */
export const rebuilders: ReadonlyMap<string, readonly [least: number, rebuild: Rebuilder]> = new Map([
  ["torch._utils._rebuild_tensor", [4, rebuildTensor]],
  ["torch._utils._rebuild_tensor_v2", [6, rebuildTensor]],
  ["torch._utils._rebuild_tensor_v3", [7, rebuildTensorV3]],
  ["torch._utils._rebuild_parameter", [3, rebuildParameter]],
  ["torch._utils._rebuild_parameter_with_state", [4, rebuildParameter]],
  ["torch._utils._rebuild_sparse_tensor", [2, sparse]],
  ["torch._utils._rebuild_sparse_csr_tensor", [2, sparse]],
  ["torch._utils._rebuild_qtensor", [7, quantized]],
  ["torch._utils._rebuild_nested_tensor", [4, nested]],
  ["torch._utils._rebuild_meta_tensor_no_storage", [4, rebuildMeta]],
  ["torch._utils._rebuild_wrapper_subclass", [8, rebuildWrapper]],
  ["torch._utils._rebuild_device_tensor_from_numpy", [4, rebuildDevice]],
  ["torch._utils._rebuild_device_tensor_from_cpu_tensor", [4, rebuildDevice]],
  ["torch._utils._rebuild_xla_tensor", [4, rebuildDevice]],
  ["torch._utils._rebuild_mlc_tensor", [4, rebuildDevice]],
  ["torch._tensor._rebuild_from_type_v2", [4, rebuildFromType]],
  ["torch._tensor._rebuild_from_type", [4, rebuildFromType]],
  ["torch.tensor._rebuild_from_type", [4, rebuildFromType]],
  ["torch.nested._internal.nested_tensor._rebuild_njt", [1, jagged]],
  ["torch.nn.parameter.Parameter", [1, rebuildParameter]],
  ["torch.nn.parameter.UninitializedParameter", [0, uninitialized("parameter")]],
  ["torch.nn.parameter.UninitializedBuffer", [0, uninitialized("buffer")]],
  ["torch.autograd.variable.Variable", [1, (interpreter, [data]) => interpreter.tensor(data)]],
  ["fastai.torch_core._fa_rebuild_tensor", [7, ofClass(rebuildTensor)]],
  ["fastai.torch_core._fa_rebuild_qtensor", [8, ofClass(quantized)]],
]);

/**
 * What BUILD adds to a tensor: the four parts that make a tensor of a legacy class, the three that an old Variable has
 * beside its data, or Python attributes.
 */
export function withState(interpreter: Interpreter, tensor: TensorRecord, state: Value): TensorRecord {
  if (state === null) return tensor;
  if (!isKind(state, "tuple")) return { ...tensor, state };
  if (state.items.length === 3) return { ...tensor, requiresGrad: boolOrNull(state.items[0]) };
  if (state.items.length === 4) {
    const [storage, offset, size, stride] = state.items;
    const claim = { storage, offset, size, stride, dtype: dtypes[tensor.dtype] };
    const { shape, layout, device } = stridedTensor(interpreter, claim, null);
    return { ...tensor, shape, layout, device };
  }
  return refuse(`its state has ${state.items.length} parts, where 3 or 4 are expected`);
}
