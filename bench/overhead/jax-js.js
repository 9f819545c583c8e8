/** jax-js on WebAssembly; the step is compiled by its `jit`. Ops are lazy: reading the result makes them run. */

import { defaultDevice, init, jit, numpy as np, valueAndGrad } from "@jax-js/jax";
import { filled, takeTurns } from "./turns.js";

await init("wasm");
defaultDevice("wasm");
const made = (...shape) =>
  np.array(new Float32Array(filled(shape.reduce((product, length) => product * length, 1)))).reshape(shape);

const cases = {};
for (const count of [1, 64, 4096]) {
  const [a, b] = [made(count), made(count)];
  const side = Math.round(Math.sqrt(count));
  const m = made(side, side);
  cases[`add ${count}`] = () => a.ref.add(b.ref).dataSync();
  cases[`mul ${count}`] = () => a.ref.mul(b.ref).dataSync();
  cases[`mm ${count}`] = () => np.matmul(m.ref, m.ref).dataSync();
  cases[`relu ${count}`] = () => np.maximum(a.ref, 0).dataSync();
  cases[`sum ${count}`] = () => np.sum(a.ref).dataSync();
}

const x = made(1, 10);
const parameters = { w1: made(10, 20), b1: made(20), w2: made(20, 5), b2: made(5) };
const loss = ({ w1, b1, w2, b2 }, input) => {
  const h = np.maximum(np.matmul(input, w1).add(b1), 0);
  const y = np.matmul(h, w2).add(b2);
  return np.sum(y.ref.mul(y));
};
const step = jit(valueAndGrad(loss));
cases["step 10-20-5"] = () => {
  const given = Object.fromEntries(Object.entries(parameters).map(([name, each]) => [name, each.ref]));
  const [value, gradients] = step(given, x.ref);
  value.dispose();
  for (const name in gradients) gradients[name].dataSync();
};
await takeTurns(cases);
