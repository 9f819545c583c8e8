/** The line search of L-BFGS: a length along a direction that satisfies the strong Wolfe conditions. */

import type { Tensor } from "../tensor/tensor.ts";

/** The loss and the gradient at a length along a direction. */
export interface Evaluation {
  readonly loss: number;
  readonly gradient: Tensor;
}

/** Where the search begins: a first length, the direction, and what is known at length 0. */
export interface SearchStart extends Evaluation {
  readonly t: number;
  readonly d: Tensor;
  /** The derivative along the direction. */
  readonly slope: number;
}

/** What was found, and how often the loss was computed. */
export interface SearchResult extends Evaluation {
  readonly t: number;
  readonly calls: number;
}

/** A length with what is known there. */
interface Point extends Evaluation {
  readonly t: number;
  readonly slope: number;
}

/** Sufficient decrease, curvature, and the smallest bracket that is still searched; PyTorch's numbers. */
const c1 = 1e-4;
const c2 = 0.9;
const smallestBracket = 1e-9;

/**
 * The minimum of the cubic through two points with their slopes, kept within bounds; their middle where there is none.
 * d₁ = g₁ + g₂ - 3(f₁ - f₂)/(x₁ - x₂), d₂ = √(d₁² - g₁g₂), x = x₂ - (x₂ - x₁)·(g₂ + d₂ - d₁)/(g₂ - g₁ + 2d₂).
 */
function cubicMinimum(a: Point, b: Point, bounds?: readonly [number, number]): number {
  const [low, high] = bounds ?? (a.t <= b.t ? [a.t, b.t] : [b.t, a.t]);
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const least =
    a.t <= b.t
      ? b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
      : a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2));
  return Math.min(Math.max(least, low), high);
}

/** Searches along `start.d`; `evaluate` is called at most `most` times and once more. */
export function strongWolfe(
  evaluate: (t: number, d: Tensor) => Evaluation,
  start: SearchStart,
  most: number,
): SearchResult {
  const { d, loss: f, slope: gtd } = start;
  const origin: Point = { t: 0, loss: f, gradient: start.gradient.clone(), slope: gtd };
  const largestPart = Number(d.abs().max().item());
  let calls = 0;
  const at = (t: number): Point => {
    calls++;
    const { loss, gradient } = evaluate(t, d);
    return { t, loss, gradient, slope: Number(gradient.dot(d).item()) };
  };
  const isTooHigh = (point: Point): boolean => point.loss > f + c1 * point.t * gtd;
  const isFlat = (point: Point): boolean => Math.abs(point.slope) <= -c2 * gtd;

  let point = at(start.t);
  let previous = origin;
  let bracket: Point[] = [];
  let isDone = false;
  let iterations = 0;
  while (iterations < most) {
    if (isTooHigh(point) || (iterations > 1 && point.loss >= previous.loss)) {
      bracket = [previous, point];
      break;
    }
    if (isFlat(point)) {
      bracket = [point];
      isDone = true;
      break;
    }
    if (point.slope >= 0) {
      bracket = [previous, point];
      break;
    }
    const bounds = [point.t + 0.01 * (point.t - previous.t), point.t * 10] as const;
    const next = cubicMinimum(previous, point, bounds);
    previous = point;
    point = at(next);
    iterations++;
  }
  if (iterations === most) bracket = [origin, point];

  // The bracket has an acceptable point within; it is narrowed until one is found.
  let madeLittle = false;
  let low = bracket[0]!.loss <= bracket.at(-1)!.loss ? 0 : 1;
  while (!isDone && iterations < most) {
    const [first, second] = [bracket[0]!, bracket[1]!];
    const [left, right] = [Math.min(first.t, second.t), Math.max(first.t, second.t)];
    if (Math.abs(second.t - first.t) * largestPart < smallestBracket) break;
    let t = cubicMinimum(first, second);
    // Too near to an end twice in a row, or at it: go a tenth of the bracket away from it.
    const margin = 0.1 * (right - left);
    if (Math.min(right - t, t - left) < margin) {
      if (madeLittle || t >= right || t <= left) {
        t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
        madeLittle = false;
      } else madeLittle = true;
    } else madeLittle = false;

    const next = at(t);
    iterations++;
    const high = 1 - low;
    if (isTooHigh(next) || next.loss >= bracket[low]!.loss) {
      bracket[high] = next;
      low = bracket[0]!.loss <= bracket[1]!.loss ? 0 : 1;
    } else {
      if (isFlat(next)) isDone = true;
      else if (next.slope * (bracket[high]!.t - bracket[low]!.t) >= 0) bracket[high] = bracket[low]!;
      bracket[low] = next;
    }
  }
  const { t, loss, gradient } = bracket[low] ?? bracket[0]!;
  return { t, loss, gradient, calls };
}
