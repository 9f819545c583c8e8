/**
 * The figures of one step: copies the parameters before it, and after it reads gradients and parameters once. Owns the
 * copies, which are as large as what is trained and are used again for every step.
 */

import type { MomentItems, Moments, MomentsKernel } from "../kernels/moments.ts";
import { wasmMoments } from "../kernels/moments.ts";
import type { ExponentHistogram, WatchRecord } from "../inspect/watch-log.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { updateRatio } from "./comparison.ts";
import { exponentHistogram } from "./exponent-histogram.ts";
import type { OutputWeights } from "./silent-outputs.ts";
import { silentOutputs } from "./silent-outputs.ts";
import { isComplete, numbersOf } from "./tensor-statistics.ts";

/** What a record has for each parameter. */
export type ParameterFigures = Pick<WatchRecord, "gradient" | "weight" | "update" | "histograms">;

/** Numbers by parameter; null where there are none. */
type Column = (number | null)[];

/** Made at first use: importing the package compiles nothing. */
let kernel: MomentsKernel | undefined;

/** Reads what steps do to some parameters. */
export class StepFigures {
  readonly #parameters: readonly Tensor[];
  readonly #outputs: OutputWeights;
  /** Each parameter as it was before the step; null where it is not trained or has no elements here. */
  readonly #before: (MomentItems | null)[];

  constructor(parameters: readonly Tensor[], outputs: OutputWeights) {
    this.#parameters = parameters;
    this.#outputs = outputs;
    this.#before = parameters.map(() => null);
  }

  /** Keeps the parameters as they are before a step. */
  keep(): void {
    for (let k = 0; k < this.#parameters.length; k++) {
      const parameter = this.#parameters[k]!;
      if (!parameter.requiresGrad || !isComplete(parameter)) {
        this.#before[k] = null;
        continue;
      }
      const items = numbersOf(parameter);
      const kept = this.#before[k];
      if (kept?.length === items.length && kept.constructor === items.constructor) kept.set(items);
      else this.#before[k] = items.slice();
    }
  }

  /** The outputs of a weight that get no gradient; of one without zeros there is nothing to look for. */
  #silent(parameter: Tensor, hasZeros: boolean): { readonly outputs: number; readonly off: number } | null {
    const bias = this.#outputs.get(parameter);
    if (bias === undefined) return null;
    return hasZeros ? silentOutputs(parameter, bias, parameter.grad!) : { outputs: 0, off: 0 };
  }

  /** The figures after the step, `hasHistograms` with those of weights and gradients. */
  read(hasHistograms: boolean): ParameterFigures {
    kernel ??= wasmMoments();
    const count = this.#parameters.length;
    const columns = new Columns(count);
    const weights: (ExponentHistogram | null)[] = [];
    const gradients: (ExponentHistogram | null)[] = [];
    for (let k = 0; k < count; k++) {
      const parameter = this.#parameters[k]!;
      const { grad } = parameter;
      const after = isComplete(parameter) ? numbersOf(parameter) : null;
      const gradient = grad !== null && isComplete(grad) ? numbersOf(grad) : null;
      if (gradient !== null) {
        const moments = kernel.momentsOf(gradient);
        columns.setGradient(k, gradient, moments, this.#silent(parameter, moments.zeros > 0));
      }
      if (after !== null) columns.setWeight(k, after, gradient === null ? null : this.#before[k]!, kernel);
      if (!hasHistograms) continue;
      weights.push(after === null ? null : exponentHistogram(after));
      gradients.push(gradient === null ? null : exponentHistogram(gradient));
    }
    const histograms = hasHistograms ? { weight: weights, gradient: gradients } : null;
    return { ...columns.figures(), histograms };
  }
}

/** The columns of a record; what is not set is null. */
class Columns {
  readonly #norm: Column;
  readonly #mean: Column;
  readonly #largest: Column;
  readonly #zeros: Counts;
  readonly #nan: Counts;
  readonly #inf: Counts;
  readonly #silent: Counts;
  readonly #off: Counts;
  readonly #weightNorm: Column;
  readonly #weightNan: Counts;
  readonly #weightInf: Counts;
  readonly #update: Column;

  constructor(count: number) {
    this.#norm = emptyColumn(count);
    this.#mean = emptyColumn(count);
    this.#largest = emptyColumn(count);
    this.#zeros = new Counts(count);
    this.#nan = new Counts(count);
    this.#inf = new Counts(count);
    this.#silent = new Counts(count);
    this.#off = new Counts(count);
    this.#weightNorm = emptyColumn(count);
    this.#weightNan = new Counts(count);
    this.#weightInf = new Counts(count);
    this.#update = emptyColumn(count);
  }

  setGradient(
    at: number,
    items: MomentItems,
    { sum, squares, largest, zeros }: Moments,
    silent: { readonly outputs: number; readonly off: number } | null,
  ): void {
    this.#norm[at] = Math.sqrt(squares);
    this.#mean[at] = items.length === 0 ? null : sum / items.length;
    this.#largest[at] = largest;
    this.#zeros.set(at, zeros);
    setSpecials(at, items, squares, this.#nan, this.#inf);
    if (silent === null) return;
    this.#silent.set(at, silent.outputs);
    this.#off.set(at, silent.off);
  }

  /** `before` is null where no update is known. */
  setWeight(at: number, after: MomentItems, before: MomentItems | null, passes: MomentsKernel): void {
    const isKnown = before !== null && before.length === after.length;
    const change = isKnown ? passes.changeOf(before, after) : null;
    const squares = change === null ? passes.momentsOf(after).squares : change.after;
    this.#weightNorm[at] = Math.sqrt(squares);
    setSpecials(at, after, squares, this.#weightNan, this.#weightInf);
    if (change !== null) this.#update[at] = updateRatio(Math.sqrt(change.update), Math.sqrt(change.before));
  }

  figures(): Omit<ParameterFigures, "histograms"> {
    return {
      gradient: {
        norm: this.#norm,
        mean: this.#mean,
        largest: this.#largest,
        zeros: this.#zeros.column,
        nan: this.#nan.column,
        inf: this.#inf.column,
        silent: this.#silent.column,
        off: this.#off.column,
      },
      weight: { norm: this.#weightNorm, nan: this.#weightNan.column, inf: this.#weightInf.column },
      update: this.#update,
    };
  }
}

function emptyColumn(count: number): Column {
  const column: Column = [];
  for (let k = 0; k < count; k++) column.push(null);
  return column;
}

/** A column of counts, made when the first count above 0 is set. */
class Counts {
  readonly #zeros: number[] = [];
  readonly #count: number;
  #counts: Column | null = null;

  constructor(count: number) {
    this.#count = count;
  }

  set(at: number, count: number): void {
    if (count > 0 && this.#counts === null) {
      this.#counts = emptyColumn(this.#count);
      for (const zero of this.#zeros) this.#counts[zero] = 0;
    }
    if (this.#counts === null) this.#zeros.push(at);
    else this.#counts[at] = count;
  }

  /** Null where all are 0. */
  get column(): Column | null {
    return this.#counts;
  }
}

/** Counts NaN and infinities, where the sum of squares says that there may be some. */
function setSpecials(at: number, items: MomentItems, squares: number, nans: Counts, infs: Counts): void {
  let nan = 0;
  let inf = 0;
  if (!Number.isFinite(squares)) {
    for (const x of items) {
      if (Number.isNaN(x)) nan++;
      else if (!Number.isFinite(x)) inf++;
    }
  }
  nans.set(at, nan);
  infs.set(at, inf);
}
