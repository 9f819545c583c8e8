/**
 * Views of all parts of a dimension: single places, runs of equal or given sizes.
 */

import type { DType } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { shapeText, toAxis, toSize } from "../shape.ts";
import type { Size } from "../shape.ts";
import { denseItems, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, viewOf } from "../tensor/tensor.ts";
import { jointOp } from "./joint-op.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";
import { sliceAlong, sliceView } from "./slicing.ts";

/** Some tensors laid side by side into zeros of `shape`, along `dim` from the `starts` on; null where one is missing. */
const assemble: Op<
  (
    parts: readonly (Tensor | null)[],
    starts: readonly number[],
    dim: number,
    shape: Size,
    dtype: DType,
  ) => Tensor
> = jointOp({
  name: "cat",
  tensors: (parts: readonly (Tensor | null)[]) => parts,
  forward(
    parts: readonly (Tensor | null)[],
    starts: readonly number[],
    dim: number,
    shape: Size,
    dtype: DType,
  ) {
    const out = newTensor(dtype, shape, parts.find((part) => part !== null)?.device);
    parts.forEach((part, k) => {
      if (part !== null) scatterItems(denseItems(part), sliceView(out, dim, starts[k]!, part.shape[dim]!, 1));
    });
    return [out];
  },
  // Each part is a slice of the whole.
  backward: ([gradient], { wanted, args: [parts, starts, dim] }) =>
    parts.map((part, k) =>
      wanted[k] === true && part !== null
        ? sliceAlong(gradient!, dim, starts[k]!, starts[k]! + part.shape[dim]!, 1)
        : null,
    ),
  result: ([whole]) => whole!,
  samples: () => [],
});

/**
 * The parts at all places of a dimension, as views that may not be written in place while gradients are recorded.
 *
 * Throws: PyTorch's errors for dimensions out of range and tensors without dimensions.
 */
export const unbind: Op<(self: Tensor, dim?: number) => Tensor[]> = jointOp({
  name: "unbind",
  isView: true,
  tensors: (self: Tensor) => [self],
  forward(self: Tensor, dim: number = 0) {
    const axis = toAxis(dim, self.shape.length);
    if (self.shape.length === 0) {
      throw torchError("IndexError", `Dimension specified as ${dim} but tensor has no dimensions`);
    }
    const shape = self.shape.slice();
    const strides = self.strides.slice();
    shape.splice(axis, 1);
    strides.splice(axis, 1);
    const size = toSize(shape);
    return Array.from({ length: self.shape[axis]! }, (_, place) =>
      viewOf(self, size, strides, self.offset + place * self.strides[axis]!),
    );
  },
  // The gradients side by side; zeros where none arrived.
  backward(gradients, { outputs, args: [self, dim = 0] }) {
    const axis = toAxis(dim, self.shape.length);
    const parts = gradients.map((gradient) => gradient?.unsqueeze(axis) ?? null);
    return [assemble(parts, [...parts.keys()], axis, self.shape, outputs[0]!.dtype)];
  },
  result: (outputs) => outputs.slice(),
  samples: () => [
    [input([2, 3])],
    [input([2, 3]), -1],
    [input([3, 2], { layout: "transposed" }), 0],
    [input([2], { smooth: false }), 4],
    [input([], { smooth: false })],
  ],
});

/** Views of runs of a dimension, of the given lengths. */
function runsOf(self: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  let start = 0;
  return lengths.map((length) => {
    const run = sliceView(self, axis, start, length, 1);
    start += length;
    return run;
  });
}

const splitInto: Op<(self: Tensor, lengths: readonly number[], dim: number, isEven: boolean) => Tensor[]> =
  jointOp({
    name: "split",
    gradName: (_self: Tensor, _lengths: readonly number[], _dim: number, isEven: boolean) =>
      isEven ? "SplitBackward0" : "SplitWithSizesBackward0",
    isView: true,
    tensors: (self: Tensor) => [self],
    forward: (self: Tensor, lengths: readonly number[], dim: number, _isEven: boolean) =>
      runsOf(self, dim, lengths),
    // The gradients side by side; zeros where none arrived.
    backward(gradients, { outputs, args: [self, lengths, dim] }) {
      let end = 0;
      const starts = lengths.map((length) => (end += length) - length);
      return [assemble(gradients, starts, dim, self.shape, outputs[0]!.dtype)];
    },
    result: (outputs) => outputs.slice(),
    samples: () => [],
  });

/** As many runs of `size` as a length gives, the last one shorter; one empty run of an empty dimension. */
function evenLengths(length: number, size: number): number[] {
  const count = size === 0 ? 1 : Math.max(Math.ceil(length / size), 1);
  return Array.from({ length: count }, (_, k) => Math.min(size, length - k * size));
}

/**
 * The tensor in runs along a dimension, as views: of one size, the last one shorter, or of the sizes in a list.
 *
 * Throws: PyTorch's RuntimeErrors for negative sizes and for lists that do not sum to the length.
 *
 * @example
 * arange(5).split(2); // [tensor([0, 1]), tensor([2, 3]), tensor([4])]
 */
