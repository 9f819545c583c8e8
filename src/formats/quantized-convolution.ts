/**
 * Quantized convolutions, which write a tuple instead of their attributes. The names of its items are those of their state
 * dict, so that a module that was saved whole and its state dict are listed alike.
 *
 * Source: `_ConvNd.__getstate__` in torch/ao/nn/quantized/modules/conv.py of PyTorch 2.13.
 */

import type { TensorValue, Value } from "../catalog/value.ts";
import { isKind } from "../pickle/globals.ts";

/** A tensor of the tuple, by its name, and how to put a leaf in its place. */
export interface ConvolutionSlot {
  readonly value: Value;
  readonly level: "weight" | "bias";
  readonly replace: (leaf: TensorValue) => void;
}

/** What the tuple says. */
export interface QuantizedConvolution {
  readonly training: boolean | null;
  readonly slots: readonly ConvolutionSlot[];
}

/** Places in the tuple, which begins with the numbers of channels and ends with the mode. */
const place = { paddingMode: 9, weight: 10, bias: 11, training: 14 } as const;
const length = 15;

/** A quantized convolution; undefined for anything else. */
export function quantizedConvolution(value: Value): QuantizedConvolution | undefined {
  if (!isKind(value, "object") || !isKind(value.state, "tuple")) return undefined;
  const { items } = value.state;
  if (items.length !== length || typeof items[place.paddingMode] !== "string") return undefined;
  const training = items[place.training];
  return {
    training: typeof training === "boolean" ? training : null,
    slots: (["weight", "bias"] as const).map((level) => ({
      value: items[place[level]] ?? null,
      level,
      replace: (leaf) => {
        items[place[level]] = leaf;
      },
    })),
  };
}
