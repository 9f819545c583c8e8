/** ReduceLROnPlateau: learning rates that fall when a figure stops getting better. */

import { torchError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { isTensor } from "../../tensor/tensor.ts";
import type { HyperNumber } from "../hyper-parameter.ts";
import { numberList, plainNumber, setHyper, setHypers } from "../hyper-parameter.ts";
import type { Optimizer } from "../optimizer.ts";
import { isList, LRScheduler, setRate, warnOfEpoch } from "./scheduler.ts";

/** Options of `ReduceLROnPlateau`. */
export interface PlateauOptions {
  /** Whether smaller or larger figures are better: `"min"`, `"max"`. Default `"min"`. */
  readonly mode?: string;
  /** What the learning rates are multiplied with, below 1. Default 0.1. */
  readonly factor?: HyperNumber;
  /** How many epochs without getting better are let pass. Default 10. */
  readonly patience?: number;
  /** How much better counts as better. Default 1e-4. */
  readonly threshold?: HyperNumber;
  /** Whether that is a share of the best figure or an amount: `"rel"`, `"abs"`. Default `"rel"`. */
  readonly thresholdMode?: string;
  /** How many epochs after a fall are not looked at. Default 0. */
  readonly cooldown?: number;
  /** The smallest learning rate, one for all groups or one for each. Default 0. */
  readonly minLr?: HyperNumber | readonly HyperNumber[];
  /** A fall that is not larger is not made. Default 1e-8. */
  readonly eps?: HyperNumber;
}

/**
 * Multiplies the learning rates by `factor` when a figure, such as the loss on held-out data, has not become better for
 * more than `patience` epochs. `step` gets the figure.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const scheduler = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 3 });
 * scheduler.step(loss);
 */
export class ReduceLROnPlateau extends LRScheduler {
  declare factor: number;
  declare default_min_lr: number | null;
  declare min_lrs: number[];
  declare patience: number;
  declare cooldown: number;
  declare eps: number;
  declare mode_worse: number;
  declare mode: string;
  declare threshold: number;
  declare threshold_mode: string;
  /** The best figure so far. */
  declare best: number;
  declare cooldown_counter: number;
  declare num_bad_epochs: number;

  constructor(optimizer: Optimizer, options: PlateauOptions = {}) {
    super(optimizer);
    const { mode = "min", factor = 0.1, threshold = 1e-4, thresholdMode = "rel", minLr = 0 } = options;
    if (plainNumber(factor) >= 1) throw torchError("ValueError", "Factor should be < 1.0.");
    const count = optimizer.paramGroups.length;
    setHypers(this, { factor });
    if (!isList(minLr)) {
      setHypers(this, { default_min_lr: minLr });
      this.min_lrs = numberList(Array.from({ length: count }, () => minLr));
    } else {
      if (minLr.length !== count) {
        throw torchError("ValueError", `expected ${count} min_lrs, got ${minLr.length}`);
      }
      this.default_min_lr = null;
      this.min_lrs = numberList(minLr);
    }
    setHypers(this, {
      patience: options.patience ?? 10,
      cooldown: options.cooldown ?? 0,
      eps: options.eps ?? 1e-8,
      last_epoch: 0,
    });
    this._last_lr = this.rates();
    this.#setMode(mode, threshold, thresholdMode);
    this.best = this.mode_worse;
    this.cooldown_counter = 0;
    this.num_bad_epochs = 0;
  }

  #setMode(mode: string, threshold: HyperNumber, thresholdMode: string): void {
    if (mode !== "min" && mode !== "max") throw torchError("ValueError", `mode ${mode} is unknown!`);
    if (thresholdMode !== "rel" && thresholdMode !== "abs") {
      throw torchError("ValueError", `threshold mode ${thresholdMode} is unknown!`);
    }
    this.mode_worse = mode === "min" ? Infinity : -Infinity;
    setHypers(this, { mode, threshold, threshold_mode: thresholdMode });
  }

  /** Whether the groups are not looked at, after a fall. */
  get inCooldown(): boolean {
    return this.cooldown_counter > 0;
  }

  /** Looks at the figure of an epoch: a number, or a tensor of one element. */
  override step(metrics?: number | Tensor, epoch?: number): void {
    if (metrics === undefined) {
      throw torchError(
        "TypeError",
        "ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'",
      );
    }
    const current = Number(isTensor(metrics) ? metrics.item() : metrics);
    if (epoch !== undefined) warnOfEpoch();
    this.last_epoch = epoch ?? this.last_epoch + 1;
    if (this.#isBetter(current)) {
      setHyper(this, "best", current, true);
      this.num_bad_epochs = 0;
    } else this.num_bad_epochs++;
    if (this.inCooldown) {
      this.cooldown_counter--;
      this.num_bad_epochs = 0;
    }
    if (this.num_bad_epochs > this.patience) {
      this.#reduce();
      this.cooldown_counter = this.cooldown;
      this.num_bad_epochs = 0;
    }
    this._last_lr = this.rates();
  }

  #isBetter(current: number): boolean {
    const { best, threshold } = this;
    const isRelative = this.threshold_mode === "rel";
    if (this.mode === "min") return current < (isRelative ? best * (1 - threshold) : best - threshold);
    return current > (isRelative ? best * (threshold + 1) : best + threshold);
  }

  #reduce(): void {
    const groups = this.optimizer.paramGroups;
    if (groups.length !== this.min_lrs.length) {
      const least = this.default_min_lr;
      if (least === null) {
        throw torchError(
          "RuntimeError",
          `The number of param groups in the \`optimizer\` (${groups.length}) differs from when \`ReduceLROnPlateau\` was initialized (${this.min_lrs.length}), usually due to a new param group being added to the optimizer. Please modify the \`min_lrs\` field to match the length of the \`optimizer\` param groups.`,
        );
      }
      this.min_lrs = groups.map(() => least);
    }
    groups.forEach((group, index) => {
      const next = Math.max(group.lr * this.factor, this.min_lrs[index]!);
      if (group.lr - next > this.eps) setRate(group, next);
    });
  }

  override loadStateDict(state: ReadonlyMap<string, unknown>): void {
    super.loadStateDict(state);
    this.#setMode(this.mode, this.threshold, this.threshold_mode);
  }
}
