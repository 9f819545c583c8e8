/** One step of a network with four faults, and what the reports on its gradients and on the step say about them. */

import {
  compare,
  gradients,
  manualSeed,
  nn,
  noGrad,
  optim,
  rand,
  randint,
  renderChangeText,
  renderGradientText,
  snapshot,
  type Tensor,
} from "parascope";

class Net extends nn.Module {
  stem = new nn.Linear(20, 32);
  features = new nn.Linear(32, 16);
  head = new nn.Linear(16, 3);
  side = new nn.Linear(32, 3);
  old = new nn.Linear(16, 3);

  override forward(x: Tensor): Tensor {
    const h = nn.functional.relu(this.stem(x));
    const features = nn.functional.relu(this.features(h));
    return this.head(features).add(this.side(h).detach());
  }
}

manualSeed(0);
const model = new Net();
model.head.bias!.requiresGrad_(false);
noGrad(() => model.features.bias!.at(":8").fill_(-20));

const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
const before = snapshot(model);
const loss = nn.functional.crossEntropy(model(rand(16, 20)), randint(0, 3, [16]));
loss.backward();
optimizer.step();

console.log(renderGradientText(gradients(model, { loss, before }), { width: 80 }).join("\n"));
console.log();
console.log(renderChangeText(compare(before, model), { width: 80 }).join("\n"));
