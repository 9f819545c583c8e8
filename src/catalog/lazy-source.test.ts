import { describe, expect, it } from "vitest";
import { MemorySource } from "../bytes/memory-source.ts";
import type { DTypeName } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { LazySource } from "./lazy-source.ts";

const bytesOf = (items: ArrayBufferView): Uint8Array => new Uint8Array(items.buffer.slice(0));

describe("LazySource", () => {
  it.each<[string, DTypeName, readonly ("conj" | "neg")[], ArrayBufferView, ArrayBufferView]>([
    ["conjugated", "complex64", ["conj"], Float32Array.of(1, 2, -3, -4), Float32Array.of(1, -2, -3, 4)],
    ["negated", "complex128", ["neg"], Float64Array.of(1, -2), Float64Array.of(-1, 2)],
    ["both", "complex64", ["conj", "neg"], Float32Array.of(1, 2, 0, 0), Float32Array.of(-1, 2, -0, 0)],
    ["negated floats", "float32", ["neg"], Float32Array.of(1.5, -2, 0), Float32Array.of(-1.5, 2, -0)],
    ["negated halves", "bfloat16", ["neg"], Uint16Array.of(0x3f80, 0x8000), Uint16Array.of(0xbf80, 0)],
    ["negated integers", "int32", ["neg"], Int32Array.of(1, -256, 0), Int32Array.of(-1, 256, 0)],
    [
      "the smallest integer, which has no opposite",
      "int64",
      ["neg"],
      BigInt64Array.of(-(2n ** 63n), 5n),
      BigInt64Array.of(-(2n ** 63n), -5n),
    ],
    ["negated bytes", "uint8", ["neg"], Uint8Array.of(0, 1, 255), Uint8Array.of(0, 255, 1)],
    [
      "real numbers, which are their own conjugates",
      "float32",
      ["conj"],
      Float32Array.of(1),
      Float32Array.of(1),
    ],
  ])("gives elements as they are read: %s", async (_what, dtype, lazy, stored, expected) => {
    const source = new LazySource(new MemorySource(bytesOf(stored)), dtypes[dtype], lazy);
    expect(await source.read(0, source.size)).toEqual(bytesOf(expected));
  });

  it("gives any range of them, and leaves the stored bytes as they are", async () => {
    const stored = bytesOf(Float32Array.of(1, 2, 3, 4));
    const whole = bytesOf(Float32Array.of(1, -2, 3, -4));
    const source = new LazySource(new MemorySource(stored), dtypes.complex64, ["conj"]);
    for (let start = 0; start <= 16; start += 1) {
      for (let end = start; end <= 16; end += 1) {
        expect(await source.read(start, end)).toEqual(whole.subarray(start, end));
      }
    }
    expect(stored).toEqual(bytesOf(Float32Array.of(1, 2, 3, 4)));
  });
});
