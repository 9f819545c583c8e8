/** Document 000, program 2: parameters with their names, and two of them by their place. */

import { manualSeed, nn, type Tensor } from "parascope";

class MyModel extends nn.Module {
  conv1 = new nn.Conv2d(3, 16, 3);
  relu = new nn.ReLU();
  fc1 = new nn.Linear(16 * 26 * 26, 10); // for images of 28 by 28

  override forward(x: Tensor): Tensor {
    x = this.conv1(x);
    x = this.relu(x);
    x = x.view(-1, 16 * 26 * 26);
    x = this.fc1(x);
    return x;
  }
}

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new MyModel();

for (const [name, param] of model.namedParameters()) {
  console.log(`Parameter Name: ${name}, Parameter Shape: ${param.shape}`);
}

const conv1Weights = model.conv1.weight;
const fc1Bias = model.fc1.bias;

console.log("\nConvolutional layer weights:\n", conv1Weights);
console.log("\nFully connected layer bias:\n", fc1Bias);
