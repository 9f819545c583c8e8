/** CyclicLR: learning rates that go up and down between two bounds. */

import type { Saveable } from "../../catalog/saveable.ts";
import { pyFloat } from "../../catalog/value.ts";
import { torchError } from "../../errors.ts";
import { pow } from "../../tensor/random/libm.ts";
import type { HyperNumber } from "../hyper-parameter.ts";
import { plainNumber, setHyper, setHypers } from "../hyper-parameter.ts";
import type { Optimizer } from "../optimizer.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { beginMomentum, LRScheduler, requireMomentum, setMomentum, setRate, valuesFor } from "./scheduler.ts";

/** Options of `CyclicLR`. */
export interface CyclicLROptions extends SchedulerOptions {
  /** Steps from the lower to the upper bound. Default 2000. */
  readonly stepSizeUp?: HyperNumber;
  /** Steps back. Default as many as up. */
  readonly stepSizeDown?: HyperNumber | null;
  /** The same height every cycle, half of it each time, or `gamma` to the step. Default `"triangular"`. */
  readonly mode?: string;
  /** The factor of `"exp_range"`. Default 1. */
  readonly gamma?: HyperNumber;
  /** The height of a cycle, by its number or by the step; then `mode` does not count. Default null. */
  readonly scaleFn?: ((x: number) => number) | null;
  /** Whether `scaleFn` gets the number of the cycle or of the step: `"cycle"`, `"iterations"`. Default `"cycle"`. */
  readonly scaleMode?: string;
  /** Whether momentum, or β₁, goes the other way. Default true. */
  readonly cycleMomentum?: boolean;
  /** The lower bound of momentum, one for all groups or one for each. Default 0.8. */
  readonly baseMomentum?: HyperNumber | readonly HyperNumber[];
  /** The upper bound. Default 0.9. */
  readonly maxMomentum?: HyperNumber | readonly HyperNumber[];
}

/**
 * Moves the learning rates from `baseLr` to `maxLr` and back, step by step of training rather than by epoch.
 *
 * Throws: PyTorch's ValueErrors for a mode it does not know, lists of a wrong length, an optimizer without momentum.
 *
 * @example
 * new CyclicLR(optimizer, 1e-4, 1e-2, { stepSizeUp: 500, mode: "triangular2" });
 */
export class CyclicLR extends LRScheduler {
  declare max_lrs: number[];
  declare total_size: number;
  declare step_ratio: number;
  declare mode: string;
  declare gamma: number;
  declare _scale_fn_custom: ((x: number) => number) | null;
  declare scale_mode: string;
  declare cycle_momentum: boolean;
  declare use_beta1: boolean;
  declare base_momentums: number[];
  declare max_momentums: number[];

  constructor(
    optimizer: Optimizer,
    baseLr: HyperNumber | readonly HyperNumber[],
    maxLr: HyperNumber | readonly HyperNumber[],
    options: CyclicLROptions = {},
  ) {
    super(optimizer);
    const { stepSizeUp = 2000, mode = "triangular", scaleFn = null, lastEpoch = -1 } = options;
    const baseRates = valuesFor("base_lr", optimizer, baseLr);
    if (lastEpoch === -1) optimizer.paramGroups.forEach((group, index) => setRate(group, baseRates[index]!));
    this.max_lrs = valuesFor("max_lr", optimizer, maxLr);
    const up = plainNumber(stepSizeUp);
    const total = up + plainNumber(options.stepSizeDown ?? stepSizeUp);
    setHyper(this, "total_size", total, true);
    setHyper(this, "step_ratio", up / total, true);
    if (!["triangular", "triangular2", "exp_range"].includes(mode) && scaleFn === null) {
      throw torchError("ValueError", "mode is invalid and scale_fn is None");
    }
    setHypers(this, { mode, gamma: options.gamma ?? pyFloat(1) });
    this._scale_fn_custom = scaleFn;
    const isOwn = scaleFn !== null;
    this.scale_mode = isOwn ? (options.scaleMode ?? "cycle") : mode === "exp_range" ? "iterations" : "cycle";
    this.cycle_momentum = options.cycleMomentum ?? true;
    if (this.cycle_momentum) {
      requireMomentum(optimizer);
      this.use_beta1 = "betas" in optimizer.defaults;
      this.base_momentums = valuesFor("base_momentum", optimizer, options.baseMomentum ?? 0.8);
      this.max_momentums = valuesFor("max_momentum", optimizer, options.maxMomentum ?? 0.9);
      beginMomentum(optimizer, this.base_momentums, this.max_momentums, lastEpoch === -1);
    }
    this.begin(lastEpoch);
    this.base_lrs = baseRates;
  }

  /** The height of a cycle, as a share of the distance of the bounds. */
  scaleFn(x: number): number {
    if (this._scale_fn_custom !== null) return this._scale_fn_custom(x);
    if (this.mode === "triangular2") return 1 / 2 ** (x - 1);
    return this.mode === "exp_range" ? pow(this.gamma, x) : 1;
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const { total_size: total, step_ratio: ratio, last_epoch: step } = this;
    const cycle = Math.floor(1 + step / total);
    const x = 1 + step / total - cycle;
    const place = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
    const scale = this.scaleFn(this.scale_mode === "cycle" ? cycle : step);
    if (this.cycle_momentum) {
      this.optimizer.paramGroups.forEach((group, index) => {
        const max = this.max_momentums[index]!;
        setMomentum(group, this.use_beta1, max - (max - this.base_momentums[index]!) * place * scale);
      });
    }
    return this.base_lrs.map((lr, index) => lr + (this.max_lrs[index]! - lr) * place * scale);
  }

  override stateDict(): Map<string, Saveable> {
    const state = super.stateDict();
    state.delete("_scale_fn_custom");
    return state.set("_scale_fn_custom", null);
  }

  override loadStateDict(state: ReadonlyMap<string, unknown>): void {
    super.loadStateDict(new Map([...state].filter(([name]) => name !== "_scale_fn_custom")));
  }
}
