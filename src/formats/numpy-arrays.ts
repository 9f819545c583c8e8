/** NumPy arrays in a pickle, to be listed like tensors where they are what the file holds. */

import type { GlobalValue, Value } from "../catalog/value.ts";
import { isKind } from "../pickle/globals.ts";
import { TorchReader } from "../pickle/torch.ts";
import { replaceNodes } from "./nodes.ts";

/** PyTorch's own way to write a tensor as an array: (array, dtype, device, requires_grad). */
const asTensor: GlobalValue = {
  kind: "global",
  module: "torch._utils",
  name: "_rebuild_device_tensor_from_numpy",
};

/** Puts a tensor made of it in the place of every NumPy array. The tree is changed. */
export function withArrays(root: Value): Value {
  const torch = new TorchReader();
  return replaceNodes(root, (node) => {
    if (torch.array(node) === undefined) return undefined;
    return {
      kind: "object",
      made: "reduce",
      callable: asTensor,
      args: { kind: "tuple", items: [node, null, null, null] },
      kwargs: null,
      state: null,
    };
  });
}

/** Whether a value is a tensor that `withArrays` made of an array. */
export function isListedArray(value: Value): boolean {
  return isKind(value, "object") && value.callable === asTensor;
}
