/**
 * Padding: more elements at the ends of the last dimensions, constant, mirrored, repeated or from the other end.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import { shapeText, toSize } from "../shape.ts";
import { convertItems, denseItems, fillDense, scatterItems } from "../tensor/elements.ts";
import { dtypes } from "../dtype.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, viewOf } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";

/** What stands in the padding. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Options of `pad`. */
export interface PadOptions {
  /** Default `"constant"`. */
  readonly mode?: PadMode;
  /** The constant; default 0. Only for `"constant"`. */
  readonly value?: ScalarArgument;
}

/** Elements added before and after along each dimension, from PyTorch's list, which begins with the last dimension. */
function sidesOf(self: Tensor, padding: readonly number[]): { before: number[]; after: number[] } {
  const rank = self.shape.length;
  const side = (offset: 0 | 1): number[] =>
    self.shape.map((_, axis) => padding[2 * (rank - 1 - axis) + offset] ?? 0);
  return { before: side(0), after: side(1) };
}

/** Throws PyTorch's errors for a list of paddings that no tensor has. */
function checkPadding(self: Tensor, padding: readonly number[]): void {
  if (!Array.isArray(padding) || padding.some((length) => !Number.isInteger(length))) {
    const found = Array.isArray(padding) ? padding.find((length) => !Number.isInteger(length)) : padding;
    throw torchError(
      "TypeError",
      `pad(): argument 'pad' (position 2) must be tuple of ints, not ${pythonTypeName(found)}`,
    );
  }
  if (padding.length % 2 !== 0) throw torchError("RuntimeError", "Padding length must be divisible by 2");
  if (padding.length > 2 * self.shape.length) {
    throw torchError(
      "RuntimeError",
      `Padding length should be less than or equal to two times the input dimension but got padding length ${padding.length} and input of dimension ${self.shape.length}`,
    );
  }
}

/** The part of a tensor that padding leaves: negative padding cuts. */
function inside(self: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  const cut = self.shape.map((length, axis) => {
    const kept = length + Math.min(before[axis]!, 0) + Math.min(after[axis]!, 0);
    if (kept < 0) throw torchError("RuntimeError", "narrow(): length must be non-negative.");
    return kept;
  });
  const offset = before.reduce(
    (at, side, axis) => at + Math.max(-side, 0) * self.strides[axis]!,
    self.offset,
  );
  return viewOf(self, toSize(cut), self.strides, offset);
}

const padConstant: Op<(self: Tensor, padding: readonly number[], value: ScalarArgument) => Tensor> = op({
  name: "constantPadNd",
  inputs: ["self"],
  forward(self, padding: readonly number[], value: ScalarArgument) {
    const { before, after } = sidesOf(self, padding);
    const source = inside(self, before, after);
    const out = newTensor(
      self.dtype,
      toSize(self.shape.map((length, axis) => length + before[axis]! + after[axis]!)),
      self.device,
    );
    if (out.device === "meta") return out;
    fillDense(out, typeof value === "object" ? value.value : value);
    const offset = before.reduce((at, side, axis) => at + Math.max(side, 0) * out.strides[axis]!, 0);
    scatterItems(denseItems(source), viewOf(out, source.shape, out.strides, offset));
    return out;
  },
  // The gradient of what is still there; what was cut has none. That is padding by the negative.
  backward: {
    self: needsNothing((g, _, padding: readonly number[]) =>
      padConstant(
        g,
        padding.map((length) => -length),
        0,
      ),
    ),
  },
  samples: () => [],
});

/** For each element along a padded dimension the place it is copied from. */
function sources(mode: PadMode, length: number, before: number, after: number): number[] {
  return Array.from({ length: length + before + after }, (_, k) => {
    const place = k - before;
    switch (mode) {
      case "reflect":
        return place < 0 ? -place : place >= length ? 2 * (length - 1) - place : place;
      case "circular":
        return (place + length) % length;
      default:
        return Math.min(Math.max(place, 0), length - 1);
    }
  });
}

