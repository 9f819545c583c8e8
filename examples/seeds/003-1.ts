/** Document 003, program 1: the shape of every parameter, and whether it is trained. */

import { manualSeed, nn } from "parascope";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new nn.Sequential(new nn.Linear(10, 20), new nn.ReLU(), new nn.Linear(20, 5));

for (const param of model.parameters()) {
  console.log(`Shape: ${param.shape}, Requires Grad: ${param.requiresGrad}`);
}
