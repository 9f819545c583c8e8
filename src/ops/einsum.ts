/**
 * Sums of products along labelled dimensions: `einsum`, `tensordot`, `kron`, composed of views and batched matrix products
 * as PyTorch composes them.
 */

import { torchError } from "../errors.ts";
import { countOf, toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { toDims } from "./arguments.ts";
import { ellipsis, readEquation } from "./einsum-equation.ts";
import { requireTensor } from "./matrix-product.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/** Where each dimension of all operands stands: those of the result first, those to be summed behind. */
interface Layout {
  readonly placeOf: ReadonlyMap<string, number>;
  /** The first place of what `...` covers, and how many dimensions that is. */
  readonly ellipsisPlace: number;
  readonly ellipsisLength: number;
  readonly outputLength: number;
  readonly length: number;
}

function layoutOf(
  operands: readonly (readonly string[])[],
  output: readonly string[],
  tensors: readonly Tensor[],
): Layout {
  const covered = operands.map((labels, k) =>
    labels.includes(ellipsis) ? tensors[k]!.shape.length - (labels.length - 1) : 0,
  );
  const ellipsisLength = Math.max(0, ...covered);
  const placeOf = new Map<string, number>();
  let length = 0;
  let ellipsisPlace = 0;
  const place = (label: string): void => {
    if (label === ellipsis) {
      ellipsisPlace = length;
      length += ellipsisLength;
    } else if (!placeOf.has(label)) placeOf.set(label, length++);
  };
  output.forEach(place);
  const outputLength = length;
  // Dimensions under an ellipsis that the result does not name are summed.
  if (!output.includes(ellipsis) && ellipsisLength > 0) place(ellipsis);
  operands.flat().forEach((label) => {
    if (label !== ellipsis) place(label);
  });
  return { placeOf, ellipsisPlace, ellipsisLength, outputLength, length };
}

/** What is known about the places from the operands seen so far. */
interface Census {
  /** By place: the length, 1 as long as nothing longer was seen. */
  readonly lengths: number[];
  /** By place: how many operands are longer than 1 there. */
  readonly counts: number[];
}

/** An operand with its dimensions at their places, with a length of 1 where it has none; repeated labels as diagonals. */
function arranged(
  operand: Tensor,
  labels: readonly string[],
  number: number,
  layout: Layout,
  census: Census,
): Tensor {
  const places: (number | undefined)[] = Array.from({ length: layout.length });
  let result = operand;
  let dim = 0;
  const meet = (place: number, describe: (length: number, seen: number) => string): void => {
    const length = result.shape[dim]!;
    if (length === 1) return;
    const seen = census.lengths[place]!;
    if (seen !== 1 && seen !== length) {
      throw torchError("RuntimeError", `einsum(): ${describe(length, seen)}`);
    }
    census.lengths[place] = length;
    census.counts[place]!++;
  };
  for (const label of labels) {
    if (label === ellipsis) {
      const covered = operand.shape.length - (labels.length - 1);
      for (let j = layout.ellipsisLength - covered; j < layout.ellipsisLength; j++) {
        const place = layout.ellipsisPlace + j;
        const at = dim;
        meet(
          place,
          (length, seen) =>
            `dimension ${at} covered by ellipsis in operand ${number} has size ${length} which does not broadcast with previously seen ellipsis with size ${seen} for the respective dimension`,
        );
        places[place] = dim++;
      }
      continue;
    }
    const place = layout.placeOf.get(label)!;
    const previous = places[place];
    if (previous === undefined) {
      meet(
        place,
        (length, seen) =>
          `subscript ${label} has size ${length} for operand ${number} which does not broadcast with previously seen size ${seen}`,
      );
      places[place] = dim++;
      continue;
    }
    if (result.shape[dim] !== result.shape[previous]) {
      throw torchError(
        "RuntimeError",
        `einsum(): subscript ${label} is repeated for operand ${number} but the sizes don't match, ${result.shape[dim]!} != ${result.shape[previous]!}`,
      );
    }
    result = result.diagonal(0, previous, dim).movedim(-1, previous);
  }
  for (let place = 0; place < layout.length; place++) {
    if (places[place] !== undefined) continue;
    result = result.unsqueeze(dim);
    places[place] = dim++;
  }
  return result.permute(places as number[]);
}

/**
 * The product of two operands of as many dimensions, summed over some of them, which keep a length of 1: one batched
 * matrix product. Source: `sumproduct_pair` in PyTorch's `Linear.cpp`.
 */
function summedProduct(a: Tensor, b: Tensor, summed: readonly number[]): Tensor {
  const groups: { both: number[]; left: number[]; right: number[] } = { both: [], left: [], right: [] };
  let [left, right] = [a, b];
  const sums: number[] = [];
  const shape: number[] = [];
  a.shape.forEach((lengthA, dim) => {
    const lengthB = b.shape[dim]!;
    const [inA, inB] = [lengthA !== 1, lengthB !== 1];
    if (summed.includes(dim)) {
      if (inA && inB) sums.push(dim);
      else if (inA) left = left.sum(dim, { keepdim: true });
      else if (inB) right = right.sum(dim, { keepdim: true });
    } else if (inA && inB) groups.both.push(dim);
    else if (inA) groups.left.push(dim);
    else groups.right.push(dim);
  });
  const { both, left: onlyLeft, right: onlyRight } = groups;
  const size = (self: Tensor, dims: readonly number[]): number =>
    countOf(dims.map((dim) => self.shape[dim]!));
  const orderLeft = [
    ...both,
    ...onlyLeft,
    ...sums,
    ...onlyRight,
    ...summed.filter((dim) => !sums.includes(dim)),
  ];
  const orderRight = [
    ...both,
    ...sums,
    ...onlyRight,
    ...onlyLeft,
    ...summed.filter((dim) => !sums.includes(dim)),
  ];
  for (const dim of both) shape.push(left.shape[dim]!);
  for (const dim of onlyLeft) shape.push(left.shape[dim]!);
  for (const _ of summed) shape.push(1);
  for (const dim of onlyRight) shape.push(right.shape[dim]!);
  const order = [...both, ...onlyLeft, ...summed, ...onlyRight];
  const back = order.map((_, dim) => order.indexOf(dim));
  const batch = size(left, both);
  const x = left.permute(orderLeft).reshape([batch, size(left, onlyLeft), size(left, sums)]);
  const y = right.permute(orderRight).reshape([batch, size(right, sums), size(right, onlyRight)]);
  return x.bmm(y).view(shape).permute(back);
}

/** Multiplies the operands from left to right and sums each dimension as soon as no other operand has it. */
function contracted(operands: readonly Tensor[], layout: Layout, census: Census): Tensor {
  const counts = census.counts.slice();
  let result = operands[0]!;
  for (const next of operands.slice(1)) {
    let [a, b] = [result, next];
    const [sumsA, sumsB, sums]: [number[], number[], number[]] = [[], [], []];
    for (let dim = layout.outputLength; dim < layout.length; dim++) {
      const [inA, inB] = [a.shape[dim] !== 1, b.shape[dim] !== 1];
      if (inA && inB) {
        counts[dim]!--;
        if (counts[dim] !== 1) continue;
        sums.push(dim);
        counts[dim] = 0;
      } else if (counts[dim] === 1 && (inA || inB)) {
        (inA ? sumsA : sumsB).push(dim);
        counts[dim] = 0;
      }
    }
    if (sumsA.length > 0) a = a.sum(sumsA, { keepdim: true });
    if (sumsB.length > 0) b = b.sum(sumsB, { keepdim: true });
    result = sums.length > 0 ? summedProduct(a, b, sums) : a.mul(b);
  }
  if (layout.length === layout.outputLength) return result;
  if (operands.length > 1) return result.view(result.shape.slice(0, layout.outputLength));
  const rest = Array.from({ length: layout.length - layout.outputLength }, (_, k) => layout.outputLength + k);
  return result.sum(rest);
}

/** The operands of `einsum`: one after the other, or in a list. */
export type EinsumOperands = Tensor[] | [readonly Tensor[]];

/**
 * The sum of products that an equation describes: equal letters are equal dimensions, letters that the result does not
 * have are summed, `...` stands for dimensions that broadcast.
 *
 * Throws: PyTorch's RuntimeErrors for what is no equation, and where it does not fit the operands.
 *
 * @example
 * einsum("ij,jk->ik", ones(2, 3), ones(3, 4)).shape; // torch.Size([2, 4])
 */
export const einsum: Op<(equation: string, ...operands: EinsumOperands) => Tensor> = composed(
  {
    name: "einsum",
    torch: "torch.einsum",
    isVariadic: true,
    samples: () => [
      ["ij,jk->ik", input([2, 3]), input([3, 2])],
      ["ij,jk", input([2, 3]), input([3, 2], { layout: "transposed" })],
      ["ii->i", input([3, 3])],
      ["ii", input([3, 3])],
      ["ji", input([2, 3])],
      ["ij->j", input([2, 3])],
      ["i,j->ij", input([2]), input([3])],
      ["i,i", input([3]), input([3])],
      ["i,i->i", input([3]), input([3])],
      ["bij,bjk->bik", input([2, 2, 3]), input([2, 3, 2])],
      ["bhid,bhjd->bhij", input([1, 2, 3, 2]), input([1, 2, 2, 2])],
      ["...ij,...jk->...ik", input([2, 2, 3]), input([3, 2])],
      ["i...->...", input([3, 2])],
      ["ij->i...", input([2, 3])],
      ["ij,jk,kl->il", input([2, 3]), input([3, 2]), input([2, 2])],
      ["bn,anm,bm->ba", input([2, 3]), input([2, 3, 2]), input([2, 2])],
      ["ij,ij->ij", input([2, 1]), input([2, 3])],
      [",->", input([]), input([])],
      [" I j , j k -> I k ", [input([2, 3]), input([3, 2])]],
      ["ij,jk->ii", input([2, 3]), input([3, 2])],
      ["ij->iz", input([2, 3])],
      ["ij,jk", input([2, 3])],
      ["ij", input([2, 3]), input([2, 3])],
      ["ijk", input([2, 3])],
      ["i1", input([2, 3])],
      ["i.", input([2, 3])],
      ["...i...", input([2, 3])],
      ["ij->...i...", input([2, 3])],
      ["ii", input([2, 3])],
      ["ij,jk->ik", input([2, 3]), input([4, 2])],
    ],
  },
  (equation: string, ...given: EinsumOperands): Tensor => {
    const [first] = given;
    const tensors = (isTensor(first) ? given : (first ?? [])) as readonly Tensor[];
    if (tensors.length === 0) {
      throw torchError("RuntimeError", "einsum(): must provide at least one input tensor");
    }
    tensors.forEach((each, k) => requireTensor("einsum", "operands", k + 2, each));
    const { operands, output } = readEquation(equation, tensors);
    const layout = layoutOf(operands, output, tensors);
    const census: Census = {
      lengths: Array.from({ length: layout.length }, () => 1),
      counts: Array.from({ length: layout.length }, () => 0),
    };
    const ready = tensors.map((each, k) => arranged(each, operands[k]!, k, layout, census));
    return contracted(ready, layout, census);
  },
);

/** Which dimensions `tensordot` sums: so many last and first ones, or a list for each tensor. */
export type TensordotDims = number | readonly [readonly number[], readonly number[]];

/**
 * Sums the products of two tensors over some dimensions of each.
 *
 * Shape: the other dimensions of the first, then those of the second.
 * Throws: PyTorch's RuntimeErrors for dimensions whose lengths differ.
 *
 * @example
 * tensordot(ones(2, 3, 4), ones(3, 4, 5), 2).shape; // torch.Size([2, 5])
 */
export const tensordot: Op<
  (a: Tensor, b: Tensor, dims?: TensordotDims | { readonly dims?: TensordotDims }) => Tensor
> = composed(
  {
    name: "tensordot",
    torch: "torch.tensordot",
    samples: () => [
      [input([2, 3]), input([3, 2]), { dims: 1 }],
      [input([2, 3]), input([3, 2]), { dims: 0 }],
      [input([2, 3]), input([2, 3]), 2],
      [input([2, 3, 2]), input([2, 2]), { dims: [[0], [1]] }],
      [input([3]), input([3]), 1],
      [input([2, 3]), input([3, 2]), { dims: [[0], [0]] }],
      [input([2, 3]), input([3, 2]), 3],
      [input([2, 3]), input([3, 2]), -1],
      [input([2, 3]), input([3, 2]), { dims: [[0, 1], [0]] }],
    ],
  },
  (a: Tensor, b: Tensor, given: TensordotDims | { readonly dims?: TensordotDims } = 2): Tensor => {
    const dims =
      typeof given === "object" && !Array.isArray(given)
        ? ((given as { dims?: TensordotDims }).dims ?? 2)
        : (given as TensordotDims);
    const [ofA, ofB] = typeof dims === "number" ? countedDims(a, b, dims) : dims;
    if (ofA.length !== ofB.length) {
      throw torchError("RuntimeError", "both dimension lists should have same length");
    }
    if (a.dtype !== b.dtype) throw torchError("RuntimeError", "both inputs should have same dtype");
    const [axesA, axesB] = [toDims(ofA, a.shape.length), toDims(ofB, b.shape.length)];
    axesA.forEach((axis, k) => {
      const other = axesB[k]!;
      const [lengthA, lengthB] = [a.shape[axis]!, b.shape[other]!];
      if (lengthA === lengthB || lengthA === 1 || lengthB === 1) return;
      throw torchError(
        "RuntimeError",
        `contracted dimensions need to match, but first has size ${lengthA} in dim ${toAxis(ofA[k]!, a.shape.length)} and second has size ${lengthB} in dim ${toAxis(ofB[k]!, b.shape.length)}`,
      );
    });
    // A length of 1 against a longer one: the longer one is summed beforehand.
    const longA = axesA.filter((axis, k) => b.shape[axesB[k]!] === 1 && a.shape[axis] !== 1);
    const longB = axesB.filter((axis, k) => a.shape[axesA[k]!] === 1 && b.shape[axis] !== 1);
    const left = longA.length === 0 ? a : a.sum(longA, { keepdim: true });
    const right = longB.length === 0 ? b : b.sum(longB, { keepdim: true });
    const restA = a.shape.map((_, axis) => axis).filter((axis) => !axesA.includes(axis));
    const restB = b.shape.map((_, axis) => axis).filter((axis) => !axesB.includes(axis));
    const inner = countOf(axesA.map((axis) => left.shape[axis]!));
    const lead = restA.map((axis) => left.shape[axis]!);
    const tail = restB.map((axis) => right.shape[axis]!);
    if (restA.length === 0 && restB.length === 0) {
      return left
        .permute(axesA.slice())
        .reshape([inner])
        .dot(right.permute(axesB.slice()).reshape([inner]))
        .view([]);
    }
    const x = left.permute([...restA, ...axesA]).reshape([countOf(lead), inner]);
    const y = right.permute([...axesB, ...restB]).reshape([inner, countOf(tail)]);
    return x.mm(y).view([...lead, ...tail]);
  },
);

function countedDims(a: Tensor, b: Tensor, dims: number): readonly [readonly number[], readonly number[]] {
  if (dims < 0) throw torchError("RuntimeError", `tensordot expects dims >= 0, but got dims=${dims}`);
  if (dims > Math.min(a.shape.length, b.shape.length)) {
    throw torchError("RuntimeError", `tensordot expects dims < ndim_a or ndim_b, but got dims=${dims}`);
  }
  const range = Array.from({ length: dims }, (_, k) => k);
  return [range.map((k) => k - dims), range];
}