/** Copies along each padded dimension, one after the other, from the places that the mode names. */
function padCopying(self: Tensor, padding: readonly number[], mode: PadMode): Tensor {
  const { before, after } = sidesOf(self, padding);
  return self.shape.reduce((padded, length, axis) => {
    if (before[axis] === 0 && after[axis] === 0) return padded;
    return padded.indexSelect(axis, placesTensor(sources(mode, length, before[axis]!, after[axis]!)));
  }, self);
}

function placesTensor(places: readonly number[]): Tensor {
  const index = newTensor(dtypes.int64, toSize([places.length]));
  index.items.set(
    convertItems(Float64Array.from(places), dtypes.float64, dtypes.int64, places.length) as never,
  );
  return index;
}

const nodeNames: Readonly<Record<Exclude<PadMode, "constant">, string>> = {
  reflect: "ReflectionPad",
  replicate: "ReplicationPad",
  circular: "CopySlices",
};

const padMirrored: Op<(self: Tensor, padding: readonly number[], mode: PadMode) => Tensor> = op({
  name: "padMirrored",
  gradName: (padding: readonly number[], mode: Exclude<PadMode, "constant">) =>
    mode === "circular" ? nodeNames[mode] : `${nodeNames[mode]}${padding.length / 2}DBackward0`,
  inputs: ["self"],
  forward: (self, padding: readonly number[], mode: PadMode) => padCopying(self.detach(), padding, mode),
  // Every copy contributes: the gradients are added up where the copies came from.
  backward: {
    self: needsNothing((g, { shape }, padding: readonly number[], mode: PadMode) => {
      const rank = shape.length;
      // Half types are added up in float32 and rounded once.
      const wide = g.dtype.bits === 16 ? g.float() : g;
      return shape.reduce((gradient, length, axis) => {
        const before = padding[2 * (rank - 1 - axis)] ?? 0;
        const after = padding[2 * (rank - 1 - axis) + 1] ?? 0;
        if (before === 0 && after === 0) return gradient;
        const lengths = gradient.shape.slice();
        lengths[axis] = length;
        const index = placesTensor(sources(mode, length, before, after));
        return newTensor(wide.dtype, toSize(lengths), g.device).indexAdd(axis, index, gradient);
      }, wide);
    }),
  },
  samples: () => [],
});

/** PyTorch's text, with the commas and spaces of each of its functions. */
function tooSmall(axes: string, given: readonly number[], made: readonly number[], mode: PadMode): string {
  const letters = [...axes];
  const before = letters.map((letter, axis) => `${letter}: ${given[axis]}`);
  const after = letters.map((letter, axis) => `${letter}: ${made[axis]}`).join(" ");
  const end = mode === "replicate" && letters.length === 2 ? " " : "";
  const text = [...before.slice(0, -2), before.slice(-2).join(", ")].join(" ");
  return `input (${text}${end}) is too small. Calculated output ${after}`;
}

const supportedPaddings = `Supported combinations for non-constant padding:
  - 2D or 3D input: padding size = 2 (pads last dimension)
  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)
  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)`;

