/**
 * Distances and angles between vectors.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { torchError } from "../errors.ts";
import { tensor } from "../ops/creation.ts";
import { broadcastShapes } from "../shape.ts";
import { promoteTypes } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** The degree of the norm. Default 2. */
  readonly p?: number;
  /** Added to the differences, which keeps gradients finite. Default 1e-6. */
  readonly eps?: number;
  /** Keep the last dimension, with length 1. Default false. */
  readonly keepdim?: boolean;
}

/**
 * The p-norm of the differences along the last dimension: ‖x₁ − x₂ + eps‖ₚ.
 *
 * Shape: (*, features), (*, features) → (*).
 *
 * @example
 * pairwiseDistance(zeros(2, 2), ones(2, 2)); // tensor([1.4142, 1.4142])
 */
export function pairwiseDistance(x1: Tensor, x2: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  return x1.sub(x2).add(eps).norm(p, -1, { keepdim });
}

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** The dimension of the vectors. Default 1. */
  readonly dim?: number;
  /** The smallest length that vectors are divided by. Default 1e-8. */
  readonly eps?: number;
}

/**
 * The cosine of the angles between vectors: x₁·x₂ / (‖x₁‖·‖x₂‖).
 *
 * Shape: the two broadcast; their common shape loses the dimension `dim`.
 * Throws: PyTorch's RuntimeError for integers, its IndexError for a dimension out of range.
 *
 * @example
 * cosineSimilarity(tensor([[1.5, 0]]), tensor([[2.5, 2.5]])); // tensor([0.7071])
 */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  const { dim = 1, eps = 1e-8 } = options;
  const dtype = promoteTypes(x1.dtype, x2.dtype);
  if (dtype.kind !== "float") {
    throw torchError(
      "RuntimeError",
      `expected common dtype to be floating point, yet common dtype is ${dtype.scalarType}`,
    );
  }
  const shape = broadcastShapes(x1.shape, x2.shape);
  const [a, b] = [x1.to(dtype).expand(shape), x2.to(dtype).expand(shape)];
  return unitVectors(a, dim, eps)
    .mul(unitVectors(b, dim, eps))
    .sum(dim);
}

/** Vectors divided by their length, or by `eps` if that is more. The gradient passes by the bound, as in PyTorch. */
function unitVectors(x: Tensor, dim: number, eps: number): Tensor {
  const lengths = x.norm(2, dim, { keepdim: true }).clone();
  noGradNorNotes(() => lengths.clampMin_(eps));
  return x.div(lengths);
}

/**
 * The p-norms of the differences of all pairs of rows, row 0 with 1, 2, …, then row 1 with 2, 3, ….
 *
 * Shape: (rows, features) → (rows·(rows − 1) / 2).
 * Throws: PyTorch's RuntimeErrors for other shapes and for p below 0.
 *
 * @example
 * pdist(tensor([[0], [3], [4]], { dtype: "float32" })); // tensor([3., 4., 1.])
 */
export function pdist(input: Tensor, p: number = 2): Tensor {
  if (input.ndim !== 2) {
    throw torchError("RuntimeError", `pdist only supports 2D tensors, got: ${input.ndim}D`);
  }
  if (input.dtype.kind !== "float") {
    throw torchError("RuntimeError", "pdist only supports floating-point dtypes");
  }
  if (!(p >= 0)) throw torchError("RuntimeError", "pdist only supports non-negative p values");
  const rows = input.shape[0]!;
  const pairs = Array.from({ length: rows }, (_, row) => row).flatMap((row) =>
    Array.from({ length: rows - row - 1 }, (_, k) => [row, row + 1 + k] as const),
  );
  const side = (which: 0 | 1): Tensor =>
    input.indexSelect(
      0,
      tensor(
        pairs.map((pair) => pair[which]),
        { dtype: "int64" },
      ),
    );
  return side(0).sub(side(1)).norm(p, -1);
}
