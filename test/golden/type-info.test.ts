/** What `type-info.py` recorded: numbers that dtypes hold, shapes that broadcast, places of triangles. */

import { describe, expect, test } from "vitest";
import { ParascopeError, broadcastShapes, finfo, iinfo, trilIndices, triuIndices } from "../../src/index.ts";
import golden from "./type-info.json" with { type: "json" };

function answer(ask: () => unknown): unknown {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ParascopeError) return { error: `${error.torchType}: ${error.message}` };
    throw error;
  }
}

describe("numbers of dtypes", () => {
  test.each(golden.floats)("finfo of $dtype", ({ dtype, answer: wanted }) => {
    const found = answer(() => {
      const { smallestNormal, ...facts } = finfo(dtype);
      return { text: String(finfo(dtype)), ...facts, smallest_normal: smallestNormal };
    });
    expect(found).toEqual(wanted);
  });

  test.each(golden.integers)("iinfo of $dtype", ({ dtype, answer: wanted }) => {
    const found = answer(() => {
      const info = iinfo(dtype);
      return { text: String(info), ...info, min: String(info.min), max: String(info.max) };
    });
    expect(found).toEqual(wanted);
  });
});

test.each(golden.shapes)("broadcastShapes of $shapes", ({ shapes, answer: wanted }) => {
  const given = shapes as (number | number[])[];
  expect(answer(() => broadcastShapes(...given).slice())).toEqual(wanted);
});

test.each(golden.triangles)("triangles: $call", ({ call, answer: wanted }) => {
  const [name, rows, columns, options] = call as [
    string,
    number,
    number,
    { offset?: number; dtype?: string },
  ];
  const make = name === "tril_indices" ? trilIndices : triuIndices;
  const found = answer(() => {
    const made = make(rows, columns, options);
    return { dtype: String(made.dtype), values: made.tolist() };
  });
  expect(found).toEqual(wanted);
});
