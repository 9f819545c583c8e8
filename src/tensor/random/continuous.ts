/**
 * Distributions made from one float64 uniform or normal an element: exponential, geometric, Cauchy, log-normal.
 *
 * All compute in float64 and convert at the end.
 */

import type { DTypeName } from "../../dtype.ts";
import { fma64 } from "../float64.ts";
import { countOf } from "../../shape.ts";
import { fillInMemoryOrder, store, type Destination } from "./destination.ts";
import type { Generator } from "./generator.ts";
import { cppName } from "./integers.ts";
import { tan } from "./circular.ts";
import { exp, log, log1p } from "./libm.ts";
import { drawNormal } from "./normal.ts";
import { check, requireDtype, streamed } from "./refusal.ts";

const noOthers: ReadonlySet<DTypeName> = new Set();
const integerDtypes: ReadonlySet<DTypeName> = new Set(["uint8", "int8", "int16", "int32", "int64"]);

function fill(
  destination: Destination,
  kernel: string,
  others: ReadonlySet<DTypeName>,
  draw: () => number,
): void {
  if (countOf(destination.shape) === 0) return;
  requireDtype(kernel, destination.dtype, others);
  fillInMemoryOrder(destination, (items) => store(destination.dtype, items, draw));
}

/**
 * Fills a view with exponentially distributed numbers of rate `lambda`: `-ln(1 - u) / lambda`, `exponential_`.
 *
 * Throws: `UsageError` for a rate that is not positive and for dtypes that are no floats.
 */
export function fillExponential(generator: Generator, destination: Destination, lambda = 1): void {
  check(lambda > 0, () => `exponential_ expects lambda > 0.0, but found lambda=${streamed(lambda)}`);
  const { dtype, shape } = destination;
  if (countOf(shape) === 0) return;
  check(
    dtype.kind === "float",
    () =>
      `Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified ${dtype.scalarType}`,
  );
  const factor = -1 / lambda;
  fill(destination, "exponential_cpu", noOthers, () => factor * log1p(-generator.uniform64()));
}

/**
 * Fills a view with the number of trials up to the first success of probability `p`: `⌈ln u / ln(1 - p)⌉`,
 * `geometric_`.
 *
 * Throws: `UsageError` for a probability outside (0, 1) and for dtypes without the kernel.
 */
export function fillGeometric(generator: Generator, destination: Destination, p: number): void {
  check(p > 0 && p < 1, () => `geometric_ expects p to be in (0, 1), but got p=${streamed(p)}`);
  const divisor = log(1 - p);
  fill(destination, "geometric_cpu", integerDtypes, () => Math.ceil(log(generator.uniform64()) / divisor));
}

/**
 * Fills a view with Cauchy distributed numbers: `median + sigma * tan(π (u - 1/2))`, `cauchy_`.
 *
 * Throws: `UsageError` for a `sigma` that is not positive and for dtypes that are no floats.
 */
export function fillCauchy(generator: Generator, destination: Destination, median = 0, sigma = 1): void {
  check(sigma > 0, () => `cauchy_ expects sigma > 0.0, but found sigma=${streamed(sigma)}`);
  const { dtype } = destination;
  check(
    dtype.kind === "float",
    () =>
      `Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you specified ${cppName(dtype)}`,
  );
  fill(destination, "cauchy_cpu", noOthers, () =>
    fma64(sigma, tan(Math.PI * (generator.uniform64() - 0.5)), median),
  );
}

/**
 * Fills a view with numbers whose logarithm is normal, `log_normal_`; the normals come from the pairwise stream.
 *
 * Throws: `UsageError` for a `std` that is not positive and for dtypes that are no floats.
 */
export function fillLogNormal(generator: Generator, destination: Destination, mean = 1, std = 2): void {
  check(std > 0, () => `log_normal_ expects std > 0.0, but found std=${streamed(std)}`);
  fill(destination, "log_normal_cpu", noOthers, () => exp(drawNormal(generator, mean, std)));
}
