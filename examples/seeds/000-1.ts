/** Document 000, program 1: reaching the parameters of layers directly. */

import { manualSeed, nn } from "parascope";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));

const model = new nn.Sequential(new nn.Linear(10, 5), new nn.ReLU(), new nn.Linear(5, 2));

const weight1 = model[0].weight;
const bias1 = model[0].bias;
const weight2 = model[2].weight;
const bias2 = model[2].bias;

console.log("Weights of the first linear layer:\n", weight1);
console.log("\nBias of the first linear layer:\n", bias1);
console.log("\nWeights of the second linear layer:\n", weight2);
console.log("\nBias of the second linear layer:\n", bias2);
