/** The range of the two means' factors that Adam and its kin have. */

import { torchError } from "../errors.ts";
import { numberText } from "./hyper-parameter.ts";

/** Refuses betas outside of [0, 1). Throws: PyTorch's ValueError with the first that is. */
export function requireBetas(values: Readonly<Record<string, unknown>>): void {
  const betas = values["betas"] as readonly number[];
  for (const index of [0, 1]) {
    const beta = betas[index];
    if (beta !== undefined && beta >= 0 && beta < 1) continue;
    throw torchError(
      "ValueError",
      `Invalid beta parameter at index ${index}: ${numberText(beta ?? null, true)}`,
    );
  }
}
