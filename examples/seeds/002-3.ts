/** Document 002, program 3: parameters, buffers, and parameters chosen by their names. */

import { manualSeed, nn } from "parascope";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new nn.Sequential(new nn.Linear(10, 5), new nn.BatchNorm1d(5));

for (const [name, param] of model.namedParameters()) {
  console.log(`Parameter: ${name}, Shape: ${param.shape}`);
}

for (const [name, buffer] of model.namedBuffers()) {
  console.log(`Buffer: ${name}, Shape: ${buffer.shape}`);
}

const weightParams = [...model.namedParameters()]
  .filter(([name]) => name.includes("weight"))
  .map(([, param]) => param);
console.log("\nWeight parameters only:");
for (const param of weightParams) console.log(param.shape);
