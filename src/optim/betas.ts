/** The range of the two means' factors that Adam and its kin have. */

import { torchError } from "../errors.ts";
import { floatsOf, numberText } from "./hyper-parameter.ts";

/**
 * Refuses betas that are Python integers, as 2.13 does for Adam; plain numbers here are floats.
 *
 * Throws: PyTorch's ValueError.
 */
export function requireFloatBetas(values: Readonly<Record<string, unknown>>): void {
  const betas = values["betas"] as readonly number[];
  const floats = floatsOf(betas);
  if (betas.every((beta, index) => floats.has(index) || !Number.isInteger(beta))) return;
  throw torchError("ValueError", "betas must be either both floats or both Tensors");
}

/** Refuses betas outside of [0, 1). Throws: PyTorch's ValueError with the first that is. */
export function requireBetas(values: Readonly<Record<string, unknown>>): void {
  const betas = values["betas"] as readonly number[];
  for (const index of [0, 1]) {
    const beta = betas[index];
    if (beta !== undefined && beta >= 0 && beta < 1) continue;
    throw torchError(
      "ValueError",
      `Invalid beta parameter at index ${index}: ${numberText(beta ?? null, floatsOf(betas).has(index))}`,
    );
  }
}
