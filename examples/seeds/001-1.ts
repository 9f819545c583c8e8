/**
 * Document 001, program 1: one parameter by its name, found on a walk. The name may be given as argument.
 * `model.getParameter("linear1.weight")` does it in one call, and a misspelt name does not compile.
 */

import { manualSeed, nn, type Tensor } from "parascope";

class SimpleModel extends nn.Module {
  linear1 = new nn.Linear(10, 5);
  linear2 = new nn.Linear(5, 2);

  override forward(x: Tensor): Tensor {
    x = this.linear1(x);
    x = this.linear2(x);
    return x;
  }
}

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new SimpleModel();

const targetParameterName: string = process.argv[2] ?? "linear1.weight";
let targetParameter: nn.Parameter | null = null;

for (const [name, param] of model.namedParameters()) {
  if (name === targetParameterName) {
    targetParameter = param;
    break;
  }
}

if (targetParameter !== null) {
  console.log(`Parameter '${targetParameterName}' found:\n${targetParameter}`);
  console.log(`Shape: ${targetParameter.shape}`);
} else {
  console.log(`Parameter '${targetParameterName}' not found in the model.`);
}
