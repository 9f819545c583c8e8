/** Document 002, program 1: a list of all parameters, and how many elements they have. */

import { manualSeed, nn, type Tensor } from "parascope";

class SimpleNet extends nn.Module {
  linear1 = new nn.Linear(10, 5);
  linear2 = new nn.Linear(5, 2);

  override forward(x: Tensor): Tensor {
    x = this.linear1(x);
    x = this.linear2(x);
    return x;
  }
}

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new SimpleNet();

for (const [name, param] of model.namedParameters()) {
  console.log(
    `Parameter Name: ${name}, Shape: ${param.shape}, Type: ${param.dtype}, Requires Grad: ${param.requiresGrad}`,
  );
}

const totalParams = [...model.parameters()].reduce((sum, param) => sum + param.numel(), 0);
console.log(`\nTotal Number of Parameters: ${totalParams}`);
