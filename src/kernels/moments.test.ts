import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { plainMoments, wasmMoments } from "./moments.ts";
import type { Change, Moments } from "./moments.ts";
import { momentsKernels, sourceHash } from "./moments.wasm.ts";
import { wasmBytes } from "./wasm-bytes.ts";

const kernel = wasmMoments();

/** Numbers of many sizes, every fifth a zero. */
function numbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, k) =>
    (k + seed) % 5 === 0 ? (k % 2 === 0 ? 0 : -0) : Math.sin(k * 1.7 + seed) * 10 ** ((k % 9) - 4),
  );
}

/** The sums that differ by more than the order of the additions. */
function differences(found: Moments | Change, wanted: Moments | Change): string[] {
  const values = new Map<string, number>(Object.entries(found));
  return Object.entries(wanted).flatMap(([name, value]: [string, number]) => {
    const one = values.get(name)!;
    const isClose = Math.abs(one - value) <= 1e-9 * Math.max(1, Math.abs(value));
    return isClose || Object.is(one, value) ? [] : [`${name} is ${one}, not ${value}`];
  });
}

describe("SIMD gives what the plain loops give", () => {
  it("is there at all", () => expect(kernel).not.toBe(plainMoments));

  it.each([0, 1, 255, 256, 257, 258, 259, 8191, 8192, 8193, 20_001])("of %i elements", (length) => {
    const before = numbers(length, 3);
    const after = numbers(length, 8);
    const moments = kernel.momentsOf(before);
    expect(differences(moments, plainMoments.momentsOf(before))).toEqual([]);
    expect(moments.zeros).toBe(before.filter((x) => x === 0).length);
    expect(differences(kernel.changeOf(before, after), plainMoments.changeOf(before, after))).toEqual([]);
  });

  it.each([NaN, Infinity, -Infinity])("with %s among them, wherever it stands", (special) => {
    for (const at of [0, 1, 2, 3, 8195, 8999]) {
      const items = numbers(9000, 1);
      items[at] = special;
      expect(differences(kernel.momentsOf(items), plainMoments.momentsOf(items))).toEqual([]);
      expect(kernel.momentsOf(items).largest).toBe(Math.abs(special));
      expect(
        differences(kernel.changeOf(numbers(9000, 2), items), plainMoments.changeOf(numbers(9000, 2), items)),
      ).toEqual([]);
    }
  });

  it("from the middle of an array, and after a block that was longer", () => {
    const items = numbers(9000, 4);
    kernel.momentsOf(items);
    const part = items.subarray(7, 507);
    expect(differences(kernel.momentsOf(part), plainMoments.momentsOf(part))).toEqual([]);
  });

  it("of float64", () => {
    const items = Float64Array.from(numbers(400, 1));
    expect(kernel.momentsOf(items)).toEqual(plainMoments.momentsOf(items));
    expect(kernel.changeOf(items, items)).toEqual(plainMoments.changeOf(items, items));
  });
});

it("is compiled from the sources; else run scripts/kernels.js", () => {
  const source = readFileSync(new URL("../../assembly/moments.ts", import.meta.url));
  expect(sourceHash).toBe(createHash("sha256").update("moments.ts\0").update(source).digest("hex"));
  expect(wasmBytes(momentsKernels).length).toBeLessThan(4096);
});
