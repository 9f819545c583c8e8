import { expect, it } from "vitest";
import type { Value } from "../catalog/value.ts";
import { pyFloat } from "../catalog/value.ts";
import { levelOf } from "./level.ts";

const tuple = (...items: Value[]): Value => ({ kind: "tuple", items });
let nested: Value = 1;
for (let depth = 0; depth < 100_000; depth += 1) nested = tuple(nested);

it.each<[Value, string | number]>([
  ["a/b", "a/b"],
  ["", ""],
  ["0", "0"],
  [0, 0],
  [-3, -3],
  [10n ** 20n, "100000000000000000000"],
  [true, "True"],
  [null, "None"],
  [pyFloat(1), "1.0"],
  [pyFloat(1e16), "1e+16"],
  [tuple(1, "a"), "(1, 'a')"],
  [tuple(1), "(1,)"],
  [{ kind: "bytes", bytes: Uint8Array.of(120, 255), mutable: false }, "b'x\\xff'"],
  [{ kind: "complex", re: 0, im: 1 }, "1j"],
  [{ kind: "global", module: "torch", name: "float32" }, '<class "torch.float32">'],
  [nested, "<key 7>"],
  [tuple(...Array.from({ length: 100 }, () => 1)), "<key 7>"],
  [{ kind: "set", frozen: true, items: [] }, "<key 7>"],
])("%# is the level that Python's repr suggests", (key, level) => {
  expect(levelOf(key, 7)).toBe(level);
});
