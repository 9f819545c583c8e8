import { expect, test } from "vitest";
import { pyFloat } from "../catalog/value.ts";
import { tensor } from "../ops/creation.ts";
import "../ops/methods.ts";
import { deepCopy } from "./deep-copy.ts";
import { Dropout } from "./dropout.ts";
import { LPPool1d } from "./pooling.ts";
import { ELU, Hardtanh } from "./tunable-activation.ts";

test("a whole number prints as the int it is, pyFloat and defaults as floats", () => {
  expect(String(new Dropout(1))).toBe("Dropout(p=1, inplace=False)");
  expect(String(new Dropout(pyFloat(1)))).toBe("Dropout(p=1.0, inplace=False)");
  expect(String(new ELU())).toBe("ELU(alpha=1.0)");
  expect(String(new Hardtanh({ minVal: -2 }))).toBe("Hardtanh(min_val=-2, max_val=1.0)");
});

test("the field is a plain number to compute with", () => {
  const layer = new ELU({ alpha: pyFloat(2) });
  expect(layer.alpha).toBe(2);
  expect(
    layer(tensor([-1, 0.5]))
      .at(0)
      .item(),
  ).toBeCloseTo(2 * Math.expm1(-1), 6);
  const pool = new LPPool1d(pyFloat(2), 2);
  expect(pool(tensor([[3, 4]], { dtype: "float32" })).item()).toBe(5);
});

test("a deep copy remembers which numbers are floats, and a number assigned later stays one", () => {
  const copy = deepCopy(new ELU({ alpha: pyFloat(3) }));
  copy.alpha = 4;
  expect(String(copy)).toBe("ELU(alpha=4.0)");
});

test("messages show the kind of number that was given", () => {
  expect(() => new Dropout(2)).toThrow("dropout probability has to be between 0 and 1, but got 2");
  expect(() => new Dropout(pyFloat(2))).toThrow("between 0 and 1, but got 2.0");
  expect(() => new Hardtanh({ minVal: 3, maxVal: pyFloat(2) })).toThrow(
    "max_val (2.0) must be greater than min_val (3)",
  );
});
