/**
 * Grids: all combinations of the elements of vectors.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { shapeText, toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
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

/** Options of `combinations`. */
export interface CombinationsOptions {
  /** How many elements a combination has; default 2. */
  readonly r?: number;
  /** Whether an element may come again. Default false. */
  readonly withReplacement?: boolean;
}

/** All increasing lists of `r` numbers below `count`, in order. */
function increasing(count: number, r: number, mayRepeat: boolean): number[][] {
  let lists: number[][] = [[]];
  for (let k = 0; k < r; k++) {
    lists = lists.flatMap((list) => {
      const last = list.at(-1);
      const start = last === undefined ? 0 : mayRepeat ? last : last + 1;
      return Array.from({ length: Math.max(0, count - start) }, (_, step) => [...list, start + step]);
    });
  }
  return lists;
}

/**
 * All combinations of `r` elements of a vector, a row for each, in the order of the vector.
 *
 * Throws: PyTorch's RuntimeErrors for what is no vector and for negative numbers.
 *
 * @example
 * combinations(tensor([1, 2, 3])); // tensor([[1, 2], [1, 3], [2, 3]])
 */
export const combinations: Op<
  (self: Tensor, r?: number | CombinationsOptions, options?: CombinationsOptions) => Tensor
> = composed(
  {
    name: "combinations",
    torch: "torch.combinations",
    samples: () => [
      [input([3])],
      [input([4]), 3],
      [input([3]), 2, { withReplacement: true }],
      [input([3]), { r: 1 }],
      [input([3]), 0],
      [input([2]), 3],
      [input([0])],
      [input([3]), -1],
      [input([2, 2])],
    ],
  },
  (self: Tensor, first?: number | CombinationsOptions, options?: CombinationsOptions): Tensor => {
    const given =
      typeof first === "object" ? first : { ...options, ...(first !== undefined && { r: first }) };
    const { r = 2, withReplacement = false } = given;
    if (self.shape.length !== 1) {
      throw torchError("RuntimeError", `Expect a 1D vector, but got shape ${shapeText(self.shape)}`);
    }
    if (r < 0) throw torchError("RuntimeError", `Expect a non-negative number, but got ${r}`);
    if (r === 0) return newTensor(self.dtype, toSize([0]), self.device);
    const lists = increasing(self.count, r, withReplacement);
    const columns = Array.from({ length: r }, (_, place) => {
      const index = newTensor(dtypes.int64, toSize([lists.length]));
      lists.forEach((list, row) => {
        index.items[row] = BigInt(list[place]!);
      });
      return self.indexSelect(0, index);
    });
    return stack(columns, 1);
  },
);
