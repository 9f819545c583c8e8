/** Random orders: `randperm`. */

import type { DType, ItemArray } from "../../dtype.ts";
import { UsageError } from "../../errors.ts";
import type { Generator } from "./generator.ts";
import { check, floatLimits, notImplemented } from "./refusal.ts";
import { store } from "./destination.ts";

/** From this length on 32 random bits are too few for a fair remainder, and PyTorch shuffles with 64. */
const longLength = Math.floor((2 ** 32 - 1) / 20);

/** Largest value of the integer dtypes that `randperm` makes, with their C++ names. */
const integerLimits: Partial<Record<DType["name"], readonly [max: number, cpp: string]>> = {
  uint8: [255, "uint8_t"],
  int8: [127, "int8_t"],
  int16: [32767, "int16_t"],
  int32: [2 ** 31 - 1, "int"],
  int64: [Number.MAX_SAFE_INTEGER, "int64_t"],
};

function checkLength(n: number, dtype: DType): void {
  if (!Number.isInteger(n)) {
    throw new UsageError(`randperm: the length is ${String(n)}, expected an integer`, {
      code: "not-an-integer",
      torchType: "TypeError",
    });
  }
  check(n >= 0, () => `Trying to create tensor with negative dimension ${n}: [${n}]`);
  const integer = integerLimits[dtype.name];
  const float = floatLimits(dtype);
  if (integer === undefined && float === undefined) throw notImplemented("randperm", dtype);
  if (integer !== undefined) {
    check(n - 1 <= integer[0], () => `value cannot be converted to type ${integer[1]} without overflow`);
  } else if (dtype.name !== "bfloat16") {
    const largest = 2 ** float!.digits + 1;
    check(n <= largest, () => `n cannot be greater than ${largest} for ${dtype.scalarType} type.`);
  }
}

/** The numbers 0 to n - 1, shuffled as PyTorch shuffles. */
function shuffled(generator: Generator, n: number): Uint32Array | Float64Array {
  const order = n <= 2 ** 32 ? new Uint32Array(n) : new Float64Array(n);
  if (n >= longLength) {
    // "Inside out": element i joins at a random place, whose holder moves to the end.
    for (let i = 0; i < n; i++) {
      const z = Number(generator.random64() % BigInt(i + 1));
      order[i] = order[z]!;
      order[z] = i;
    }
    return order;
  }
  for (let i = 0; i < n; i++) order[i] = i;
  for (let i = 0; i < n - 1; i++) {
    const z = i + (generator.random() % (n - i));
    const kept = order[i]!;
    order[i] = order[z]!;
    order[z] = kept;
  }
  return order;
}

/**
 * A random order of the integers 0 to n - 1 as items of `dtype`, `torch.randperm`. Takes n - 1 words.
 *
 * Throws: `UsageError` for a negative length, for more numbers than the dtype has, and for dtypes without the kernel.
 *
 * @example
 * randperm(new Generator().manualSeed(0), 4, dtypes.int64); // [0n, 1n, 3n, 2n]
 */
export function randperm(generator: Generator, n: number, dtype: DType): ItemArray {
  checkLength(n, dtype);
  const order = shuffled(generator, n);
  const items = new dtype.Items(n);
  let next = 0;
  store(dtype, items, () => order[next++]!);
  return items;
}
