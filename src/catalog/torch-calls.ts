/** The calls with which PyTorch pickles what has no form of its own: shapes, and tensors without elements. */

import type { DType } from "../dtype.ts";
import type { ObjectValue, Value } from "./value.ts";

/** What a tensor without elements says of itself. */
export interface MetaFacts {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly requiresGrad?: boolean;
}

function call(module: string, name: string, items: Value[]): ObjectValue {
  return {
    kind: "object",
    made: "reduce",
    callable: { kind: "global", module, name },
    args: { kind: "tuple", items },
    kwargs: null,
    state: null,
  };
}

/** A `torch.Size` of lengths, which may be filled in later. */
export function callOfSize(lengths: Value[]): ObjectValue {
  return call("torch", "Size", [{ kind: "tuple", items: lengths }]);
}

/** A tensor on the meta device. */
export function callOfMeta({ dtype, shape, strides, requiresGrad }: MetaFacts): ObjectValue {
  return call("torch._utils", "_rebuild_meta_tensor_no_storage", [
    { kind: "global", module: "torch", name: dtype.name },
    { kind: "tuple", items: [...shape] },
    { kind: "tuple", items: [...strides] },
    requiresGrad ?? false,
  ]);
}

/** A sparse tensor: its layout as `sparse_csr`, its indices, values and sizes. */
export function callOfSparse(layout: string, data: readonly Value[]): ObjectValue {
  return call("torch._utils", "_rebuild_sparse_tensor", [
    call("torch.serialization", "_get_layout", [`torch.${layout}`]),
    { kind: "tuple", items: [...data] },
  ]);
}
