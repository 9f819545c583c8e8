/** Document 002, program 1: a list of all parameters, and how many elements they have. */

import { manualSeed } from "parascope";
import { SimpleModel } from "../networks/simple-model.ts";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new SimpleModel();

for (const [name, param] of model.namedParameters()) {
  console.log(
    `Parameter Name: ${name}, Shape: ${param.shape}, Type: ${param.dtype}, Requires Grad: ${param.requiresGrad}`,
  );
}

const totalParams = [...model.parameters()].reduce((sum, param) => sum + param.numel(), 0);
console.log(`\nTotal Number of Parameters: ${totalParams}`);
