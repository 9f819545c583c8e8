import { expect, test } from "vitest";
import { ones } from "../ops/creation.ts";
import "../ops/methods.ts";
import { manualSeed } from "../tensor/random/index.ts";
import { setWarningHandler } from "../warnings.ts";
import { dropout3d } from "./dropout.ts";

test("dropout3d takes what has other than five dimensions for one sample", () => {
  // torch.manual_seed(3); F.dropout3d(torch.ones(6, 1, 1, 2)), and of torch.ones(6, 1, 2), in PyTorch 2.13
  manualSeed(3);
  const former = setWarningHandler(() => {});
  const dropped = [
    [2, 2],
    [2, 2],
    [0, 0],
    [2, 2],
    [0, 0],
    [0, 0],
  ];
  expect(
    dropout3d(ones(6, 1, 1, 2))
      .squeeze()
      .tolist(),
  ).toEqual(dropped);
  manualSeed(3);
  expect(
    dropout3d(ones(6, 1, 2))
      .squeeze()
      .tolist(),
  ).toEqual(dropped);
  setWarningHandler(former);
});
