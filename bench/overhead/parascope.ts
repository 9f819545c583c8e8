/**
 * What an op costs beside its arithmetic: single ops at 1, 64 and 4096 elements, and a 10 → 20 → 5 network forward and
 * backward, in microseconds. `node scripts/run.js bench/overhead/parascope.ts`; `pytorch.py` beside it measures the same.
 */

import { tensor, zeros } from "../../src/ops/creation.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

function filled(count: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.sin(k));
}

/** The median time of one call, in microseconds, over batches of about a millisecond. */
function microseconds(run: () => unknown): number {
  const warm = performance.now();
  let calls = 0;
  while (performance.now() - warm < 300) {
    run();
    calls++;
  }
  const batch = Math.max(1, Math.round(calls / 300));
  const times: number[] = [];
  for (let k = 0; k < 300; k++) {
    const start = performance.now();
    for (let call = 0; call < batch; call++) run();
    times.push((1000 * (performance.now() - start)) / batch);
  }
  return times.sort((a, b) => a - b)[150]!;
}

const results: Record<string, number> = {};
for (const count of [1, 64, 4096]) {
  const a = tensor(filled(count), { dtype: "float32" });
  const b = tensor(filled(count), { dtype: "float32" });
  const side = Math.round(Math.sqrt(count));
  const m = tensor(filled(count), { dtype: "float32" }).reshape(side, side);
  results[`add ${count}`] = microseconds(() => a.add(b));
  results[`mul ${count}`] = microseconds(() => a.mul(b));
  results[`mm ${count}`] = microseconds(() => m.mm(m));
  results[`relu ${count}`] = microseconds(() => a.relu());
  results[`sum ${count}`] = microseconds(() => a.sum());
}

const x = tensor(filled(10), { dtype: "float32" }).reshape(1, 10);
const target = zeros(1, 5);
const parameter = (...shape: number[]): Tensor => {
  const made = tensor(filled(shape.reduce((p, n) => p * n)), { dtype: "float32" })
    .reshape(shape)
    .detach();
  return made.requiresGrad_();
};
const [w1, b1, w2, b2] = [parameter(20, 10), parameter(20), parameter(5, 20), parameter(5)];
results["forward 10-20-5"] = microseconds(() => b2!.addmm(b1!.addmm(x, w1!.t()).relu(), w2!.t()).sub(target));
results["step 10-20-5"] = microseconds(() => {
  const h = b1!.addmm(x, w1!.t()).relu();
  const difference = b2!.addmm(h, w2!.t()).sub(target);
  const loss = difference.mul(difference).sum();
  for (const p of [w1, b1, w2, b2]) p!.grad = null;
  loss.backward();
});
for (const [name, time] of Object.entries(results))
  console.log(name.padEnd(18), time.toFixed(2).padStart(8), "µs");
