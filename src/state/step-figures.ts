/**
 * The figures of one step: copies the parameters before it, and after it reads gradients and parameters once. Owns the
 * copies, which are as large as what is trained and are used again for every step.
 */

import type { MomentItems, MomentsKernel } from "../kernels/moments.ts";
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
    const columns = new Columns();
    const weights: (ExponentHistogram | null)[] = [];
    const gradients: (ExponentHistogram | null)[] = [];
    for (let k = 0; k < this.#parameters.length; k++) {
      const parameter = this.#parameters[k]!;
      const { grad } = parameter;
      const after = isComplete(parameter) ? numbersOf(parameter) : null;
      const gradient = grad !== null && isComplete(grad) ? numbersOf(grad) : null;
      if (gradient === null) columns.addNoGradient();
      else columns.addGradient(gradient, kernel, (hasZeros) => this.#silent(parameter, hasZeros));
      columns.addWeight(after, gradient === null ? null : this.#before[k]!, kernel);
      if (!hasHistograms) continue;
      weights.push(after === null ? null : exponentHistogram(after));
      gradients.push(gradient === null ? null : exponentHistogram(gradient));
    }
    const histograms = hasHistograms ? { weight: weights, gradient: gradients } : null;
    return { ...columns.figures(), histograms };
  }
}

/** The columns of a record while they grow. Of those with counts it is remembered whether all are 0. */
class Columns {
  readonly #norm: Column = [];
  readonly #mean: Column = [];
  readonly #largest: Column = [];
  readonly #zeros: Counts = new Counts();
  readonly #nan: Counts = new Counts();
  readonly #inf: Counts = new Counts();
  readonly #silent: Counts = new Counts();
  readonly #off: Counts = new Counts();
  readonly #weightNorm: Column = [];
  readonly #weightNan: Counts = new Counts();
  readonly #weightInf: Counts = new Counts();
  readonly #update: Column = [];

  addNoGradient(): void {
    this.#norm.push(null);
    this.#mean.push(null);
    this.#largest.push(null);
    for (const counts of [this.#zeros, this.#nan, this.#inf, this.#silent, this.#off]) counts.add(null);
  }

  /** `silentOf` finds silent outputs, if there are zeros to look for. */
  addGradient(
    items: MomentItems,
    passes: MomentsKernel,
    silentOf: (hasZeros: boolean) => { readonly outputs: number; readonly off: number } | null,
  ): void {
    const { sum, squares, largest, zeros } = passes.momentsOf(items);
    this.#norm.push(Math.sqrt(squares));
    this.#mean.push(items.length === 0 ? null : sum / items.length);
    this.#largest.push(largest);
    this.#zeros.add(zeros);
    addSpecials(items, squares, this.#nan, this.#inf);
    const silent = silentOf(zeros > 0);
    this.#silent.add(silent?.outputs ?? null);
    this.#off.add(silent?.off ?? null);
  }

  /** `before` is null where no update is known. */
  addWeight(after: MomentItems | null, before: MomentItems | null, passes: MomentsKernel): void {
    if (after === null) {
      this.#weightNorm.push(null);
      this.#weightNan.add(null);
      this.#weightInf.add(null);
      this.#update.push(null);
      return;
    }
    const isKnown = before !== null && before.length === after.length;
    const change = isKnown ? passes.changeOf(before, after) : null;
    const squares = change === null ? passes.momentsOf(after).squares : change.after;
    this.#weightNorm.push(Math.sqrt(squares));
    addSpecials(after, squares, this.#weightNan, this.#weightInf);
    this.#update.push(
      change === null ? null : updateRatio(Math.sqrt(change.update), Math.sqrt(change.before)),
    );
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

class Counts {
  readonly #counts: Column = [];
  #hasAny = false;

  add(count: number | null): void {
    this.#counts.push(count);
    if (count !== null && count > 0) this.#hasAny = true;
  }

  /** Null where all are 0. */
  get column(): Column | null {
    return this.#hasAny ? this.#counts : null;
  }
}

/** Counts NaN and infinities, where the sum of squares says that there may be some. */
function addSpecials(items: MomentItems, squares: number, nans: Counts, infs: Counts): void {
  let nan = 0;
  let inf = 0;
  if (!Number.isFinite(squares)) {
    for (const x of items) {
      if (Number.isNaN(x)) nan++;
      else if (!Number.isFinite(x)) inf++;
    }
  }
  nans.add(nan);
  infs.add(inf);
}
