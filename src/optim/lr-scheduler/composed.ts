/** Schedulers made of schedulers: SequentialLR, ChainedScheduler. */

import type { Saveable } from "../../catalog/saveable.ts";
import { torchError } from "../../errors.ts";
import type { Optimizer } from "../optimizer.ts";
import { ReduceLROnPlateau } from "./plateau.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { LRScheduler, setRate } from "./scheduler.ts";

/** What the two share: parts that belong to one optimizer. */
class ComposedLR extends LRScheduler {
  declare _schedulers: LRScheduler[];

  constructor(optimizer: Optimizer, schedulers: readonly LRScheduler[], className: string) {
    super(optimizer);
    schedulers.forEach((scheduler, index) => {
      if (!(scheduler instanceof LRScheduler)) {
        throw torchError(
          "TypeError",
          `${className} at index ${index} should have \`optimizer\` as its attribute.`,
        );
      }
      if (scheduler instanceof ReduceLROnPlateau) {
        throw torchError(
          "ValueError",
          `${className} does not support \`ReduceLROnPlateau\` scheduler as it requires additional kwargs to be specified when calling \`step\`, but got one at index ${index} in the given schedulers sequence.`,
        );
      }
      if (scheduler.optimizer !== optimizer) {
        throw torchError(
          "ValueError",
          `${className} expects all schedulers to belong to the same optimizer, but got scheduler ${scheduler.constructor.name} at index ${index} has ${String(scheduler.optimizer)}, which is different from ${optimizer.name}.`,
        );
      }
    });
  }

  override stateDict(): Map<string, Saveable> {
    const state = super.stateDict();
    state.delete("_schedulers");
    return state.set(
      "_schedulers",
      this._schedulers.map((scheduler) => scheduler.stateDict()),
    );
  }

  override loadStateDict(state: ReadonlyMap<string, unknown>): void {
    super.loadStateDict(new Map([...state].filter(([name]) => name !== "_schedulers")));
    const parts = state.get("_schedulers") as readonly ReadonlyMap<string, unknown>[];
    parts.forEach((part, index) => this._schedulers[index]?.loadStateDict(part));
  }
}

/**
 * One scheduler after the other: the next one begins at each milestone.
 *
 * Throws: PyTorch's errors for no schedulers, parts of different optimizers, and milestones that are not one fewer.
 *
 * @example
 * new SequentialLR(optimizer, [new LinearLR(optimizer), new CosineAnnealingLR(optimizer, 95)], [5]);
 */
export class SequentialLR extends ComposedLR {
  declare _milestones: readonly number[];

  constructor(
    optimizer: Optimizer,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
    options: SchedulerOptions = {},
  ) {
    if (schedulers.length < 1) {
      throw torchError("ValueError", "SequentialLR expects at least one scheduler, but got no scheduler.");
    }
    super(optimizer, schedulers, "SequentialLR");
    if (milestones.length !== schedulers.length - 1) {
      throw torchError(
        "ValueError",
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      );
    }
    this._schedulers = [...schedulers];
    this._milestones = [...milestones];
    this.last_epoch = (options.lastEpoch ?? -1) + 1;
    // The parts began when they were made: that is taken back, and only the first one begins.
    for (const group of optimizer.paramGroups) setRate(group, group["initial_lr"] as number);
    takeBack(this);
    const first = this.#at(0);
    first.initialStep();
    this._last_lr = first.getLastLr();
  }

  /** The scheduler of an epoch. */
  #at(epoch: number): LRScheduler {
    return this._schedulers[this._milestones.filter((milestone) => milestone <= epoch).length]!;
  }

  override step(): void {
    this.last_epoch++;
    const scheduler = this.#at(this.last_epoch);
    if (this._milestones.includes(this.last_epoch)) scheduler.updateLr(0);
    else scheduler.step();
    this._last_lr = scheduler.getLastLr();
  }
}

/** Takes back the epoch with which all parts, and theirs, began. */
function takeBack(scheduler: LRScheduler): void {
  if (scheduler instanceof ComposedLR) scheduler._schedulers.forEach(takeBack);
  else scheduler.last_epoch--;
}

/**
 * Several schedulers at once: each changes what the one before it left.
 *
 * Throws: PyTorch's errors for no schedulers and parts of different optimizers.
 *
 * @example
 * new ChainedScheduler([new ConstantLR(optimizer, { factor: 0.1 }), new ExponentialLR(optimizer, 0.9)]);
 */
export class ChainedScheduler extends ComposedLR {
  constructor(schedulers: readonly LRScheduler[], options: { readonly optimizer?: Optimizer | null } = {}) {
    const [first] = schedulers;
    if (first === undefined) {
      throw torchError(
        "ValueError",
        "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.",
      );
    }
    super(options.optimizer ?? first.optimizer, schedulers, "ChainedScheduler");
    this._schedulers = [...schedulers];
    this._last_lr = this.rates();
  }

  override step(): void {
    for (const scheduler of this._schedulers) scheduler.step();
    this._last_lr = this.rates();
  }
}
