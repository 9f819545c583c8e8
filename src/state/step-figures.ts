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
import type { FigureName } from "./figure-sheet.ts";
import { FigureSheet } from "./figure-sheet.ts";
import type { OutputWeights } from "./silent-outputs.ts";
import { silentOutputs } from "./silent-outputs.ts";
import { isComplete, numbersOf } from "./tensor-statistics.ts";

/** What a step left in each parameter. */
export interface ParameterFigures {
  readonly sheet: FigureSheet;
  readonly histograms: WatchRecord["histograms"];
}

/** Made at first use: importing the package compiles nothing. */
let kernel: MomentsKernel | undefined;

const noneSilent = { outputs: 0, off: 0 };
const gradientSpecials = ["nan", "inf"] as const;
const weightSpecials = ["weightNan", "weightInf"] as const;

/** Reads what steps do to some parameters. */
export class StepFigures {
  readonly #parameters: readonly Tensor[];
  readonly #outputs: OutputWeights;
  /** Each parameter as it was before the step; null where it is not trained or has no elements here. */
  readonly #before: (MomentItems | null)[];
  readonly #passes: MomentsKernel;

  constructor(parameters: readonly Tensor[], outputs: OutputWeights) {
    this.#parameters = parameters;
    this.#outputs = outputs;
    this.#before = parameters.map(() => null);
    kernel ??= wasmMoments();
    this.#passes = kernel;
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

  /** The figures after the step, `hasHistograms` with those of weights and gradients. */
  read(hasHistograms: boolean): ParameterFigures {
    const sheet = new FigureSheet(this.#parameters.length);
    const weights: (ExponentHistogram | null)[] = [];
    const gradients: (ExponentHistogram | null)[] = [];
    for (let k = 0; k < this.#parameters.length; k++) {
      const parameter = this.#parameters[k]!;
      const { grad } = parameter;
      const after = isComplete(parameter) ? numbersOf(parameter) : null;
      const gradient = grad !== null && isComplete(grad) ? numbersOf(grad) : null;
      if (gradient !== null) this.#readGradient(sheet, k, gradient);
      if (after !== null) this.#readWeight(sheet, k, after, gradient === null ? null : this.#before[k]!);
      if (!hasHistograms) continue;
      weights.push(after === null ? null : exponentHistogram(after));
      gradients.push(gradient === null ? null : exponentHistogram(gradient));
    }
    return { sheet, histograms: hasHistograms ? { weight: weights, gradient: gradients } : null };
  }

  #readGradient(sheet: FigureSheet, k: number, items: MomentItems): void {
    const { sum, squares, largest, zeros } = this.#passes.momentsOf(items);
    sheet.set("norm", k, Math.sqrt(squares));
    if (items.length > 0) sheet.set("mean", k, sum / items.length);
    sheet.set("largest", k, largest);
    sheet.set("zeros", k, zeros);
    setSpecials(sheet, k, items, squares, gradientSpecials);
    this.#readSilent(sheet, k, zeros);
  }

  /** The outputs of a weight that get no gradient; with fewer zeros than one has elements there is nothing to look for. */
  #readSilent(sheet: FigureSheet, k: number, zeros: number): void {
    const parameter = this.#parameters[k]!;
    const bias = this.#outputs.get(parameter);
    if (bias === undefined) return;
    const gradient = parameter.grad!;
    const isSearched = zeros > 0 && zeros * gradient.shape[0]! >= gradient.count;
    const found = isSearched ? silentOutputs(parameter, bias, gradient) : noneSilent;
    if (found === null) return;
    sheet.set("silent", k, found.outputs);
    sheet.set("off", k, found.off);
  }

  /** `before` is null where no update is known. */
  #readWeight(sheet: FigureSheet, k: number, after: MomentItems, before: MomentItems | null): void {
    const isKnown = before !== null && before.length === after.length;
    const change = isKnown ? this.#passes.changeOf(before, after) : null;
    const squares = change === null ? this.#passes.momentsOf(after).squares : change.after;
    sheet.set("weightNorm", k, Math.sqrt(squares));
    setSpecials(sheet, k, after, squares, weightSpecials);
    if (change === null) return;
    sheet.set("update", k, updateRatio(Math.sqrt(change.update), Math.sqrt(change.before)));
  }
}

/** Counts NaN and infinities, where the sum of squares says that there may be some. */
function setSpecials(
  sheet: FigureSheet,
  k: number,
  items: MomentItems,
  squares: number,
  [nanName, infName]: readonly [FigureName, FigureName],
): void {
  let nan = 0;
  let inf = 0;
  if (!Number.isFinite(squares)) {
    for (const x of items) {
      if (Number.isNaN(x)) nan++;
      else if (!Number.isFinite(x)) inf++;
    }
  }
  sheet.set(nanName, k, nan);
  sheet.set(infName, k, inf);
}
