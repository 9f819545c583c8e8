/** A curve in bounded memory, however long it becomes, and its picture in one line of text. */

/** A point of a curve: the mean of the finite numbers in it, null where there are none. */
export interface CurvePoint {
  /** The step of the last number in it. */
  readonly step: number;
  readonly value: number | null;
  /** Whether a number in it is NaN or infinite. */
  readonly isBroken: boolean;
}

interface Bucket {
  step: number;
  sum: number;
  count: number;
  isBroken: boolean;
  /** Numbers in it, those that are not finite included. */
  size: number;
}

/**
 * Numbers by their steps. When there are more than twice as many as wanted, two neighbours become one, and so on: every
 * point then stands for equally many numbers.
 */
export class Series {
  readonly #capacity: number;
  #buckets: Bucket[] = [];
  #size = 1;

  /** Keeps `capacity` points at least, once there are so many, and fewer than twice as many. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(step: number, value: number): void {
    const isFinite = Number.isFinite(value);
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.size < this.#size) {
      last.step = step;
      last.size++;
      if (isFinite) {
        last.sum += value;
        last.count++;
      } else last.isBroken = true;
      return;
    }
    this.#buckets.push({
      step,
      sum: isFinite ? value : 0,
      count: isFinite ? 1 : 0,
      isBroken: !isFinite,
      size: 1,
    });
    if (this.#buckets.length >= 2 * this.#capacity) this.#halve();
  }

  #halve(): void {
    const halved: Bucket[] = [];
    for (let k = 0; k < this.#buckets.length; k += 2) {
      const first = this.#buckets[k]!;
      const second = this.#buckets[k + 1];
      if (second !== undefined) {
        first.step = second.step;
        first.sum += second.sum;
        first.count += second.count;
        first.isBroken ||= second.isBroken;
        first.size += second.size;
      }
      halved.push(first);
    }
    this.#buckets = halved;
    this.#size *= 2;
  }

  /** Forgets what came after a step. */
  cut(step: number): void {
    this.#buckets = this.#buckets.filter((bucket) => bucket.step <= step);
  }

  get points(): CurvePoint[] {
    return this.#buckets.map(({ step, sum, count, isBroken }) => ({
      step,
      value: count === 0 ? null : sum / count,
      isBroken,
    }));
  }
}

const bars = "▁▂▃▄▅▆▇█";

/** Beyond this ratio of the largest to the smallest, positive curves are drawn by their logarithms. */
const logarithmicFrom = 50;

/**
 * A curve as at most `width` characters, from its lowest to its highest point; `×` stands where a number was NaN or
 * infinite. Curves that fall over decades, as losses do, are drawn by their logarithms.
 *
 * @example
 * sparkline([{ step: 1, value: 1, isBroken: false }, { step: 2, value: 2, isBroken: false }], 10); // "▁█"
 */
export function sparkline(points: readonly CurvePoint[], width: number): string {
  const columns = Math.min(points.length, width);
  const drawn = Array.from({ length: columns }, (_, k) => {
    const from = Math.floor((k * points.length) / columns);
    const part = points.slice(from, Math.floor(((k + 1) * points.length) / columns));
    const values = part.flatMap(({ value }) => (value === null ? [] : [value]));
    const mean = values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    return { value: mean, isBroken: part.some(({ isBroken }) => isBroken) };
  });
  const values = drawn.flatMap(({ value }) => (value === null ? [] : [value]));
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const scale = least > 0 && most / least > logarithmicFrom ? Math.log : (value: number): number => value;
  const height = scale(most) - scale(least);
  return drawn
    .map(({ value, isBroken }) => {
      if (isBroken || value === null) return "×";
      const share = height > 0 ? (scale(value) - scale(least)) / height : 0;
      return bars[Math.min(bars.length - 1, Math.floor(share * bars.length))]!;
    })
    .join("");
}
