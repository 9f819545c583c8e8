/** Coins: `bernoulli_`, `bernoulli`, and the masks of dropout. */

import { torchError } from "../../errors.ts";
import type { DTypeName } from "../../dtype.ts";
import { countOf } from "../../shape.ts";
import { fillInMemoryOrder, floatItems, positionsAlong, store, type Destination } from "./destination.ts";
import type { Generator } from "./generator.ts";
import { check, floatLimits, notImplemented, requireDtype, streamed } from "./refusal.ts";

/** The dtypes besides floats that coins can be written to. */
const coinDtypes: ReadonlySet<DTypeName> = new Set(["bool", "uint8", "int8", "int16", "int32", "int64"]);

/**
 * Fills a view with 1 with probability `p`, else 0, `Tensor.bernoulli_(p)`. Takes two words an element.
 *
 * Throws: `UsageError` for a probability outside [0, 1] and for dtypes without the kernel.
 */
export function fillBernoulli(generator: Generator, destination: Destination, p: number): void {
  check(p >= 0 && p <= 1, () => `bernoulli_ expects p to be in [0, 1], but got p=${streamed(p)}`);
  if (countOf(destination.shape) === 0) return;
  const { dtype } = destination;
  requireDtype("bernoulli_scalar_cpu_", dtype, coinDtypes);
  fillInMemoryOrder(destination, (items) => store(dtype, items, () => Number(generator.uniform64() < p)));
}

/**
 * Fills a view with coins whose probabilities are another view's elements, `torch.bernoulli(probabilities)`. Both have
 * the same shape; to broadcast, pass strides of 0. Takes one word an element, two for float64 probabilities.
 *
 * Throws: `UsageError` for a probability outside [0, 1] and for dtypes without the kernel.
 */
export function fillBernoulliFrom(
  generator: Generator,
  destination: Destination,
  probabilities: Destination,
): void {
  if (countOf(destination.shape) === 0) return;
  const { dtype } = destination;
  requireDtype("bernoulli_tensor_cpu_self_", dtype, coinDtypes);
  if (floatLimits(probabilities.dtype) === undefined) {
    throw notImplemented("bernoulli_tensor_cpu_p_", probabilities.dtype);
  }
  const { decode } = floatItems(probabilities.dtype);
  const isWide = probabilities.dtype.name === "float64";
  const positions = positionsAlong(destination, probabilities);
  let next = 0;
  const draw = (): number => {
    const p = decode(probabilities.items[positions[next++]!] as number);
    if (!(p >= 0 && p <= 1)) {
      throw torchError(
        "RuntimeError",
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)",
      );
    }
    return Number((isWide ? generator.uniform64() : generator.uniform32()) < p);
  };
  fillInMemoryOrder(destination, (items) => store(dtype, items, draw));
}

/**
 * Fills a float view with the factors of dropout: 0 with probability `p`, else 1 / (1 - p) rounded as PyTorch rounds
 * it. Takes two words an element; a `p` of 0 or 1 draws nothing, as PyTorch draws nothing for it.
 *
 * Throws: `UsageError` for a probability outside [0, 1] and for dtypes that are no floats.
 */
export function fillDropoutMask(generator: Generator, destination: Destination, p: number): void {
  if (!(p >= 0 && p <= 1)) {
    throw torchError("ValueError", `dropout probability has to be between 0 and 1, but got ${String(p)}`);
  }
  if (countOf(destination.shape) === 0) return;
  const { dtype } = destination;
  if (floatLimits(dtype) === undefined) throw notImplemented("bernoulli_scalar_cpu_", dtype);
  const keep = 1 - p;
  // The division by a scalar runs in float32 for float32 and the half types.
  const factor = dtype.name === "float64" ? 1 / keep : Math.fround(1 / Math.fround(keep));
  const draw = p === 0 ? () => 1 : p === 1 ? () => 0 : () => (generator.uniform64() < keep ? factor : 0);
  fillInMemoryOrder(destination, (items) => store(dtype, items, draw));
}
