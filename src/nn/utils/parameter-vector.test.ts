import { describe, expect, test } from "vitest";
import { tensor, zeros } from "../../ops/creation.ts";
import { Linear } from "../linear.ts";
import { Sequential } from "../sequential.ts";
import { parametersToVector, vectorToParameters } from "./parameter-vector.ts";

describe("parameters as a vector", () => {
  test("stand in their order, and gradients flow back", () => {
    const net = new Sequential(new Linear(3, 2), new Linear(2, 1));
    const vector = parametersToVector(net.parameters());
    expect(vector.tolist()).toEqual(
      [...net.parameters()].flatMap((p) => p.detach().view(-1).tolist() as number[]),
    );
    vector.sum().backward();
    expect(net[0].weight.grad!.tolist()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  test("are set from one, into whose memory they look", () => {
    const layer = new Linear(2, 1);
    const vector = tensor([1, 2, 3], { dtype: "float32" });
    vectorToParameters(vector, layer.parameters());
    vector.mul_(10);
    expect([layer.weight.tolist(), layer.bias!.tolist()]).toEqual([[[10, 20]], [30]]);
  });

  test("cannot be set from too few elements, or from what is no tensor", () => {
    expect(() => {
      vectorToParameters(zeros(1), new Linear(2, 1).parameters());
    }).toThrow("shape '[1, 2]' is invalid for input of size 1");
    expect(() => {
      vectorToParameters([1, 2] as never, new Linear(2, 1).parameters());
    }).toThrow("expected torch.Tensor, but got: list");
  });
});
