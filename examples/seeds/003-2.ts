/** Document 003, program 2: the parameters of two layers, told by their names. */

import { manualSeed, nn } from "parascope";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new nn.Sequential(new nn.Linear(10, 20), new nn.ReLU(), new nn.Linear(20, 5));

for (const [name, param] of model.namedParameters()) {
  if (name.includes("0")) {
    console.log(`Layer ${name}, Shape: ${param.shape}, Requires Grad: ${param.requiresGrad}`);
  } else if (name.includes("2")) {
    console.log(`Layer ${name}, Shape: ${param.shape}, Requires Grad: ${param.requiresGrad}`);
  }
}
