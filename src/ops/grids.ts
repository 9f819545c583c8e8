/**
 * Grids: all combinations of the elements of vectors.
 */

import { torchError } from "../errors.ts";
import { shapeText } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { stack } from "./joining.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /** `"ij"` (default): the first vector runs along the first dimension; `"xy"`: along the second. */
  readonly indexing?: "ij" | "xy";
}

/**
 * For each vector the tensor over all combinations in which it runs along its own dimension: views.
 *
 * Throws: PyTorch's RuntimeErrors for more dimensions than one, two dtypes and other kinds of indexing.
 *
 * @example
 * const [rows, columns] = meshgrid([arange(2), arange(3)]);
 */
export const meshgrid: Op<(tensors: readonly Tensor[], options?: MeshgridOptions) => Tensor[]> = composed(
  {
    name: "meshgrid",
    torch: "torch.meshgrid",
    samples: () => [
      [[input([2]), input([3])], { indexing: "ij" }],
      [[input([2]), input([3]), input([])], { indexing: "xy" }],
      [[input([2]), input([2], { dtype: "int32" })], { indexing: "ij" }],
      [[input([2]), input([2])], { indexing: "zz" }],
    ],
  },
  (tensors: readonly Tensor[], options: MeshgridOptions = {}): Tensor[] => {
    const { indexing = "ij" } = options;
    if (tensors.length === 0) throw torchError("RuntimeError", "meshgrid expects a non-empty TensorList");
    for (const each of tensors) {
      if (each.dtype !== tensors[0]!.dtype) {
        throw torchError("RuntimeError", "meshgrid expects all tensors to have the same dtype");
      }
    }
    if (indexing !== "ij" && indexing !== "xy") {
      throw torchError(
        "RuntimeError",
        `torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${String(indexing)}`,
      );
    }
    const swaps = indexing === "xy" && tensors.length >= 2;
    const ordered = swaps ? [tensors[1]!, tensors[0]!, ...tensors.slice(2)] : tensors.slice();
    const shape = ordered.map((each) => {
      if (each.shape.length <= 1) return each.count;
      throw torchError(
        "RuntimeError",
        `torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${shapeText(each.shape)}`,
      );
    });
    const grids = ordered.map((each, axis) =>
      each.view(shape.map((_, at) => (at === axis ? -1 : 1))).expand(shape),
    );
    return swaps ? [grids[1]!, grids[0]!, ...grids.slice(2)] : grids;
  },
);

/**
 * All combinations of the elements of vectors, a row for each; of one vector the vector itself.
 *
 * Throws: PyTorch's RuntimeErrors for what are no vectors and for two dtypes.
 */
export const cartesianProd: Op<(...tensors: Tensor[]) => Tensor> = composed(
  {
    name: "cartesianProd",
    torch: "torch.cartesian_prod",
    isVariadic: true,
    samples: () => [[input([2]), input([3])], [input([2])], [input([2]), input([1, 2])]],
  },
  (...tensors: Tensor[]): Tensor => {
    for (const each of tensors) {
      if (each.shape.length === 1) continue;
      throw torchError("RuntimeError", `Expect a 1D vector, but got shape ${shapeText(each.shape)}`);
    }
    if (tensors.length === 1) return tensors[0]!;
    return stack(
      meshgrid(tensors).map((grid) => grid.reshape(-1)),
      1,
    );
  },
);
