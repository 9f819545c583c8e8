/** Schedulers by a function of the epoch: LambdaLR, MultiplicativeLR. */

import { pythonTypeName } from "../../autograd/history.ts";
import type { Saveable } from "../../catalog/saveable.ts";
import { torchError } from "../../errors.ts";
import type { Optimizer } from "../optimizer.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { LRScheduler } from "./scheduler.ts";

/** The factor of the learning rate in an epoch. */
export type EpochFactor = (epoch: number) => number;

/** What the two schedulers share: functions, which no state dict holds. */
class FunctionLR extends LRScheduler {
  declare lr_lambdas: EpochFactor[];

  constructor(optimizer: Optimizer, lrLambda: EpochFactor | readonly EpochFactor[]) {
    super(optimizer);
    const count = optimizer.paramGroups.length;
    if (Array.isArray(lrLambda)) {
      if (lrLambda.length !== count) {
        throw torchError("ValueError", `Expected ${count} lr_lambdas, but got ${lrLambda.length}`);
      }
      this.lr_lambdas = [...(lrLambda as readonly EpochFactor[])];
    } else this.lr_lambdas = Array.from({ length: count }, () => lrLambda as EpochFactor);
    for (const factor of this.lr_lambdas) {
      if (typeof factor === "function") continue;
      throw torchError("TypeError", `lr_lambda should be a function, but got ${pythonTypeName(factor)}`);
    }
  }

  override stateDict(): Map<string, Saveable> {
    const state = super.stateDict();
    state.delete("lr_lambdas");
    state.set(
      "lr_lambdas",
      this.lr_lambdas.map(() => null),
    );
    return state;
  }

  override loadStateDict(state: ReadonlyMap<string, unknown>): void {
    super.loadStateDict(new Map([...state].filter(([name]) => name !== "lr_lambdas")));
  }
}

/**
 * Sets the learning rates to the first ones times a function of the epoch, one for all groups or one for each.
 *
 * Throws: PyTorch's ValueError for a list of another length than the groups.
 *
 * @example
 * new LambdaLR(optimizer, (epoch) => 0.95 ** epoch);
 */
export class LambdaLR extends FunctionLR {
  constructor(
    optimizer: Optimizer,
    lrLambda: EpochFactor | readonly EpochFactor[],
    options: SchedulerOptions = {},
  ) {
    super(optimizer, lrLambda);
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    return this.base_lrs.map((lr, index) => lr * this.lr_lambdas[index]!(this.last_epoch));
  }
}

/**
 * Multiplies the learning rates by a function of the epoch, every epoch.
 *
 * Throws: PyTorch's ValueError for a list of another length than the groups.
 *
 * @example
 * new MultiplicativeLR(optimizer, () => 0.95);
 */
export class MultiplicativeLR extends FunctionLR {
  constructor(
    optimizer: Optimizer,
    lrLambda: EpochFactor | readonly EpochFactor[],
    options: SchedulerOptions = {},
  ) {
    super(optimizer, lrLambda);
    this.begin(options.lastEpoch);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const rates = this.rates();
    if (this._is_initial) return rates;
    return rates.map((lr, index) => lr * this.lr_lambdas[index]!(this.last_epoch));
  }
}
