/**
 * The random generator: its seed, its state as PyTorch's bytes, and the draws every distribution is made of.
 *
 * Equal seeds give PyTorch's streams, bit for bit. What a distribution makes of the draws is in the files beside.
 */

import { torchError } from "../../errors.ts";
import { shared } from "../../shared.ts";
import { Mt19937, stateLength } from "./mt19937.ts";
import { coerceSeed, entropySeed, requireSeed, type Seed } from "./seed.ts";

/** The seed of a `new Generator()` that was never seeded. */
const defaultSeed = 67280421310721n;

/**
 * Bytes of a state. All numbers little-endian: u64 seed, i32 left, i32 seeded, u64 next, 624 words as u64, then the
 * normal that waits for its turn: f64 unused, f64 value, f64 unused, i32 whether there is one, padding, and PyTorch's
 * cached float32 normal, which its CPU kernels never use.
 */
const stateByteLength = 5056;
const at = {
  seed: 0,
  left: 8,
  seeded: 12,
  next: 16,
  words: 24,
  normal: 5024,
  hasNormal: 5040,
  float: 5048,
} as const;

/**
 * A stream of random numbers, `torch.Generator`.
 *
 * @example
 * const generator = new Generator().manualSeed(0);
 * generator.random(); // 2357136044
 */
export class Generator {
  readonly #engine = new Mt19937();
  #seed = defaultSeed;
  /** The second normal of a Box-Muller pair, not yet handed out; NaN is no value it can have. */
  #normal = NaN;
  /** The bytes of PyTorch's cached float32 normal, kept as they were set. */
  #float: Uint8Array = new Uint8Array(8);

  constructor() {
    this.#reseed(defaultSeed);
  }

  #reseed(seed: bigint): void {
    this.#seed = seed;
    this.#engine.seed(Number(BigInt.asUintN(32, seed)));
    this.#normal = NaN;
    this.#float = new Uint8Array(8);
  }

  /**
   * Starts the stream of `seed` and returns the generator. Only the low 32 bits of a seed matter, as in PyTorch.
   *
   * Throws: `UsageError` for what is no integer in [-2^63, 2^64).
   */
  manualSeed(seed: Seed): this {
    this.#reseed(requireSeed(seed));
    return this;
  }

  /** Seeds from the platform's entropy and returns that seed, an integer below 2^53. */
  seed(): number {
    const seed = entropySeed();
    this.#reseed(seed);
    return Number(seed);
  }

  /** The seed of the stream: a number where that is exact, else a bigint. Negative seeds come back plus 2^64. */
  initialSeed(): number | bigint {
    return this.#seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(this.#seed) : this.#seed;
  }

  /** The state as the 5056 bytes of PyTorch's `get_state()`. */
  getState(): Uint8Array {
    const bytes = new Uint8Array(stateByteLength);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(at.seed, this.#seed, true);
    view.setInt32(at.left, this.#engine.left, true);
    view.setInt32(at.seeded, 1, true);
    view.setBigUint64(at.next, BigInt(this.#engine.next), true);
    for (let j = 0; j < stateLength; j++) view.setUint32(at.words + 8 * j, this.#engine.words[j]!, true);
    if (!Number.isNaN(this.#normal)) {
      view.setFloat64(at.normal, this.#normal, true);
      view.setInt32(at.hasNormal, 1, true);
    }
    bytes.set(this.#float, at.float);
    return bytes;
  }

  /**
   * Continues the stream where `state` was taken, here or in PyTorch, and returns the generator.
   *
   * Throws: `UsageError` for bytes that are no state; the generator is unchanged then.
   */
  setState(state: Uint8Array): this {
    if (!(state instanceof Uint8Array)) throw torchError("TypeError", "RNG state must be a torch.ByteTensor");
    if (state.byteLength !== stateByteLength) {
      throw torchError(
        "RuntimeError",
        `Expected a CPUGeneratorImplState of size ${stateByteLength} but found the input RNG state size to be ${state.byteLength}`,
      );
    }
    const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
    const left = view.getInt32(at.left, true);
    const next = view.getBigUint64(at.next, true);
    const isSeeded = view.getInt32(at.seeded, true) !== 0;
    // A state whose counters disagree would read beyond its words; PyTorch checks each alone, we check both.
    const isConsistent = left === 1 ? next <= stateLength : Number(next) + left === stateLength + 1;
    if (!isSeeded || left < 1 || left > stateLength || !isConsistent) {
      throw torchError("RuntimeError", "Invalid mt19937 state");
    }
    this.#seed = view.getBigUint64(at.seed, true);
    this.#engine.left = left;
    this.#engine.next = Number(next);
    for (let j = 0; j < stateLength; j++) this.#engine.words[j] = view.getUint32(at.words + 8 * j, true);
    this.#normal = view.getInt32(at.hasNormal, true) === 0 ? NaN : view.getFloat64(at.normal, true);
    this.#float = state.slice(at.float);
    return this;
  }

  /** A generator with the same state that goes its own way from here. */
  clone(): Generator {
    return new Generator().setState(this.getState());
  }

  /** Draws one word of the engine: an integer in [0, 2^32). */
  random(): number {
    return this.#engine.draw();
  }

  /** Draws 64 bits, two words: the first is the high half. */
  random64(): bigint {
    const high = this.#engine.draw();
    return (BigInt(high) << 32n) | BigInt(this.#engine.draw());
  }

  /** Draws a float32 of [0, 1) with 24 random bits, one word. */
  uniform32(): number {
    return (this.#engine.draw() & 0xffffff) * 2 ** -24;
  }

  /** Draws a float64 of [0, 1) with 53 random bits, two words. */
  uniform64(): number {
    const high = this.#engine.draw() & 0x1fffff;
    return (high * 2 ** 32 + this.#engine.draw()) * 2 ** -53;
  }

  /** The waiting second normal of a pair, which is then gone; NaN where none waits. */
  takeNormal(): number {
    const normal = this.#normal;
    this.#normal = NaN;
    return normal;
  }

  /** Keeps the second normal of a pair for the next draw. It is part of the state. */
  keepNormal(normal: number): void {
    this.#normal = normal;
  }
}

/** The generator every random function uses unless it is given one. Seeded from entropy until `manualSeed`. */
export const defaultGenerator: Generator = shared("generator", () => {
  const generator = new Generator();
  generator.seed();
  return generator;
});

/**
 * Seeds the default generator and returns it, `torch.manual_seed`. A fraction is dropped, as Python's `int()` does.
 *
 * Throws: `UsageError` for what is no number or lies outside [-2^63, 2^64).
 *
 * @example
 * manualSeed(0);
 * rand(2); // tensor([0.4963, 0.7682])
 */
export function manualSeed(seed: Seed): Generator {
  return defaultGenerator.manualSeed(coerceSeed(seed));
}

/** Seeds the default generator from entropy and returns the seed, `torch.seed`. */
export function seed(): number {
  return defaultGenerator.seed();
}

/** The seed of the default generator, `torch.initial_seed`. */
export function initialSeed(): number | bigint {
  return defaultGenerator.initialSeed();
}
