/**
 * Teaches a network of two layers to read handwritten digits, saves it, and shows the gradients it ends with.
 *
 *     npm run -s example digits
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { data, gradients, manualSeed, optim, renderGradientText, save } from "parascope";
import { accuracy, train } from "./networks/classifier.ts";
import { DigitsMLP, loadDigits } from "./networks/digits.ts";

const epochs = 30;

manualSeed(0);
const [training, testing] = data.randomSplit(await loadDigits(), [1437, 360]);
const batches = new data.DataLoader(training, { batchSize: 64, shuffle: true });
const tests = new data.DataLoader(testing, { batchSize: 360 });

const model = new DigitsMLP();
console.log(String(model));

const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
for (let epoch = 1; epoch <= epochs; epoch++) {
  const loss = train(model, batches, optimizer);
  scheduler.step();
  const percent = 100 * accuracy(model, tests);
  console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}, ${percent.toFixed(1)} % of the test images right`);
}

const file = join(tmpdir(), "digits.pt");
await save({ epoch: epochs, model: model.stateDict(), optimizer: optimizer.stateDict() }, file);
console.log(`saved as ${file}; see what is in it with: npm start -- ${file}\n`);

console.log(renderGradientText(gradients(model)).join("\n"));
