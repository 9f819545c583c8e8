/** Schedulers that change the learning rate with every epoch: LinearLR, ExponentialLR, PolynomialLR. */

import { pyFloat } from "../../catalog/value.ts";
import { torchError } from "../../errors.ts";
import { pow } from "../../tensor/random/libm.ts";
import type { HyperNumber } from "../hyper-parameter.ts";
import { plainNumber, setHypers } from "../hyper-parameter.ts";
import type { Optimizer } from "../optimizer.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { LRScheduler } from "./scheduler.ts";

/** Options of `LinearLR`. */
export interface LinearLROptions extends SchedulerOptions {
  /** What the learning rate is multiplied with at first, above 0 and up to 1. Default 1/3. */
  readonly startFactor?: HyperNumber;
  /** What it is multiplied with in the end, from 0 to 1. Default 1. */
  readonly endFactor?: HyperNumber;
  /** The epoch of the end. Default 5. */
  readonly totalIters?: number;
}

/**
 * Changes the factor of the learning rates evenly from `startFactor` to `endFactor`: warming up.
 *
 * Throws: PyTorch's ValueErrors for factors out of range.
 *
 * @example
 * new LinearLR(optimizer, { startFactor: 0.1, totalIters: 10 });
 */
export class LinearLR extends LRScheduler {
  declare start_factor: number;
  declare end_factor: number;
  declare total_iters: number;

  constructor(optimizer: Optimizer, options: LinearLROptions = {}) {
    super(optimizer);
    const { startFactor = 1 / 3, endFactor = pyFloat(1), totalIters = 5 } = options;
    if (plainNumber(startFactor) > 1 || plainNumber(startFactor) <= 0) {
      throw torchError(
        "ValueError",
        "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
      );
    }
    if (plainNumber(endFactor) > 1 || plainNumber(endFactor) < 0) {
      throw torchError("ValueError", "Ending multiplicative factor expected to be between 0 and 1.");
    }
    setHypers(this, { start_factor: startFactor, end_factor: endFactor, total_iters: totalIters });
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const rates = this.rates();
    const { start_factor: start, last_epoch: epoch, total_iters: total } = this;
    if (epoch === 0) return rates.map((lr) => lr * start);
    if (this._is_initial || epoch > total) return rates;
    const rise = this.end_factor - start;
    return rates.map((lr) => lr * (1 + rise / (total * start + (epoch - 1) * rise)));
  }

  protected override closedForm(): number[] {
    const { start_factor: start, end_factor: end, total_iters: total } = this;
    return this.base_lrs.map(
      (lr) => lr * (start + ((end - start) * Math.min(total, this.last_epoch)) / total),
    );
  }
}

/**
 * Multiplies the learning rates by `gamma` every epoch.
 *
 * @example
 * new ExponentialLR(optimizer, 0.9);
 */
export class ExponentialLR extends LRScheduler {
  declare gamma: number;

  constructor(optimizer: Optimizer, gamma: HyperNumber, options: SchedulerOptions = {}) {
    super(optimizer);
    setHypers(this, { gamma });
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const rates = this.rates();
    return this._is_initial ? rates : rates.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    return this.base_lrs.map((lr) => lr * pow(this.gamma, this.last_epoch));
  }
}

/** Options of `PolynomialLR`. */
export interface PolynomialLROptions extends SchedulerOptions {
  /** The epoch at which the learning rate is 0. Default 5. */
  readonly totalIters?: number;
  /** The power of the share of epochs that are left. Default 1. */
  readonly power?: HyperNumber;
}

/**
 * Lets the learning rates fall to 0 as a power of the epochs that are left: lr·(1 - epoch/totalIters)^power.
 *
 * @example
 * new PolynomialLR(optimizer, { totalIters: 100, power: 0.9 });
 */
export class PolynomialLR extends LRScheduler {
  declare total_iters: number;
  declare power: number;

  constructor(optimizer: Optimizer, options: PolynomialLROptions = {}) {
    super(optimizer);
    setHypers(this, { total_iters: options.totalIters ?? 5, power: options.power ?? pyFloat(1) });
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const rates = this.rates();
    const { last_epoch: epoch, total_iters: total } = this;
    if (this._is_initial || epoch > total) return rates;
    const factor = pow((1 - epoch / total) / (1 - (epoch - 1) / total), this.power);
    return rates.map((lr) => lr * factor);
  }

  protected override closedForm(): number[] {
    const { total_iters: total } = this;
    const left = 1 - Math.min(total, this.last_epoch) / total;
    return this.base_lrs.map((lr) => lr * pow(left, this.power));
  }
}
