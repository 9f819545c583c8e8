/**
 * The Mersenne Twister MT19937 with 32-bit words, as PyTorch's CPU generator runs it.
 *
 * Source: Matsumoto and Nishimura, "Mersenne Twister" (ACM TOMACS 8, 1998), seeded by their `init_genrand`. This is
 * not the seeding of NumPy or Python for seeds of more than 32 bits.
 */

/** Words of the state. */
export const stateLength = 624;
const middle = 397;

/** The engine: a state of 624 words, from which words are drawn in blocks. */
export class Mt19937 {
  /** The words before tempering. */
  readonly words: Uint32Array = new Uint32Array(stateLength);
  /** Draws until the state is renewed, counted as PyTorch stores it: 1 right after seeding. */
  left = 1;
  /** Index of the word the next draw takes, if the state is not renewed first. */
  next = 0;

  /** Fills the state from the low 32 bits of a seed. */
  seed(seed: number): void {
    const { words } = this;
    words[0] = seed;
    for (let j = 1; j < stateLength; j++) {
      const previous = words[j - 1]!;
      words[j] = Math.imul(1812433253, previous ^ (previous >>> 30)) + j;
    }
    this.left = 1;
    this.next = 0;
  }

  /** Draws one word, an integer in [0, 2^32). */
  draw(): number {
    if (--this.left === 0) this.#renew();
    let y = this.words[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #renew(): void {
    const { words } = this;
    for (let j = 0; j < stateLength - middle; j++)
      words[j] = twist(words[j]!, words[j + 1]!, words[j + middle]!);
    for (let j = stateLength - middle; j < stateLength - 1; j++) {
      words[j] = twist(words[j]!, words[j + 1]!, words[j + middle - stateLength]!);
    }
    words[stateLength - 1] = twist(words[stateLength - 1]!, words[0]!, words[middle - 1]!);
    this.left = stateLength;
    this.next = 0;
  }
}

/** The recurrence: the high bit of `u` joined to the low bits of `v`, times the matrix, plus `m`. */
function twist(u: number, v: number, m: number): number {
  return m ^ (((u & 0x80000000) | (v & 0x7fffffff)) >>> 1) ^ (v & 1 ? 0x9908b0df : 0);
}
