/** Memory of tensors: what is handed out once stays whose it is. */

import { describe, expect, it } from "vitest";
import { toDtype } from "../dtype.ts";
import { allocate } from "./storage.ts";

describe("memory", () => {
  it("of a size that is no number is refused, and what was handed out before stays apart", () => {
    const float32 = toDtype("float32");
    const first = allocate(float32, 4);
    (first.itemsOf(float32) as Float32Array).fill(7);
    for (const count of [NaN, -1]) expect(() => allocate(float32, count)).toThrow("internal: a tensor of");
    const later = Array.from({ length: 20_000 }, () => allocate(float32, 4));
    expect(later.every((storage) => storage.itemsOf(float32)[0] === 0)).toBe(true);
    expect([...(first.itemsOf(float32) as Float32Array)]).toEqual([7, 7, 7, 7]);
  });
});