/** Throws PyTorch's errors for paddings that a mode cannot make. */
function checkMirrored(self: Tensor, padding: readonly number[], mode: PadMode): void {
  const rank = self.shape.length;
  const dims = padding.length / 2;
  const isSupported = (rank === dims + 1 || rank === dims + 2) && dims >= 1 && dims <= 3;
  if (!isSupported) {
    throw torchError(
      "NotImplementedError",
      `Padding size ${padding.length} is not supported for ${rank}D input tensor.\n${supportedPaddings}`,
    );
  }
  for (let k = 0; k < dims; k++) {
    const axis = rank - 1 - k;
    const length = self.shape[axis]!;
    const [before, after] = [padding[2 * k]!, padding[2 * k + 1]!];
    const padded = length + before + after;
    if (mode === "reflect" && (before >= length || after >= length)) {
      throw torchError(
        "RuntimeError",
        `Argument #${4 + 2 * k}: Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at dimension ${axis} of input ${shapeText(self.shape)}`,
      );
    }
    if (mode === "circular" && (before > length || after > length)) {
      throw torchError("RuntimeError", "Padding value causes wrapping around more than once.");
    }
    if (mode === "circular" && padded < 0) {
      throw torchError("RuntimeError", "Negative padding value is resulting in an empty dimension");
    }
    if (mode !== "circular" && padded < 0) {
      throw torchError("RuntimeError", tooSmall("DHW".at(-1 - k)!, [length], [padded], mode));
    }
  }
  const given = self.shape.slice(-dims);
  const made = given.map((length, axis) => {
    const at = 2 * (dims - 1 - axis);
    return length + padding[at]! + padding[at + 1]!;
  });
  // Some lengths may become 0, but not all.
  if (mode !== "circular" && made.every((length) => length < 1)) {
    throw torchError("RuntimeError", tooSmall("DHW".slice(-dims), given, made, mode));
  }
  const kernel = mode === "reflect" ? `reflection_pad${dims}d` : `replication_pad${dims}d`;
  if (self.dtype === dtypes.bool && mode !== "circular") {
    throw torchError("NotImplementedError", `"${kernel}" not implemented for 'Bool'`);
  }
}

/**
 * Adds elements at the ends of the last dimensions: `padding` has two lengths for each, before and after, beginning with
 * the last dimension. Negative ones cut.
 *
 * Throws: PyTorch's errors for lists of odd length, for more lengths than dimensions, and for what a mode cannot make.
 *
 * @example
 * pad(tensor([[1, 2]]), [1, 0], { value: 9 }); // tensor([[9, 1, 2]])
 */
export const pad: Op<(self: Tensor, padding: readonly number[], options?: PadOptions) => Tensor> = composed(
  {
    name: "pad",
    torch: "torch.nn.functional.pad",
    samples: () => [
      [input([2, 3]), [1, 2]],
      [input([2, 3], { layout: "transposed" }), [1, -1, 0, 1], { value: 0.5 }],
      [input([2, 3]), [-1, -2]],
      [input([2, 3]), [1, 2], { mode: "reflect" }],
      [input([1, 2, 3]), [1, 1, 1, 0], { mode: "reflect" }],
      [input([1, 2, 2, 3]), [1, 0, 0, 1, 0, 1], { mode: "reflect" }],
      [input([2, 3]), [2, 1], { mode: "replicate" }],
      [input([1, 2, 3]), [1, 2, 3, 0], { mode: "replicate" }],
      [input([2, 3]), [-1, 1], { mode: "replicate" }],
      [input([2, 3]), [2, 1], { mode: "circular" }],
      [input([1, 2, 3]), [1, 1, 1, 1], { mode: "circular" }],
      [input([2, 3]), [1]],
      [input([2, 3]), [1, 1, 1, 1, 1, 1]],
      [input([2, 3]), [-2, -2]],
      [input([2, 3]), [3, 1], { mode: "reflect" }],
      [input([1, 2, 3]), [1, 1, 2, 1], { mode: "reflect" }],
      [input([3]), [1, 1], { mode: "reflect" }],
      [input([2, 3]), [-4, 0], { mode: "replicate" }],
      [input([2, 3]), [4, 1], { mode: "circular" }],
      [input([2, 3]), [1, 1], { mode: "reflect", value: 3 }],
      [input([2, 3]), [1, 1], { mode: "x" }],
    ],
  },
  (self: Tensor, padding: readonly number[], options: PadOptions = {}): Tensor => {
    const { mode = "constant", value } = options;
    checkPadding(self, padding);
    if (mode === "constant") return padConstant(self, padding, value ?? 0);
    if (value !== undefined && Number(typeof value === "object" ? value.value : value) !== 0) {
      throw torchError("RuntimeError", `Padding mode "${mode}" doesn't take in value argument`);
    }
    if (!Object.hasOwn(nodeNames, mode)) {
      throw torchError("NotImplementedError", `Unrecognised padding mode ${String(mode)}`);
    }
    checkMirrored(self, padding, mode);
    return padMirrored(self, padding, mode);
  },
);
