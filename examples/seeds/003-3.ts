/** Document 003, program 3: values and gradients after a training step, and a change by hand. */

import { manualSeed, nn, noGrad, optim, randint, randn } from "parascope";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new nn.Sequential(new nn.Linear(10, 20), new nn.ReLU(), new nn.Linear(20, 5));

const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });

const inputData = randn(1, 10);
const target = randint(0, 5, [1]);
const criterion = new nn.CrossEntropyLoss();

const output = model(inputData);
const loss = criterion(output, target);
loss.backward();
optimizer.step();

for (const [name, param] of model.namedParameters()) {
  if (name.includes("0.weight")) {
    console.log(
      `Layer: ${name}, Data (first 3 values): ${param.data.at("0, :3")}, Gradient (first 3 values): ${param.grad!.at("0, :3")}`,
    );
    noGrad(() => {
      param.data.add_(0.1);
      console.log(`Modified data (first 3 values): ${param.data.at("0, :3")}`);
    });
  }
}
