/** Document 000, program 3: one operation on all parameters. */

import { manualSeed, nn, noGrad } from "parascope";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));

const model = new nn.Sequential(new nn.Linear(10, 5), new nn.ReLU(), new nn.Linear(5, 2));

noGrad(() => {
  for (const param of model.parameters()) param.zero_();
});

console.log("Weights after zeroing:\n", model[0].weight);
