/**
 * Methods that change how a tensor looks at its elements and touch none of them: `unsqueeze_`, `squeeze_`, `t_`, `transpose_`.
 */

import { gradMode } from "../autograd/grad-mode.ts";
import { checkInPlace, replaceView, requiresGrad } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { viewOf } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { transpose } from "./permuting.ts";
import { squeeze, unsqueeze } from "./reshaping.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** Another look at a tensor, and the gradient looked at in the old way again. */
interface Relook {
  /** PyTorch numbers the nodes of in-place views after those of the plain ones. */
  readonly nodeName: string;
  readonly look: (self: Tensor) => Tensor;
  readonly back: (g: Tensor, shape: Size) => Tensor;
}

const relooked: Op<(self: Tensor, how: Relook) => Tensor> = op({
  name: "view",
  gradName: ({ nodeName }: Relook) => nodeName,
  inputs: ["self"],
  isView: true,
  forward(self, { look }: Relook) {
    const { shape, strides, offset } = look(self.detach());
    return viewOf(self, shape, strides, offset);
  },
  // The same elements in the old places.
  backward: { self: needsNothing((g, { shape }, { back }: Relook) => back(g, shape)) },
  samples: () => [],
});

/** Has a tensor look at its elements in another way from now on. Counts as a write, as in PyTorch. */
function relook(self: Tensor, how: Relook): Tensor {
  checkInPlace(self, gradMode.recording && requiresGrad(self));
  const { shape, strides, offset, node } = relooked(self, how);
  Object.assign(self, { shape, strides, offset });
  replaceView(self, node);
  return self;
}

/**
 * Gives the tensor itself a dimension of length 1.
 *
 * Throws: as `unsqueeze`, and PyTorch's RuntimeErrors for leaves that collect gradients.
 */
export const unsqueeze_: Op<(self: Tensor, dim: number) => Tensor> = composed(
  {
    name: "unsqueeze_",
    isDifferentiable: false,
    samples: () => [
      [input([2, 3]), 0],
      [input([2, 3]), -1],
      [input([]), 0],
      [input([2]), 3],
    ],
  },
  (self: Tensor, dim: number): Tensor =>
    relook(self, {
      nodeName: "UnsqueezeBackward1",
      look: (each) => unsqueeze(each, dim),
      back: (g, shape) => g.reshape(shape),
    }),
);

/** The nodes of `squeeze_`: of all dimensions, of one, of several. */
function squeezeNode(dim: number | readonly number[] | undefined): string {
  if (dim === undefined) return "SqueezeBackward3";
  return typeof dim === "number" ? "SqueezeBackward4" : "SqueezeBackward5";
}

/** Takes dimensions of length 1 from the tensor itself: all, or those that are named. Throws: as `unsqueeze_`. */
export const squeeze_: Op<(self: Tensor, dim?: number | readonly number[]) => Tensor> = composed(
  {
    name: "squeeze_",
    isDifferentiable: false,
    samples: () => [
      [input([1, 2, 1])],
      [input([1, 2, 1]), 0],
      [input([1, 2, 1]), 1],
      [input([1, 2, 1]), [0, -1]],
      [input([]), -1],
      [input([1, 2, 1]), 3],
    ],
  },
  (self: Tensor, dim?: number | readonly number[]): Tensor =>
    relook(self, {
      nodeName: squeezeNode(dim),
      look: (each) => squeeze(each, dim),
      back: (g, shape) => g.reshape(shape),
    }),
);

/** Transposes the matrix itself. Throws: as `t` and `unsqueeze_`. */
export const t_: Op<(self: Tensor) => Tensor> = composed(
  {
    name: "t_",
    isDifferentiable: false,
    samples: () => [
      [input([2, 3])],
      [input([3, 2], { layout: "transposed" })],
      [input([3])],
      [input([1, 2, 3])],
    ],
  },
  (self: Tensor): Tensor => {
    const rank = self.shape.length;
    if (rank > 2) {
      throw torchError("RuntimeError", `t_() expects a tensor with <= 2 dimensions, but self is ${rank}D`);
    }
    const exchange = (each: Tensor): Tensor => (rank < 2 ? each : transpose(each, 0, 1));
    return relook(self, { nodeName: "TBackward1", look: exchange, back: exchange });
  },
);

function exchanging(name: string): Op<(self: Tensor, dim0: number, dim1: number) => Tensor> {
  return composed(
    {
      name,
      isDifferentiable: false,
      samples: (): readonly Sample[] => [
        [input([2, 3]), 0, 1],
        [input([2, 3, 4]), -1, 0],
        [input([]), 0, -1],
        [input([2, 3]), 0, 2],
      ],
    },
    (self: Tensor, dim0: number, dim1: number): Tensor => {
      const exchange = (each: Tensor): Tensor => transpose(each, dim0, dim1);
      return relook(self, { nodeName: "TransposeBackward1", look: exchange, back: exchange });
    },
  );
}

/** Exchanges two dimensions of the tensor itself. Throws: as `transpose` and `unsqueeze_`. */
export const transpose_: Op<(self: Tensor, dim0: number, dim1: number) => Tensor> = exchanging("transpose_");
/** `transpose_` by its name in NumPy. */
export const swapaxes_: Op<(self: Tensor, dim0: number, dim1: number) => Tensor> = exchanging("swapaxes_");
/** `transpose_` by another name. */
export const swapdims_: Op<(self: Tensor, dim0: number, dim1: number) => Tensor> = exchanging("swapdims_");
