/**
 * Deep copies of networks, tensors and what holds them: `copy.deepcopy`.
 */

import { torchError } from "../errors.ts";
import { Storage } from "../tensor/storage.ts";
import { Tensor, Version, isTensor } from "../tensor/tensor.ts";
import { Buffer, isBuffer } from "./buffer.ts";
import { Callable } from "./callable.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { isModule, recordOf } from "./module-record.ts";
import { Parameter, isParameter } from "./parameter.ts";
import { UninitializedBuffer, UninitializedParameter } from "./uninitialized.ts";

/** What was copied, by what it was copied from. */
type Memo = Map<object, unknown>;

/**
 * A copy that shares nothing with the original. Within it, what was shared stays shared: tied parameters, modules
 * used twice, tensors over one storage. Parameters lose their gradient, hooks are taken over. Arrays, maps, sets and
 * plain objects are copied, too; functions and objects of other classes are shared. No constructor runs, so `#private`
 * members of a class of yours are missing in its copy: keep its state in fields.
 *
 * Throws: PyTorch's RuntimeError for a tensor that was computed from one that requires a gradient.
 *
 * @example
 * const teacher = deepCopy(student);
 */
export function deepCopy<T>(value: T): T {
  return copyOf(value, new Map()) as T;
}

function copyOf(value: unknown, memo: Memo): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  const known = memo.get(value);
  if (known !== undefined) return known;
  if (isModule(value)) return copyModule(value, memo);
  if (isTensor(value)) return noted(value, copyTensor(value, memo), memo);
  if (Array.isArray(value)) {
    const copy: unknown[] = noted(value, [], memo);
    for (const item of value as unknown[]) copy.push(copyOf(item, memo));
    return copy;
  }
  if (value instanceof Map) {
    const copy = noted(value, new Map<unknown, unknown>(), memo);
    for (const [key, item] of value as ReadonlyMap<unknown, unknown>)
      copy.set(copyOf(key, memo), copyOf(item, memo));
    return copy;
  }
  if (value instanceof Set) {
    const copy = noted(value, new Set<unknown>(), memo);
    for (const item of value as ReadonlySet<unknown>) copy.add(copyOf(item, memo));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copy = noted(value, Object.create(prototype) as object, memo);
  copyFields(value, copy, memo);
  return copy;
}

function noted<T>(value: object, copy: T, memo: Memo): T {
  memo.set(value, copy);
  return copy;
}

/** Copies the own properties; accessors as they are. */
function copyFields(value: object, copy: object, memo: Memo): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if ("value" in descriptor) descriptor.value = copyOf(descriptor.value, memo);
    Object.defineProperty(copy, name, descriptor);
  }
}

function copyModule(module: ModuleProtocol, memo: Memo): unknown {
  const copy = new Callable() as unknown as ModuleProtocol;
  Object.setPrototypeOf(copy, Object.getPrototypeOf(module) as object);
  memo.set(module, copy);
  const from = recordOf(module);
  const to = recordOf(copy);
  for (const [name, facts] of from.slots) to.slots.set(name, facts);
  to.isNoted = from.isNoted;
  to.isNumbered = from.isNumbered;
  to.freeNames = from.freeNames;
  to.floats = from.floats === null ? null : new Set(from.floats);
  from.hooks.copyTo(to.hooks);
  if (from.entries !== null) {
    to.entries = new Map();
    for (const [name, value] of from.entries) to.entries.set(name, copyOf(value, memo));
  }
  copyFields(module, copy, memo);
  return copy;
}

function copyTensor(tensor: Tensor, memo: Memo): Tensor {
  if (tensor.gradFn !== null) {
    throw torchError(
      "RuntimeError",
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001",
    );
  }
  if (tensor instanceof UninitializedParameter) return new UninitializedParameter(tensor);
  if (tensor instanceof UninitializedBuffer) return new UninitializedBuffer(tensor);
  if (isParameter(tensor))
    return new Parameter(tensor.detach().clone(), { requiresGrad: tensor.requiresGrad });
  const { storage, dtype, shape, strides, offset, count } = tensor;
  const copy = new Tensor(
    copyStorage(storage, memo),
    dtype,
    shape,
    strides,
    offset,
    count,
    new Version(),
    null,
  );
  copy.collectsGradient = tensor.collectsGradient;
  if (tensor.grad !== null) copy.grad = copyOf(tensor.grad, memo) as Tensor;
  return isBuffer(tensor) ? new Buffer(copy, { persistent: tensor.persistent }) : copy;
}

function copyStorage(storage: Storage, memo: Memo): Storage {
  const known = memo.get(storage);
  if (known !== undefined) return known as Storage;
  const { buffer, byteOffset, byteLength, device } = storage;
  const copy =
    device === "meta"
      ? new Storage(new ArrayBuffer(0), 0, byteLength, device)
      : new Storage(buffer.slice(byteOffset, byteOffset + byteLength), 0, byteLength, device);
  return noted(storage, copy, memo);
}
