import { afterEach, describe, expect, test, vi } from "vitest";
import { tensor } from "./ops/creation.ts";
import { setWarningHandler, warn } from "./warnings.ts";

afterEach(() => {
  setWarningHandler(null);
  vi.restoreAllMocks();
});

describe("warnings", () => {
  test("go to the console once for each text", () => {
    const said = vi.spyOn(console, "warn").mockImplementation(() => {});
    warn("a test of warnings");
    warn("a test of warnings");
    expect(said.mock.calls).toEqual([["UserWarning: a test of warnings"]]);
  });

  test("go to a handler every time, where one is set", () => {
    const heard: string[] = [];
    const handler = (message: string): void => {
      heard.push(message);
    };
    expect(setWarningHandler(handler)).toBeNull();
    warn("twice");
    warn("twice");
    expect(heard).toEqual(["twice", "twice"]);
    expect(setWarningHandler(null)).toBe(handler);
  });

  test("tell who reads the gradient of a computed tensor that does not keep it", () => {
    const heard: string[] = [];
    setWarningHandler((message) => heard.push(message));
    const x = tensor([1], { dtype: "float32", requiresGrad: true });
    const y = x.mul(2);
    expect([x.grad, y.grad]).toEqual([null, null]);
    y.retainGrad();
    expect(y.grad).toBeNull();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(
      /^The \.grad attribute of a Tensor that is not a leaf Tensor is being accessed\./,
    );
  });
});
