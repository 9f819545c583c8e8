/**
 * Sliding blocks as columns, and columns back to an image.
 */

import type { FloatItems, WindowGeometry } from "../kernels/convolution.ts";
import { columnsToImage, imageToColumns, volume } from "../kernels/convolution.ts";
import { toSize } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { Op } from "./op.ts";
import { needsNothing, op } from "./op.ts";

/** (N, channels, height, width) → (N, channels·kernel, outputs), N may be missing. Throws: PyTorch's NotImplementedError for integers. */
export const toColumns: Op<(self: Tensor, geometry: WindowGeometry) => Tensor> = op({
  name: "im2col",
  gradName: "Im2ColBackward0",
  inputs: ["self"],
  forward(self, geometry: WindowGeometry) {
    if (self.dtype.kind !== "float") throw notImplemented("im2col_out_cpu", self.dtype);
    const lead = self.shape.slice(0, -3);
    const samples = lead[0] ?? 1;
    const channels = self.shape.at(-3)!;
    const [rows, positions] = [channels * volume(geometry.kernel), volume(geometry.output)];
    const compute = computeDtype(self.dtype);
    const out = newTensor(compute, toSize([...lead, rows, positions]), self.device);
    if (self.device !== "cpu") return converted(out, self.dtype);
    const image = denseItems(converted(self, compute)) as FloatItems;
    const size = channels * volume(geometry.input);
    for (let n = 0; n < samples; n++) {
      imageToColumns(geometry, channels, image, n * size, out.items as FloatItems, n * rows * positions);
    }
    return converted(out, self.dtype);
  },
  // Linear: the gradient is its adjoint.
  backward: { self: needsNothing((g, _, geometry: WindowGeometry) => toImage(g, geometry)) },
  samples: () => [],
});

/** (N, channels·kernel, outputs) → (N, channels, height, width): blocks are added where they overlap. */
export const toImage: Op<(self: Tensor, geometry: WindowGeometry) => Tensor> = op({
  name: "col2im",
  gradName: "Col2ImBackward0",
  inputs: ["self"],
  forward(self, geometry: WindowGeometry) {
    if (self.dtype.kind !== "float") throw notImplemented("col2im_out_cpu", self.dtype);
    const lead = self.shape.slice(0, -2);
    const samples = lead[0] ?? 1;
    const rows = self.shape.at(-2)!;
    const channels = rows / volume(geometry.kernel);
    const compute = computeDtype(self.dtype);
    const [, height, width] = geometry.input;
    const out = newTensor(compute, toSize([...lead, channels, height, width]), self.device);
    if (self.device !== "cpu") return converted(out, self.dtype);
    const columns = denseItems(converted(self, compute)) as FloatItems;
    const size = rows * volume(geometry.output);
    for (let n = 0; n < samples; n++) {
      const start = n * channels * height * width;
      columnsToImage(geometry, channels, columns, n * size, out.items as FloatItems, start);
    }
    return converted(out, self.dtype);
  },
  // Linear: the gradient is its adjoint.
  backward: { self: needsNothing((g, _, geometry: WindowGeometry) => toColumns(g, geometry)) },
  samples: () => [],
});
