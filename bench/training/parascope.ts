/** Our side of `training.js`. */

import { crossEntropy } from "../../src/functional/index.ts";
import * as nn from "../../src/nn/index.ts";
import { tensor } from "../../src/ops/creation.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { SGD } from "../../src/optim/index.ts";
import { installNativeBlas } from "../../src/node/native-blas.ts";
import { filled, takeTurns } from "../overhead/turns.js";

function made(...shape: number[]): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  return tensor(filled(count), { dtype: "float32" }).reshape(shape).detach();
}

function classes(batch: number): Tensor {
  return tensor(
    Array.from({ length: batch }, (_, k) => k % 10),
    { dtype: "int64" },
  );
}

function step(model: nn.Module, input: Tensor, target: Tensor): () => void {
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  return () => {
    optimizer.zeroGrad();
    crossEntropy(model(input) as Tensor, target).backward();
    optimizer.step();
  };
}

if (process.argv.includes("native")) installNativeBlas();

await takeTurns({
  "MLP 784-256-10": step(
    new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 10)),
    made(64, 784),
    classes(64),
  ),
  "Conv2d + Linear": step(
    new nn.Sequential(
      new nn.Conv2d(3, 16, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(16 * 28 * 28, 10),
    ),
    made(32, 3, 28, 28),
    classes(32),
  ),
  "mm 64": mm(64),
  "mm 256": mm(256),
});

function mm(side: number): () => unknown {
  const m = made(side, side);
  return () => m.mm(m);
}
