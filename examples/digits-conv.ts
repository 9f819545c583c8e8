/**
 * Teaches a small convolutional network to read handwritten digits. It stops after some epochs, goes on from the file as
 * another program would, and shows the gradients it ends with.
 *
 *     npm run -s example digits-conv
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { data, gradients, load, manualSeed, optim, renderGradientText, save, type Tensor } from "parascope";
import { accuracy, train } from "./networks/classifier.ts";
import { DigitsCNN, loadDigits } from "./networks/digits.ts";

const epochs = 15;
const file = join(tmpdir(), "digits-conv.pt");

manualSeed(0);
const [training, testing] = data.randomSplit(await loadDigits(), [1437, 360]);
const batches = new data.DataLoader(training, { batchSize: 64, shuffle: true });
const tests = new data.DataLoader(testing, { batchSize: 360 });

/** A new network, and what it is trained with. */
function setUp() {
  const model = new DigitsCNN();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 0.2, {
    epochs,
    stepsPerEpoch: batches.length,
  });
  return { model, optimizer, scheduler };
}

/** Trains from one epoch to another. */
function run({ model, optimizer, scheduler }: ReturnType<typeof setUp>, first: number, last: number): void {
  for (let epoch = first; epoch <= last; epoch++) {
    const loss = train(model, batches, optimizer, scheduler);
    const percent = 100 * accuracy(model, tests);
    console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}, ${percent.toFixed(1)} % of the test images right`);
  }
}

const before = setUp();
console.log(String(before.model));
run(before, 1, 10);
await save(
  {
    model: before.model.stateDict(),
    optimizer: before.optimizer.stateDict(),
    scheduler: before.scheduler.stateDict(),
  },
  file,
);
console.log(`saved as ${file}; see what is in it with: npm start -- ${file}`);

const after = setUp();
const checkpoint = await load<Map<string, Map<string, Tensor>>>(file);
console.log(String(after.model.loadStateDict(checkpoint.get("model")!)));
after.optimizer.loadStateDict(checkpoint.get("optimizer")!);
after.scheduler.loadStateDict(checkpoint.get("scheduler")!);
run(after, 11, epochs);

console.log(`\n${renderGradientText(gradients(after.model)).join("\n")}`);
