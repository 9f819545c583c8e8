import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setWarningHandler } from "../../src/warnings.ts";
import { programs, shown } from "./autograd-programs.ts";

const golden = JSON.parse(readFileSync(new URL("autograd-programs.json", import.meta.url), "utf8")) as {
  readonly programs: Readonly<Record<string, unknown>>;
};

/** PyTorch's numbers as text where JSON has none. */
function special(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** The places where two results differ; sums may be rounded differently. */
function differences(found: unknown, expected: unknown, path: string): string[] {
  if (Array.isArray(expected) && Array.isArray(found) && found.length === expected.length) {
    return expected.flatMap((each, k) => differences(found[k], each, `${path}[${k}]`));
  }
  if (typeof expected === "object" && expected !== null && typeof found === "object" && found !== null) {
    return Object.entries(expected).flatMap(([field, each]) =>
      differences((found as Record<string, unknown>)[field], each, `${path}.${field}`),
    );
  }
  if (typeof found === "number" && typeof expected === "number") {
    const isClose = Math.abs(found - expected) <= 1e-5 * Math.max(Math.abs(expected), 1e-3);
    return isClose ? [] : [`${path}: found ${found}, expected ${expected}`];
  }
  const seen = typeof found === "number" ? special(found) : found;
  return Object.is(seen, expected) ? [] : [`${path}: found ${String(seen)}, expected ${String(expected)}`];
}

describe("autograd programs", () => {
  // Computed tensors are asked for gradients they do not keep, to see that there are none.
  beforeAll(() => {
    setWarningHandler(() => {});
  });
  afterAll(() => {
    setWarningHandler(null);
  });

  test("are the same as PyTorch's", () => {
    expect(Object.keys(programs)).toEqual(Object.keys(golden.programs));
  });

  test.each(Object.keys(golden.programs))("show what PyTorch shows: %s", (title) => {
    expect(differences(shown(programs[title]!()), golden.programs[title], "result")).toEqual([]);
  });
});
