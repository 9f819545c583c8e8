/** Our side of `overhead.js`. */

import { tensor, zeros } from "../../src/ops/creation.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { filled, takeTurns } from "./turns.js";

function made(...shape: number[]): Tensor {
  return tensor(filled(shape.reduce((product, length) => product * length, 1)), { dtype: "float32" })
    .reshape(shape)
    .detach();
}

const cases: Record<string, () => unknown> = {};
for (const count of [1, 64, 4096]) {
  const [a, b] = [made(count), made(count)];
  const side = Math.round(Math.sqrt(count));
  const m = made(side, side);
  cases[`add ${count}`] = () => a.add(b);
  cases[`mul ${count}`] = () => a.mul(b);
  cases[`mm ${count}`] = () => m.mm(m);
  cases[`relu ${count}`] = () => a.relu();
  cases[`sum ${count}`] = () => a.sum();
}

const x = made(1, 10);
const target = zeros(1, 5);
const [w1, b1, w2, b2] = [made(20, 10), made(20), made(5, 20), made(5)].map((each) =>
  each.requiresGrad_(),
) as [Tensor, Tensor, Tensor, Tensor];
cases["step 10-20-5"] = () => {
  const h = b1.addmm(x, w1.t()).relu();
  const difference = b2.addmm(h, w2.t()).sub(target);
  const loss = difference.mul(difference).sum();
  for (const parameter of [w1, b1, w2, b2]) parameter.grad = null;
  loss.backward();
};
await takeTurns(cases);
