import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearestNames } from "./nearest-names.ts";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["weight", "weight", 0],
    ["wieght", "weight", 2],
    ["", "bias", 4],
    ["fc1", "fc2", 1],
    ["kitten", "sitting", 3],
  ])("from %j to %j is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is a distance: the same both ways, zero only for equals, never longer over a third", () => {
    const text = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

describe("nearestNames", () => {
  const known = ["encoder.0.weight", "encoder.0.bias", "encoder.1.weight", "head.weight"];

  it("lists at most three names, the nearest first", () => {
    expect(nearestNames("encoder.0.wieght", known)).toBe(
      'Did you mean "encoder.0.weight" or "encoder.1.weight" or "encoder.0.bias"?',
    );
  });

  it("says nothing where no name is near, and where comparing would cost too much", () => {
    expect(nearestNames("optimizer", known)).toBeUndefined();
    expect(nearestNames("x".repeat(300), ["x".repeat(300)])).toBeUndefined();
    expect(
      nearestNames(
        "name0",
        Array.from({ length: 10_001 }, (_, k) => `name${k}`),
      ),
    ).toBeUndefined();
  });

  it("shows names from files safely", () => {
    expect(nearestNames("weight", ["weight\u001b"])).toBe('Did you mean "weight\\x1b"?');
  });
});
