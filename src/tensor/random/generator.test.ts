import { describe, expect, it } from "vitest";
import { dtypes } from "../../dtype.ts";
import { flat } from "./destination.ts";
import { defaultGenerator, Generator, initialSeed, manualSeed, seed } from "./generator.ts";
import { Mt19937 } from "./mt19937.ts";
import { fillNormal } from "./normal.ts";

const drawNormals = (generator: Generator, count: number): number[] => {
  const items = new Float32Array(count);
  fillNormal(generator, flat(dtypes.float32, items));
  return [...items];
};

describe("Mt19937", () => {
  it("gives the published 10 000th word of the default seed", () => {
    const engine = new Mt19937();
    engine.seed(5489);
    for (let k = 1; k < 10_000; k++) engine.draw();
    // The value the C++ standard requires of std::mt19937 ([rand.predef]).
    expect(engine.draw()).toBe(4123659995);
  });

  it("counts draws as PyTorch's state does", () => {
    const engine = new Mt19937();
    engine.seed(0);
    expect([engine.left, engine.next]).toEqual([1, 0]);
    engine.draw();
    expect([engine.left, engine.next]).toEqual([624, 1]);
    for (let k = 1; k < 624; k++) engine.draw();
    expect([engine.left, engine.next]).toEqual([1, 624]);
    engine.draw();
    expect([engine.left, engine.next]).toEqual([624, 1]);
  });
});

describe("Generator", () => {
  it("starts with PyTorch's default seed", () => {
    expect(new Generator().initialSeed()).toBe(67280421310721);
  });

  it.each([
    [0, 0],
    [-1, 2n ** 64n - 1n],
    [-(2n ** 63n), 2n ** 63n],
    [2n ** 63n + 5n, 2n ** 63n + 5n],
    [2 ** 53, 2n ** 53n],
    [12345n, 12345],
  ])("takes the seed %s as %s", (given, expected) => {
    expect(new Generator().manualSeed(given).initialSeed()).toBe(expected);
  });

  it("makes the same stream of seeds that share their low 32 bits", () => {
    const a = new Generator().manualSeed(7);
    const b = new Generator().manualSeed(2n ** 32n + 7n);
    expect([a.random(), a.random64()]).toEqual([b.random(), b.random64()]);
  });

  it.each([
    [1.5, "RuntimeError", "manual_seed expected a long, but got float"],
    ["1", "RuntimeError", "manual_seed expected a long, but got str"],
    [2n ** 64n, "ValueError", "Overflow when unpacking long long"],
    [-(2n ** 63n) - 1n, "ValueError", "Overflow when unpacking long long"],
  ])("refuses the seed %s", (given, torchType, message) => {
    const generator = new Generator();
    expect(() => generator.manualSeed(given as number)).toThrow(
      expect.objectContaining({ torchType, message }),
    );
  });

  it("draws 64 bits with the first word as the high half", () => {
    const a = new Generator().manualSeed(3);
    const b = a.clone();
    expect(a.random64()).toBe((BigInt(b.random()) << 32n) + BigInt(b.random()));
  });

  it("gives 53-bit uniforms from the low bits of 64", () => {
    const a = new Generator().manualSeed(4);
    const b = a.clone();
    for (let k = 0; k < 1000; k++) {
      expect(a.uniform64()).toBe(Number(b.random64() & (2n ** 53n - 1n)) * 2 ** -53);
    }
  });

  it("carries the waiting normal in its state", () => {
    const generator = new Generator().manualSeed(5);
    drawNormals(generator, 1);
    const state = generator.getState();
    const expected = drawNormals(generator, 4);
    expect(drawNormals(new Generator().setState(state), 4)).toEqual(expected);
    expect(drawNormals(generator.setState(state), 4)).toEqual(expected);
  });

  it("keeps every byte of a state it was given, PyTorch's cached float32 normal too", () => {
    const state = new Generator().getState();
    state.set([1, 2, 3, 4, 1, 0, 0, 0], 5048);
    expect(new Generator().setState(state).getState()).toEqual(state);
  });

  it("reads a state that lies anywhere in a larger buffer", () => {
    const state = new Generator().manualSeed(6).getState();
    const shifted = new Uint8Array(state.length + 3);
    shifted.set(state, 3);
    expect(new Generator().setState(shifted.subarray(3)).random()).toBe(
      new Generator().manualSeed(6).random(),
    );
  });

  it("does not follow its clone", () => {
    const generator = new Generator().manualSeed(8);
    const copy = generator.clone();
    const expected = copy.random();
    copy.random();
    expect(generator.random()).toBe(expected);
  });

  const changed = (change: (view: DataView) => void): Uint8Array => {
    const state = new Generator().getState();
    change(new DataView(state.buffer));
    return state;
  };
  it.each([
    [
      "too few bytes",
      new Uint8Array(3),
      "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 3",
    ],
    ["only zeros", new Uint8Array(5056), "Invalid mt19937 state"],
    ["no words left", changed((view) => view.setInt32(8, 0, true)), "Invalid mt19937 state"],
    [
      "more words left than there are",
      changed((view) => view.setInt32(8, 625, true)),
      "Invalid mt19937 state",
    ],
    [
      "a next word beyond the last",
      changed((view) => view.setBigUint64(16, 625n, true)),
      "Invalid mt19937 state",
    ],
    ["counters that disagree", changed((view) => view.setInt32(8, 300, true)), "Invalid mt19937 state"],
  ])("refuses a state with %s and stays as it is", (_, state, message) => {
    const generator = new Generator().manualSeed(9);
    expect(() => generator.setState(state)).toThrow(
      expect.objectContaining({ torchType: "RuntimeError", message }),
    );
    expect(generator.getState()).toEqual(new Generator().manualSeed(9).getState());
  });

  it("refuses a state that is no byte array", () => {
    expect(() => new Generator().setState(new Float32Array(5056) as unknown as Uint8Array)).toThrow(
      expect.objectContaining({ torchType: "TypeError", message: "RNG state must be a torch.ByteTensor" }),
    );
  });
});

describe("the default generator", () => {
  it.each([
    [1.5, 1],
    [-1.5, 2n ** 64n - 1n],
    [true, 1],
    ["12", 12],
    [" -1_0 ", 2n ** 64n - 10n],
  ])("is seeded with int(%s)", (given, expected) => {
    expect(manualSeed(given as number)).toBe(defaultGenerator);
    expect(initialSeed()).toBe(expected);
  });

  it.each([
    ["a", "ValueError", "invalid literal for int() with base 10: 'a'"],
    [NaN, "ValueError", "cannot convert float NaN to integer"],
    [Infinity, "OverflowError", "cannot convert float infinity to integer"],
    [1e30, "ValueError", "Overflow when unpacking long long"],
    [
      null,
      "TypeError",
      "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
    ],
  ])("refuses the seed %s", (given, torchType, message) => {
    expect(() => manualSeed(given as number)).toThrow(expect.objectContaining({ torchType, message }));
  });

  it("takes a seed of 53 bits from entropy and says which", () => {
    const chosen = seed();
    expect(Number.isSafeInteger(chosen)).toBe(true);
    expect(initialSeed()).toBe(chosen);
    const first = defaultGenerator.random();
    expect(manualSeed(chosen).random()).toBe(first);
  });
});
