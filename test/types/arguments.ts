/**
 * What must compile and what must not: the arguments of layers. Checked by `npm run typecheck`; the file is run, too, so that
 * what compiles is seen to be right.
 */

import {
  AvgPool2d,
  Bilinear,
  Conv2d,
  Dropout,
  LSTM,
  Linear,
  MaxPool2d,
  PixelShuffle,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "../../src/nn/index.ts";
import type { PooledWithIndices } from "../../src/functional/pooling.ts";
import type { LinearOptions, Module } from "../../src/nn/index.ts";
import { zeros } from "../../src/ops/creation.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** A layer whose arguments are those of its base. */
class Scaled extends Linear {
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super(inFeatures, outFeatures, { ...options, bias: false });
  }
}

/** Arguments that are handed on. */
const handedOn: ConstructorParameters<typeof Conv2d> = [3, 16, [3, 5], { stride: 2 }];
const widths: readonly [number, number] = [3, 4];
const noOptions: LinearOptions | undefined = undefined;

/** Functions that make layers take the classes. */
const make = (Class: new (inFeatures: number, outFeatures: number) => Linear): Linear => new Class(3, 4);

/** The texts of layers, each made in all the ways that there are. */
export function sameLayers(): readonly (readonly Module[])[] {
  const bilinear = { in1Features: 1, in2Features: 2, outFeatures: 3 };
  return [
    [
      new Linear(3, 4),
      new Linear(3, { outFeatures: 4 }),
      new Linear({ inFeatures: 3, outFeatures: 4 }),
      new Linear(...widths, noOptions),
      make(Linear),
    ],
    [
      new Conv2d(3, 16, [3, 5], { stride: 2 }),
      new Conv2d(...handedOn),
      new Conv2d(3, 16, { kernelSize: [3, 5], stride: 2 }),
      new Conv2d(3, { outChannels: 16, kernelSize: [3, 5], stride: 2 }),
      new Conv2d({ inChannels: 3, outChannels: 16, kernelSize: [3, 5], stride: 2 }),
    ],
    [new Bilinear(1, 2, 3), new Bilinear(bilinear)],
    [new LSTM(10, 20, { numLayers: 2 }), new LSTM({ inputSize: 10, hiddenSize: 20, numLayers: 2 })],
    [new PixelShuffle(2), new PixelShuffle({ upscaleFactor: 2 })],
    [new AvgPool2d(2), new AvgPool2d({ kernelSize: 2 })],
    [new Dropout(0.1), new Dropout({ p: 0.1 })],
    [new Scaled(3, 4, { dtype: "float64" }), new Scaled(3, 4)],
  ];
}

/** What a layer gives is known from its options, wherever they stand. */
export function typedOutputs(): readonly Tensor[] {
  const image = zeros(1, 1, 4, 4);
  const plain: Tensor = new MaxPool2d({ kernelSize: 2 })(image);
  const pair: PooledWithIndices = new MaxPool2d({ kernelSize: 2, returnIndices: true })(image);
  const same: PooledWithIndices = new MaxPool2d(2, { returnIndices: true })(image);
  // @ts-expect-error a pair is no tensor
  const wrong: Tensor = new MaxPool2d(2, { returnIndices: true })(image);
  void wrong;
  const layer = new TransformerEncoderLayer(4, { nhead: 2, dimFeedforward: 4, batchFirst: true });
  const encoder = new TransformerEncoder(layer, { numLayers: 1 });
  const inner: TransformerEncoderLayer = encoder.layers[0]!;
  return [plain, pair[0], same[0], inner.linear1.weight];
}

/** What must not compile. Each of these throws, too. */
export const refused: readonly (() => Module)[] = [
  // @ts-expect-error the second argument is missing
  () => new Linear(3),
  // @ts-expect-error all are missing
  () => new Linear(),
  // @ts-expect-error the options lack one
  () => new Linear({ inFeatures: 3 }),
  // @ts-expect-error the options lack one
  () => new Conv2d(3, 16, { stride: 2 }),
  // @ts-expect-error given twice
  () => new Linear(3, 4, { inFeatures: 3 }),
  // @ts-expect-error given twice
  () => new Linear(3, { inFeatures: 3, outFeatures: 4 }),
  // @ts-expect-error misspelt
  () => new Linear(3, 4, { biass: true }),
  // @ts-expect-error misspelt
  () => new Linear({ inFeatures: 3, outFeature: 4 }),
  // @ts-expect-error PyTorch's spelling
  () => new Conv2d(3, 16, { kernel_size: 3 }),
  // @ts-expect-error there are no options
  () => new PixelShuffle(2, { bias: true }),
];

/** What must not compile, although PyTorch takes it, and so does plain JavaScript: what is not required has a name. */
export const untyped: readonly (() => Module)[] = [
  // @ts-expect-error the bias has a name
  () => new Linear(3, 4, false),
  // @ts-expect-error the stride has a name
  () => new Conv2d(3, 16, 3, 2),
];
