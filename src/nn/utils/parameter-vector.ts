/**
 * All parameters as one vector, and back.
 */

import { torchError } from "../../errors.ts";
import { cat } from "../../ops/joining.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { isTensor } from "../../tensor/tensor.ts";
import { typeName } from "../slots.ts";

/**
 * The elements of all parameters as one vector, in their order. Gradients flow back.
 *
 * @example
 * parametersToVector(new Linear(3, 2).parameters()).shape; // torch.Size([8])
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((parameter) => parameter.view(-1)));
}

/**
 * Makes slices of a vector the data of parameters: they look into the vector's memory from then on.
 *
 * Throws: PyTorch's TypeError for what is no tensor, its RuntimeErrors for a vector that is too short.
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  if (!isTensor(vector)) {
    throw torchError("TypeError", `expected torch.Tensor, but got: ${typeName(vector)}`);
  }
  let start = 0;
  for (const parameter of parameters) {
    const length = Math.min(parameter.count, Math.max(0, vector.count - start));
    parameter.data = vector.narrow(0, Math.min(start, vector.count), length).viewAs(parameter).data;
    start += parameter.count;
  }
}
