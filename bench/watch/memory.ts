/**
 * Whether memory stays flat while `watch` records every step: a small network, watched into a file, and what the heap and
 * the buffers take after a collection, ten times along the way.
 *
 *     node --expose-gc scripts/run.js bench/watch/memory.ts [STEPS]
 */

import { rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, nn, optim, randn, watch } from "parascope";

const steps = Number(process.argv[2] ?? 100_000);
const path = join(tmpdir(), `parascope-memory-${process.pid}.jsonl`);

manualSeed(0);
const model = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 4));
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.001 });
const lossOf = new nn.MSELoss();
const x = randn(32, 16);
const y = randn(32, 4);
const run = watch(model, optimizer, { every: 1, log: path });
for (let step = 1; step <= steps; step++) {
  optimizer.zeroGrad();
  const loss = lossOf(model(x), y);
  loss.backward();
  optimizer.step();
  run.record({ loss });
  if (step % Math.ceil(steps / 10) !== 0) continue;
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const megabytes = [heapUsed, arrayBuffers, rss].map((bytes) => (bytes / 1e6).toFixed(2));
  console.log(
    `step ${step}: heap ${megabytes[0]} MB, buffers ${megabytes[1]} MB, process ${megabytes[2]} MB`,
  );
}
run.close();
console.log(`log ${(statSync(path).size / 1e6).toFixed(1)} MB`);
rmSync(path);