export const split: Op<(self: Tensor, size: number | readonly number[], dim?: number) => Tensor[]> = composed(
  {
    name: "split",
    samples: () => [
      [input([3, 4]), 2],
      [input([3, 4]), 3, 1],
      [input([3, 4]), [1, 3], -1],
      [input([4, 2], { layout: "transposed" }), [1, 0, 3]],
      [input([0, 3]), 2],
      [input([0, 3]), 0],
      [input([3, 4], { smooth: false }), [1, 1]],
      [input([3, 4], { smooth: false }), [-1, 4]],
      [input([3, 4], { smooth: false }), 0],
      [input([3, 4], { smooth: false }), -1],
      [input([3, 4], { smooth: false }), 2, 5],
      [input([], { smooth: false }), 1],
    ],
  },
  (self: Tensor, size: number | readonly number[], dim: number = 0): Tensor[] => {
    if (self.shape.length === 0) {
      throw torchError("RuntimeError", "split expects at least a 1-dimensional tensor");
    }
    const axis = toAxis(dim, self.shape.length);
    const length = self.shape[axis]!;
    if (typeof size === "number") {
      if (size < 0) {
        throw torchError(
          "RuntimeError",
          `split expects split_size be non-negative, but got split_size=${size}`,
        );
      }
      if (size === 0 && length > 0) {
        throw torchError(
          "RuntimeError",
          `split_size can only be 0 if dimension size is 0, but got dimension size of ${length}`,
        );
      }
      return splitInto(self, evenLengths(length, size), axis, true);
    }
    if (size.some((each) => each < 0)) {
      throw torchError(
        "RuntimeError",
        `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${shapeText(size)}`,
      );
    }
    if (size.reduce((sum, each) => sum + each, 0) !== length) {
      throw torchError(
        "RuntimeError",
        `split_with_sizes expects split_sizes to sum exactly to ${length} (input tensor's size at dimension ${axis}), but got split_sizes=${shapeText(size)}`,
      );
    }
    return splitInto(self, size, axis, false);
  },
);

/**
 * The tensor in at most `chunks` runs of equal size, the last one shorter, as views.
 *
 * Throws: PyTorch's RuntimeErrors for tensors without dimensions and for less than one chunk.
 */
export const chunk: Op<(self: Tensor, chunks: number, dim?: number) => Tensor[]> = composed(
  {
    name: "chunk",
    samples: () => [
      [input([3, 4]), 2],
      [input([3, 4]), 3, -1],
      [input([3, 4]), 7],
      [input([0, 4]), 3],
      [input([3, 4], { smooth: false }), 0],
      [input([], { smooth: false }), 1],
    ],
  },
  (self: Tensor, chunks: number, dim: number = 0): Tensor[] => {
    if (self.shape.length === 0) {
      throw torchError("RuntimeError", "chunk expects at least a 1-dimensional tensor");
    }
    if (chunks <= 0) {
      throw torchError("RuntimeError", `chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
    }
    const axis = toAxis(dim, self.shape.length);
    const length = self.shape[axis]!;
    // An empty dimension still gives as many chunks as were asked for.
    if (length === 0)
      return splitInto(
        self,
        Array.from({ length: chunks }, () => 0),
        axis,
        false,
      );
    return splitInto(self, evenLengths(length, Math.ceil(length / chunks)), axis, true);
  },
);

/**
 * The tensor in parts along a dimension, as views that may be written: in `sections` parts of equal size, the first
 * ones longer by one where that does not come out even, or cut at the places of a list.
 *
 * Throws: PyTorch's errors for tensors without dimensions and for less than one section.
 */
export const tensorSplit: Op<(self: Tensor, sections: number | readonly number[], dim?: number) => Tensor[]> =
  composed(
    {
      name: "tensorSplit",
      samples: () => [
        [input([3, 4]), 2],
        [input([3, 4]), 3, 1],
        [input([3, 4]), [1, 3], 1],
        [input([3, 4], { smooth: false }), 0],
        [input([], { smooth: false }), 1],
      ],
    },
    (self: Tensor, sections: number | readonly number[], dim: number = 0): Tensor[] => {
      if (self.shape.length === 0) {
        throw torchError(
          "RuntimeError",
          "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims",
        );
      }
      const axis = toAxis(dim, self.shape.length);
      const length = self.shape[axis]!;
      if (typeof sections === "number" && sections <= 0) {
        throw torchError("RuntimeError", `number of sections must be larger than 0, got ${sections}`);
      }
      const cuts =
        typeof sections === "number"
          ? Array.from({ length: sections - 1 }, (_, k) => {
              const cut = k + 1;
              return cut * Math.floor(length / sections) + Math.min(cut, length % sections);
            })
          : sections;
      return [...cuts, length].map((end, k) => sliceAlong(self, axis, cuts[k - 1] ?? 0, end, 1));
    },
  );

function directedSplit(
  name: "hsplit" | "vsplit" | "dsplit",
  least: number,
): Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> {
  return composed(
    {
      name,
      samples: () => [
        [input([2, 2, 4]), 2],
        [input([4, 4, 4]), [1, 3]],
        [input([4]), 2],
        [input([3, 3, 3]), 2],
      ],
    },
    (self: Tensor, sections: number | readonly number[]): readonly Tensor[] => {
      const refuse = (text: string): never => {
        throw torchError("RuntimeError", text);
      };
      if (self.ndim < least) {
        refuse(
          `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${self.ndim} dimensions!`,
        );
      }
      const axis = name === "vsplit" ? 0 : name === "dsplit" ? 2 : self.ndim === 1 ? 0 : 1;
      const length = self.shape[axis]!;
      if (typeof sections === "number" && (sections === 0 || length % sections !== 0)) {
        refuse(
          `torch.${name} attempted to split along dimension ${axis}, but the size of the dimension ${length} is not divisible by the split_size ${sections}!`,
        );
      }
      return self.tensorSplit(sections as number, axis);
    },
  );
}

/** Splits columns: along dimension 1, or 0 of a vector. Throws: PyTorch's RuntimeError where they are not divisible. */
export const hsplit: Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> =
  directedSplit("hsplit", 1);
/** Splits rows: along dimension 0. Throws: as `hsplit`. */
export const vsplit: Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> =
  directedSplit("vsplit", 2);
/** Splits along dimension 2. Throws: as `hsplit`. */
export const dsplit: Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> =
  directedSplit("dsplit", 3);
