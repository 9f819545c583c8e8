/** Seeded choices: the same seed and number give the same input, on every machine. */

/** A stream of random numbers. Source: Sebastiano Vigna, splitmix64, with 32 bits of state kept. */
export class Chance {
  #state: number;

  /** `index` numbers the input within the run. */
  constructor(seed: number, index: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  }

  /** A whole number from 0 up to but not including `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    mixed ^= mixed >>> 15;
    return Math.floor(((mixed >>> 0) / 2 ** 32) * bound);
  }

  /** One of the items. Throws where there are none. */
  of<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error("a choice among nothing");
    return items[this.below(items.length)]!;
  }

  /** Whether something happens that happens once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }
}
