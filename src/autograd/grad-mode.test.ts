import { describe, expect, test } from "vitest";
import { enableGrad, isGradEnabled, noGrad, setGradEnabled } from "./grad-mode.ts";

describe("grad modes", () => {
  test("last as long as the function runs, also when it throws", () => {
    expect(noGrad(() => [isGradEnabled(), enableGrad(isGradEnabled), isGradEnabled()])).toEqual([
      false,
      true,
      false,
    ]);
    expect(() =>
      noGrad(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(isGradEnabled()).toBe(true);
  });

  test.each([
    ["noGrad()", () => noGrad(), false],
    ["enableGrad()", () => enableGrad(), true],
    ["setGradEnabled(false)", () => setGradEnabled(false), false],
  ] as const)("end with their block: using _ = %s", (_, open, expected) => {
    const before = isGradEnabled();
    {
      using _scope = open();
      expect(isGradEnabled()).toBe(expected);
    }
    expect(isGradEnabled()).toBe(before);
  });

  test("nest", () => {
    const outer = noGrad();
    const inner = enableGrad();
    expect(isGradEnabled()).toBe(true);
    inner.restore();
    expect(isGradEnabled()).toBe(false);
    outer.restore();
    expect(isGradEnabled()).toBe(true);
  });

  test("refuse asynchronous functions, whose later part would run outside", () => {
    expect(() => noGrad(() => Promise.resolve())).toThrow("found an asynchronous function");
  });
});
