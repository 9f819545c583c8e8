/** Devices by name, on tensors and networks: what is here, and PyTorch's words for what is not. */

import { describe, expect, it } from "vitest";
import { nn, tensor, zeros } from "../index.ts";

const x = tensor([1.5, 2], { dtype: "float32" });

describe("the device of a tensor", () => {
  it("may be asked for as PyTorch's programs do", () => {
    expect(x.to("cpu") === x).toBe(true);
    expect(x.cpu() === x).toBe(true);
    expect(x.to("cpu:0") === x).toBe(true);
    expect(x.to({ device: "cpu" }) === x).toBe(true);
    expect(String(x.to("cpu", "int64"))).toBe("tensor([1, 2])");
    expect(String(x.to(zeros(1, { dtype: "float64" })))).toBe(
      "tensor([1.5000, 2.0000], dtype=torch.float64)",
    );
    expect(x.to("cpu", { copy: true }) === x).toBe(false);
    expect(String(x.to("meta", "float64"))).toBe(
      "tensor(..., device='meta', size=(2,), dtype=torch.float64)",
    );
  });

  it.each([
    ["cuda", "Torch not compiled with CUDA enabled"],
    ["cuda:0", "Torch not compiled with CUDA enabled"],
    ["mps", "PyTorch is not linked with support for mps devices"],
  ])("%s is refused everywhere", (device, message) => {
    expect(() => x.to(device)).toThrow(message);
    expect(() => new nn.Linear(1, 1).to(device)).toThrow(message);
    // @ts-expect-error there is no such device
    expect(() => zeros(2, { device })).toThrow(message);
  });

  it("is refused for data that a meta tensor does not have, and for a name that means nothing", () => {
    expect(() => x.to("meta").cpu()).toThrow("Cannot copy out of meta tensor; no data!");
    expect(() => x.to("flaot32")).toThrow("Invalid device string: 'flaot32'");
    // @ts-expect-error there is no such device
    expect(() => zeros(2, { device: "foo" })).toThrow("device type at start of device string: foo");
  });
});
