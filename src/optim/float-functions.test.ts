import { describe, expect, it } from "vitest";
import { cosine } from "./float-cosine.ts";
import { power } from "./float-power.ts";

// The numbers are what Python's math.cos and ** give where PyTorch was run for the goldens.
describe("cosine", () => {
  it.each([
    [2.199114857512855, -0.587785252292473],
    [3.455751918948772, -0.9510565162951538],
    [2.4085543677521746, -0.743144825477394],
    [4.039190554615448, -0.6234898018587337],
    [0.0, 1.0],
    [Math.PI, -1],
    [12.5, 0.9977982791785807],
    [-3.25, -0.9941296760805463],
  ])("of %d is that of the C library", (angle, expected) => {
    expect(cosine(angle)).toBe(expected);
  });

  it("of what is no angle is NaN, and of far angles JavaScript's", () => {
    expect([cosine(Infinity), cosine(Number.NaN), cosine(1e9)]).toEqual([
      Number.NaN,
      Number.NaN,
      Math.cos(1e9),
    ]);
  });
});

describe("power", () => {
  it.each([
    [0.1, 2, 0.010000000000000002],
    [0.999, 7, 0.993020965034979],
    [0.9, 13, 0.2541865828329001],
    [0.95, 21, 0.3405616262881148],
    [0.999, 1000, 0.36769542477096373],
    [0.5, 0, 1.0],
  ])("%d to the %d is that of the C library", (base, exponent, expected) => {
    expect(power(base, exponent)).toBe(expected);
  });

  it("beyond what can be multiplied is JavaScript's", () => {
    expect([power(2, -2), power(2, 0.5), power(0.5, 1074), power(10, 400), power(0, 3)]).toEqual([
      0.25,
      Math.SQRT2,
      2 ** -1074,
      Infinity,
      0,
    ]);
  });
});
