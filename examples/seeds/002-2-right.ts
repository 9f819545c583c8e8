/** What program 2 of document 002 is after: every parameter once, under its name. One walk is enough. */

import { manualSeed, nn } from "parascope";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new nn.Sequential(new nn.Linear(10, 5), new nn.ReLU(), new nn.Linear(5, 2));

for (const [name, param] of model.namedParameters()) {
  console.log(
    `Parameter Name: ${name}, Shape: ${param.shape}, Type: ${param.dtype}, Requires Grad: ${param.requiresGrad}`,
  );
}
