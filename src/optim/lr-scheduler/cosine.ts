/** Schedulers along a cosine: CosineAnnealingLR, CosineAnnealingWarmRestarts. */

import { pyFloat } from "../../catalog/value.ts";
import { torchError } from "../../errors.ts";
import { cos } from "../../tensor/random/circular.ts";
import { log } from "../../tensor/random/libm.ts";
import type { HyperNumber } from "../hyper-parameter.ts";
import { numberText, plainNumber, setHypers } from "../hyper-parameter.ts";
import type { Optimizer } from "../optimizer.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { LRScheduler } from "./scheduler.ts";

/** Options of `CosineAnnealingLR`. */
export interface CosineAnnealingLROptions extends SchedulerOptions {
  /** The smallest learning rate. Default 0. */
  readonly etaMin?: HyperNumber;
}

/**
 * Lets the learning rates fall to `etaMin` along half a cosine within `tMax` epochs, and rise again after.
 *
 * @example
 * new CosineAnnealingLR(optimizer, 100, { etaMin: 1e-5 });
 */
export class CosineAnnealingLR extends LRScheduler {
  declare T_max: number;
  declare eta_min: number;

  constructor(optimizer: Optimizer, tMax: HyperNumber, options: CosineAnnealingLROptions = {}) {
    super(optimizer);
    setHypers(this, { T_max: tMax, eta_min: options.etaMin ?? pyFloat(0) });
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const rates = this.rates();
    const { T_max: half, eta_min: least, last_epoch: epoch } = this;
    if (this._is_initial) return rates;
    if (this._step_count === 1 && epoch > 0) {
      return this.base_lrs.map((lr) => least + ((lr - least) * (1 + cos((epoch * Math.PI) / half))) / 2);
    }
    // At the bottom the quotient below would be 0/0.
    if ((epoch - 1 - half) % (2 * half) === 0) {
      const rise = 1 - cos(Math.PI / half);
      return rates.map((lr, index) => lr + ((this.base_lrs[index]! - least) * rise) / 2);
    }
    const now = 1 + cos((Math.PI * epoch) / half);
    const before = 1 + cos((Math.PI * (epoch - 1)) / half);
    return rates.map((lr) => (now / before) * (lr - least) + least);
  }

  protected override closedForm(): number[] {
    const { T_max: half, eta_min: least } = this;
    const height = 1 + cos((Math.PI * this.last_epoch) / half);
    return this.base_lrs.map((lr) => least + ((lr - least) * height) / 2);
  }
}

/** Options of `CosineAnnealingWarmRestarts`. */
export interface WarmRestartsOptions extends SchedulerOptions {
  /** How many times longer each run is than the one before; an integer from 1 on. Default 1. */
  readonly tMult?: HyperNumber;
  /** The smallest learning rate. Default 0. */
  readonly etaMin?: HyperNumber;
}

/**
 * Lets the learning rates fall to `etaMin` along half a cosine within `t0` epochs, and starts again, each time for
 * `tMult` times as long.
 *
 * Throws: PyTorch's ValueErrors for lengths that are no positive integers.
 *
 * @example
 * new CosineAnnealingWarmRestarts(optimizer, 10, { tMult: 2 });
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  declare T_0: number;
  /** The epochs of the present run. */
  declare T_i: number;
  declare T_mult: number;
  declare eta_min: number;
  /** The epochs since it began. */
  declare T_cur: number;

  constructor(optimizer: Optimizer, t0: HyperNumber, options: WarmRestartsOptions = {}) {
    super(optimizer);
    const { tMult = 1, etaMin = pyFloat(0), lastEpoch = -1 } = options;
    if (!Number.isInteger(t0) || plainNumber(t0) <= 0) {
      throw torchError("ValueError", `Expected positive integer T_0, but got ${numberText(t0)}`);
    }
    if (!Number.isInteger(tMult) || plainNumber(tMult) < 1) {
      throw torchError("ValueError", `Expected integer T_mult >= 1, but got ${numberText(tMult)}`);
    }
    setHypers(this, { T_0: t0, T_i: t0, T_mult: tMult, eta_min: etaMin, T_cur: lastEpoch });
    this.begin(lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const height = 1 + cos((Math.PI * this.T_cur) / this.T_i);
    return this.base_lrs.map((lr) => this.eta_min + ((lr - this.eta_min) * height) / 2);
  }

  /**
   * Goes on by one epoch, or to a given one, which may have a fraction: `epoch + batch / batches`.
   *
   * Throws: PyTorch's ValueError for a negative epoch.
   */
  override step(epoch?: number): void {
    let next = epoch ?? (this.last_epoch < 0 ? 0 : undefined);
    if (next === undefined) {
      next = this.last_epoch + 1;
      this.T_cur++;
      if (this.T_cur >= this.T_i) {
        this.T_cur %= this.T_i;
        this.T_i *= this.T_mult;
      }
    } else this.#place(next);
    this.last_epoch = Math.floor(next);
    this._get_lr_called_within_step = true;
    const values = this.getLr();
    this._get_lr_called_within_step = false;
    this.setRates(values);
  }

  /** Finds the run that an epoch is in. */
  #place(epoch: number): void {
    const { T_0: first, T_mult: times } = this;
    if (epoch < 0)
      throw torchError("ValueError", `Expected non-negative epoch, but got ${numberText(epoch)}`);
    if (epoch < first) {
      this.T_i = first;
      this.T_cur = epoch;
    } else if (times === 1) this.T_cur = epoch % first;
    else {
      const runs = Math.trunc(log((epoch / first) * (times - 1) + 1) / log(times));
      this.T_cur = epoch - (first * (times ** runs - 1)) / (times - 1);
      this.T_i = first * times ** runs;
    }
  }
}
