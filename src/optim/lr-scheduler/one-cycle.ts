/** OneCycleLR: learning rates that rise once and fall far below where they began. */

import { rememberPython } from "../../catalog/python-facts.ts";
import { torchError } from "../../errors.ts";
import { cos } from "../../tensor/random/circular.ts";
import type { HyperNumber } from "../hyper-parameter.ts";
import { numberText, plainNumber, setHyper } from "../hyper-parameter.ts";
import type { Optimizer } from "../optimizer.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { beginMomentum, LRScheduler, requireMomentum, setMomentum, valuesFor } from "./scheduler.ts";

/** Options of `OneCycleLR`. The number of steps is `totalSteps`, or `epochs` times `stepsPerEpoch`. */
export interface OneCycleLROptions extends SchedulerOptions {
  readonly totalSteps?: HyperNumber | null;
  readonly epochs?: HyperNumber | null;
  readonly stepsPerEpoch?: HyperNumber | null;
  /** The share of the steps that rise, from 0 to 1. Default 0.3. */
  readonly pctStart?: HyperNumber;
  /** The shape of the ways: `"cos"` or `"linear"`. Default `"cos"`. */
  readonly annealStrategy?: string;
  /** Whether momentum, or β₁, goes the other way. Default true. */
  readonly cycleMomentum?: boolean;
  /** The lower bound of momentum, one for all groups or one for each. Default 0.85. */
  readonly baseMomentum?: HyperNumber | readonly HyperNumber[];
  /** The upper bound. Default 0.95. */
  readonly maxMomentum?: HyperNumber | readonly HyperNumber[];
  /** The largest learning rate divided by the first one. Default 25. */
  readonly divFactor?: HyperNumber;
  /** The first learning rate divided by the last one. Default 1e4. */
  readonly finalDivFactor?: HyperNumber;
  /** Fall to the first learning rate as it rose, then to the last one. Default false. */
  readonly threePhase?: boolean;
}

/** One way of a cycle: until which step, and between which values of a group. */
interface Phase {
  readonly end_step: number;
  readonly start_lr: string;
  readonly end_lr: string;
  readonly start_momentum: string;
  readonly end_momentum: string;
}

function phase(
  end: number,
  isFloat: boolean,
  lr: readonly [string, string],
  momentum: readonly [string, string],
): Phase {
  const made: Phase = {
    end_step: end,
    start_lr: lr[0],
    end_lr: lr[1],
    start_momentum: momentum[0],
    end_momentum: momentum[1],
  };
  return isFloat ? rememberPython(made, { floats: new Set(["end_step"]) }) : made;
}

/**
 * Raises the learning rates to `maxLr` and lets them fall to almost nothing, once, step by step of training.
 *
 * Throws: PyTorch's ValueErrors for values out of range, and for more steps than there are.
 *
 * @example
 * new OneCycleLR(optimizer, 0.01, { epochs: 10, stepsPerEpoch: 100 });
 */
export class OneCycleLR extends LRScheduler {
  declare total_steps: number;
  declare _schedule_phases: Phase[];
  declare _anneal_func_type: string;
  declare cycle_momentum: boolean;
  declare use_beta1: boolean;

  constructor(
    optimizer: Optimizer,
    maxLr: HyperNumber | readonly HyperNumber[],
    options: OneCycleLROptions = {},
  ) {
    super(optimizer);
    const { annealStrategy = "cos", lastEpoch = -1 } = options;
    const pctStart = plainNumber(options.pctStart ?? 0.3);
    const total = stepsOf(options);
    this.total_steps = total;
    const up = pctStart * total - 1;
    const rise = phase(up, true, ["initial_lr", "max_lr"], ["max_momentum", "base_momentum"]);
    this._schedule_phases =
      options.threePhase === true
        ? [
            rise,
            phase(
              2 * pctStart * total - 2,
              true,
              ["max_lr", "initial_lr"],
              ["base_momentum", "max_momentum"],
            ),
            phase(total - 1, false, ["initial_lr", "min_lr"], ["max_momentum", "max_momentum"]),
          ]
        : [rise, phase(total - 1, false, ["max_lr", "min_lr"], ["base_momentum", "max_momentum"])];
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw torchError(
        "ValueError",
        `Expected float between 0 and 1 pct_start, but got ${numberText(pctStart, true)}`,
      );
    }
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw torchError(
        "ValueError",
        `anneal_strategy must be one of 'cos' or 'linear', instead got ${String(annealStrategy)}`,
      );
    }
    this._anneal_func_type = annealStrategy;
    const maxRates = valuesFor("max_lr", optimizer, maxLr);
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, index) => {
        const first = maxRates[index]! / plainNumber(options.divFactor ?? 25);
        setHyper(group, "initial_lr", first, true);
        setHyper(group, "max_lr", maxRates[index]!);
        setHyper(group, "min_lr", first / plainNumber(options.finalDivFactor ?? 1e4), true);
      });
    }
    this.cycle_momentum = options.cycleMomentum ?? true;
    if (this.cycle_momentum) {
      requireMomentum(optimizer);
      const max = valuesFor("max_momentum", optimizer, options.maxMomentum ?? 0.95);
      const base = valuesFor("base_momentum", optimizer, options.baseMomentum ?? 0.85);
      this.use_beta1 = beginMomentum(optimizer, base, max, lastEpoch === -1);
    }
    this.begin(lastEpoch);
  }

  #between(start: number, end: number, share: number): number {
    if (this._anneal_func_type === "linear") return (end - start) * share + start;
    return end + ((start - end) / 2) * (cos(Math.PI * share) + 1);
  }

  override getLr(): number[] {
    this.warnOutsideStep();
    const { last_epoch: step, _schedule_phases: phases } = this;
    if (step > this.total_steps) {
      throw torchError(
        "ValueError",
        `Tried to step ${step} times. The specified number of total steps is ${this.total_steps}`,
      );
    }
    const found = phases.findIndex(({ end_step: end }) => step <= end);
    const index = found < 0 ? phases.length - 1 : found;
    const now = phases[index]!;
    const start = index === 0 ? 0 : phases[index - 1]!.end_step;
    const share = (step - start) / (now.end_step - start);
    return this.optimizer.paramGroups.map((group) => {
      const value = (name: string): number => group[name] as number;
      if (this.cycle_momentum) {
        const momentum = this.#between(value(now.start_momentum), value(now.end_momentum), share);
        setMomentum(group, this.use_beta1, momentum);
      }
      return this.#between(value(now.start_lr), value(now.end_lr), share);
    });
  }

  override loadStateDict(state: ReadonlyMap<string, unknown>): void {
    super.loadStateDict(state);
    this._schedule_phases = this._schedule_phases.map((loaded: Phase | ReadonlyMap<string, unknown>) =>
      loaded instanceof Map ? (Object.fromEntries(loaded) as Phase) : (loaded as Phase),
    );
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  const positive = (value: HyperNumber, name: string): number => {
    if (typeof value === "number" && value > 0 && Number.isInteger(value)) return value;
    throw torchError("ValueError", `Expected positive integer ${name}, but got ${numberText(value)}`);
  };
  if (isGiven(totalSteps)) return positive(totalSteps, "total_steps");
  if (isGiven(epochs) && isGiven(stepsPerEpoch)) {
    return positive(epochs, "epochs") * positive(stepsPerEpoch, "steps_per_epoch");
  }
  throw torchError("ValueError", "You must define either total_steps OR (epochs AND steps_per_epoch)");
}

function isGiven(value: HyperNumber | null | undefined): value is HyperNumber {
  return value !== null && value !== undefined;
}
