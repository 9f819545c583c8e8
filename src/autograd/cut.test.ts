import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { batchNorm } from "../functional/normalization.ts";
import { ones } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Cut } from "./cut.ts";
import { isCutFrom } from "./cut.ts";
import { noGrad } from "./grad-mode.ts";
import { gradientNodeOf, recordOf } from "./history.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function leaf(): Tensor {
  return ones(2, { requiresGrad: true });
}

/** Whether the op that made `result` takes values cut off from `from`. */
function isCut(result: Tensor, from: Tensor): boolean {
  return isCutFrom(gradientNodeOf(result)!, recordOf(from).accumulator!.mark, 0);
}

it("tells whose history was dropped, by each way to drop it", () => {
  const ways: ((values: Tensor) => Tensor)[] = [
    (values) => values.detach(),
    (values) => values.data,
    (values) => noGrad(() => values.mul(2)),
    (values) => noGrad(() => values.view(2).detach()).exp(),
    (values) => values.gt(0).float(),
    (values) => ones(2).copy_(values.detach()),
  ];
  for (const way of ways) {
    const [a, b, c] = [leaf(), leaf(), leaf()];
    const other = b.mul(2);
    const result = c.mul(way(a.mul(2)));
    expect(isCut(result, a)).toBe(true);
    expect(isCut(result, b)).toBe(false);
    expect(isCut(result.add(other), a)).toBe(false);
  }
});

it("walks a history once, however often it is dropped", () => {
  const [a, b, c] = [leaf(), leaf(), leaf()];
  const first = a.mul(2);
  const early = first.detach();
  const late = first.mul(b).detach();
  expect((late.version.cut as Cut).leaves).toHaveLength(1);
  expect((late.version.cut as Cut).earlier).toEqual([early.version.cut]);
  expect([isCut(c.mul(late), a), isCut(c.mul(late), b)]).toEqual([true, true]);
  expect([isCut(c.mul(early), a), isCut(c.mul(early), b)]).toEqual([true, false]);
});

it("notes nothing for the running statistics of a batch norm", () => {
  const [mean, variance] = [ones(2), ones(2)];
  const a = ones(3, 2).mul(ones(2, { requiresGrad: true }));
  batchNorm(a, mean, variance, { training: true });
  expect(mean.version.value).toBe(1);
  expect([mean.version.cut, variance.version.cut]).toEqual([null, null]);
});

it("notes nothing in a pass back, of single numbers, and of leaves", () => {
  const a = leaf();
  const hidden = a.exp();
  hidden.mul(hidden).sum().backward();
  expect(gradientNodeOf(hidden)!.cut).toBeNull();
  expect(hidden.sum().detach().version.cut).toBeNull();
  expect(a.detach().version.cut).toBeNull();
});

it("keeps neither the history that was dropped nor its leaves", async () => {
  const dropped = ((): { values: Tensor; gone: WeakRef<object>[] } => {
    const a = leaf();
    const hidden = a.exp();
    return { values: hidden.detach(), gone: [new WeakRef(a), new WeakRef(gradientNodeOf(hidden)!)] };
  })();
  // What a WeakRef points to lives until the end of the job.
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  expect(dropped.values.version.cut).not.toBeNull();
  expect(dropped.gone.map((ref) => ref.deref())).toEqual([undefined, undefined]);
});
