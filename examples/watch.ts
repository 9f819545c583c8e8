/**
 * Teaches a network which points lie within a circle, and records how it learns.
 *
 *     npm run -s example watch [LOG]
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, nn, optim, rand, watch } from "parascope";

manualSeed(0);
const model = new nn.Sequential(new nn.Linear(2, 32), new nn.Tanh(), new nn.Linear(32, 1));
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.03 });
const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, 600);
const lossOf = new nn.BCEWithLogitsLoss();

const log = process.argv[2] ?? join(tmpdir(), "circle.jsonl");
const run = watch(model, optimizer, { every: 20, log });
for (let step = 0; step < 600; step++) {
  const points = rand(128, 2).mul(2).sub(1);
  const isWithin = points.pow(2).sum(1, { keepdim: true }).lt(0.5).float();
  optimizer.zeroGrad();
  const output = model(points);
  const loss = lossOf(output, isWithin);
  loss.backward();
  optimizer.step();
  scheduler.step();
  run.record({ loss, accuracy: output.gt(0).float().eq(isWithin).float().mean() });
}
run.close();
console.log(`${run.step} steps; see them with: npx parascope watch ${log}`);
