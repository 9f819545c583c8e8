/** How a network that tells classes apart is trained for an epoch, and how it is tested. */

import { nn, noGrad, type optim, type Tensor } from "parascope";

/** Inputs, and the class of each. */
export type Batches = Iterable<readonly [inputs: Tensor, classes: Tensor]>;

const lossOf = new nn.CrossEntropyLoss();

/** Trains a network for an epoch, with a scheduler that goes by steps if there is one; gives the mean of the losses. */
export function train(
  model: nn.Module,
  batches: Batches,
  optimizer: optim.Optimizer,
  scheduler?: optim.lrScheduler.LRScheduler,
): number {
  const losses: number[] = [];
  model.train();
  for (const [inputs, classes] of batches) {
    optimizer.zeroGrad();
    const loss = lossOf(model(inputs), classes);
    loss.backward();
    optimizer.step();
    scheduler?.step();
    losses.push(loss.item());
  }
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** The share of the classes that a network gets right. */
export function accuracy(model: nn.Module, batches: Batches): number {
  let right = 0;
  let total = 0;
  model.eval();
  noGrad(() => {
    for (const [inputs, classes] of batches) {
      right += model(inputs).argmax(1).eq(classes).sum().item();
      total += inputs.size(0);
    }
  });
  return right / total;
}
