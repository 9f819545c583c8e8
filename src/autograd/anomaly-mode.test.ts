import { afterEach, describe, expect, test } from "vitest";
import { ones, tensor } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { setWarningHandler } from "../warnings.ts";
import { isAnomalyEnabled, setDetectAnomaly } from "./anomaly-mode.ts";

const said: string[] = [];

function root(): Tensor {
  return tensor([-1], { dtype: "float32", requiresGrad: true }).sqrt();
}

afterEach(() => {
  said.length = 0;
  setWarningHandler(null);
});

describe("anomaly detection", () => {
  test("names the op that made a NaN, and where it was called", () => {
    setWarningHandler((message) => said.push(message));
    using _ = setDetectAnomaly(true);
    const y = root();
    expect(() => y.sum().backward()).toThrow(
      "Function 'SqrtBackward0' returned nan values in its 0th output.",
    );
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(
      "Error detected in SqrtBackward0. Traceback of forward call that caused the error:\n",
    );
    expect(said[0]).toContain("anomaly-mode.test.ts");
  });

  test("says so where the op was recorded before it was on", () => {
    setWarningHandler((message) => said.push(message));
    const y = root();
    using _ = setDetectAnomaly(true);
    expect(() => y.sum().backward()).toThrow("returned nan values");
    expect(said).toEqual([
      "Error detected in SqrtBackward0. No forward pass information available. Enable detect anomaly during forward pass for more information.",
    ]);
  });

  test("lets NaN pass where it is told to, and points to the trace where a tensor was overwritten", () => {
    setWarningHandler((message) => said.push(message));
    using _ = setDetectAnomaly(true, { checkNan: false });
    root().sum().backward();
    expect(said).toEqual([]);
    const x = ones(2, { requiresGrad: true });
    const y = x.exp();
    y.add_(1);
    expect(() => y.sum().backward()).toThrow(
      "Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!",
    );
    expect(said[0]).toContain("Error detected in ExpBackward0.");
  });

  test("ends with its scope", () => {
    const scope = setDetectAnomaly(true);
    expect(isAnomalyEnabled()).toBe(true);
    scope.restore();
    expect(isAnomalyEnabled()).toBe(false);
    expect(() => root().sum().backward()).not.toThrow();
  });
});
