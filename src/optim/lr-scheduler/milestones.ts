/** Schedulers that change the learning rate at certain epochs: StepLR, MultiStepLR, ConstantLR. */

import { rememberPython } from "../../catalog/python-facts.ts";
import { torchError } from "../../errors.ts";
import { pow } from "../../tensor/random/libm.ts";
import type { HyperNumber } from "../hyper-parameter.ts";
import { plainNumber, setHypers } from "../hyper-parameter.ts";
import type { Optimizer } from "../optimizer.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { LRScheduler } from "./scheduler.ts";

/** Options of `StepLR` and `MultiStepLR`. */
export interface StepLROptions extends SchedulerOptions {
  /** What the learning rate is multiplied with. Default 0.1. */
  readonly gamma?: HyperNumber;
}

/**
 * Multiplies the learning rates by `gamma` every `stepSize` epochs.
 *
 * @example
 * new StepLR(optimizer, 30, { gamma: 0.1 }); // lr for epochs 0 to 29, then lr / 10, …
 */
export class StepLR extends LRScheduler {
  declare step_size: number;
  declare gamma: number;

  constructor(optimizer: Optimizer, stepSize: number, options: StepLROptions = {}) {
    super(optimizer);
    setHypers(this, { step_size: stepSize, gamma: options.gamma ?? 0.1 });
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const rates = this.rates();
    if (this.last_epoch === 0 || this.last_epoch % this.step_size !== 0) return rates;
    return rates.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    const factor = pow(this.gamma, Math.floor(this.last_epoch / this.step_size));
    return this.base_lrs.map((lr) => lr * factor);
  }
}

/**
 * Multiplies the learning rates by `gamma` at each of the given epochs; at one given twice, twice.
 *
 * @example
 * new MultiStepLR(optimizer, [30, 80], { gamma: 0.1 });
 */
export class MultiStepLR extends LRScheduler {
  /** How often each epoch was given. */
  declare milestones: Map<number, number>;
  declare gamma: number;

  constructor(optimizer: Optimizer, milestones: Iterable<number>, options: StepLROptions = {}) {
    super(optimizer);
    const counts = new Map<number, number>();
    for (const epoch of milestones) counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
    this.milestones = rememberPython(counts, { class: "collections.Counter" });
    setHypers(this, { gamma: options.gamma ?? 0.1 });
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const times = this.milestones.get(this.last_epoch);
    const rates = this.rates();
    return times === undefined ? rates : rates.map((lr) => lr * pow(this.gamma, times));
  }

  protected override closedForm(): number[] {
    let times = 0;
    for (const [epoch, count] of this.milestones) if (epoch <= this.last_epoch) times += count;
    return this.base_lrs.map((lr) => lr * pow(this.gamma, times));
  }
}

/** Options of `ConstantLR`. */
export interface ConstantLROptions extends SchedulerOptions {
  /** What the learning rate is multiplied with at first, from 0 to 1. Default 1/3. */
  readonly factor?: HyperNumber;
  /** The epoch from which the learning rate is whole. Default 5. */
  readonly totalIters?: number;
}

/**
 * Multiplies the learning rates by `factor` until epoch `totalIters`.
 *
 * Throws: PyTorch's ValueError for a factor out of range.
 *
 * @example
 * new ConstantLR(optimizer, { factor: 0.5, totalIters: 4 });
 */
export class ConstantLR extends LRScheduler {
  declare factor: number;
  declare total_iters: number;

  constructor(optimizer: Optimizer, options: ConstantLROptions = {}) {
    super(optimizer);
    const { factor = 1 / 3, totalIters = 5 } = options;
    if (plainNumber(factor) > 1 || plainNumber(factor) < 0) {
      throw torchError("ValueError", "Constant multiplicative factor expected to be between 0 and 1.");
    }
    setHypers(this, { factor, total_iters: totalIters });
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const rates = this.rates();
    if (this.last_epoch === 0) return rates.map((lr) => lr * this.factor);
    return this.last_epoch === this.total_iters ? rates.map((lr) => lr * (1 / this.factor)) : rates;
  }

  protected override closedForm(): number[] {
    const isWhole = this.last_epoch >= this.total_iters;
    return this.base_lrs.map((lr) => lr * (this.factor + (isWhole ? 1 - this.factor : 0)));
  }
}
