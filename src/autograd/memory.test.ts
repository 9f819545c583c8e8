import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { ones, tensor, zeros } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { noGrad } from "./grad-mode.ts";

const steps = 100_000;
const megabyte = 2 ** 20;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes on the heap and in array buffers, without garbage. */
function used(): { heap: number; external: number } {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, external: arrayBuffers };
}

function weight(rows: number, columns: number): Tensor {
  const values = Array.from({ length: rows * columns }, (_, k) => Math.sin(k + 1) / columns);
  return tensor(values, { dtype: "float32" }).view(rows, columns).requiresGrad_();
}

describe("a synchronous training loop", () => {
  test("needs no more memory at its end than at its start", { timeout: 120_000 }, () => {
    const [w1, b1, w2] = [weight(10, 20), zeros(20, { requiresGrad: true }), weight(20, 5)];
    const x = ones(1, 10);
    const parameters = [w1, b1, w2];
    let early = used();
    for (let step = 0; step < steps; step++) {
      const hidden = x.mm(w1).add(b1).relu();
      const miss = hidden.mm(w2).sub(1);
      for (const each of parameters) each.grad = null;
      miss.mul(miss).sum().backward();
      noGrad(() => {
        for (const each of parameters) each.sub_(each.grad!, { alpha: 0.01 });
      });
      if (step === steps / 10) early = used();
    }
    const late = used();
    // A leak of 100 bytes a step would be 9 megabytes.
    expect(late.heap - early.heap).toBeLessThan(6 * megabyte);
    expect(late.external - early.external).toBeLessThan(6 * megabyte);
    expect(w1.version.value).toBe(steps);
  });
});
