/**
 * LRScheduler: what all schedulers share. A scheduler is its fields and one `getLr`.
 *
 * Note [scheduler fields]: the fields of a scheduler are its state dict, in the order in which they are set. So they
 * have PyTorch's names, are `declare`d, and are set in the order of PyTorch's constructors, before `begin`.
 */

import { pythonTypeName } from "../../autograd/history.ts";
import { rememberPython } from "../../catalog/python-facts.ts";
import type { Saveable } from "../../catalog/saveable.ts";
import { torchError } from "../../errors.ts";
import { warn } from "../../warnings.ts";
import type { HyperNumber } from "../hyper-parameter.ts";
import { floatsOf, numberList, setHyper, tupleOf } from "../hyper-parameter.ts";
import type { Optimizer } from "../optimizer.ts";
import { isOptimizer } from "../optimizer.ts";
import type { ParameterGroup } from "../parameter-group.ts";

/** Options of every scheduler. */
export interface SchedulerOptions {
  /** The epoch that was done last, to go on with an optimizer whose state was loaded. Default -1: from the start. */
  readonly lastEpoch?: number;
}

const epochText =
  "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use `scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed form is used instead of the new chainable form, where available. Please open an issue if you are unable to replicate your use case: https://github.com/pytorch/pytorch/issues/new/choose.";

const orderPlace =
  "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate";

/** The steps an optimizer had done when its first scheduler came. */
const stepsBefore = new WeakMap<Optimizer, number>();

/** Warns that a step with an epoch is a matter of the past. */
export function warnOfEpoch(): void {
  warn(epochText);
}

/**
 * The base of the schedulers: it counts epochs and sets the learning rates of the optimizer's groups to what `getLr`
 * gives. An own one extends it, sets its fields, and calls `begin` last in its constructor.
 *
 * Throws: PyTorch's TypeError for what is no optimizer.
 *
 * @example
 * class Halving extends LRScheduler {
 *   constructor(optimizer: Optimizer) {
 *     super(optimizer);
 *     this.begin();
 *   }
 *   override getLr(): number[] {
 *     return this.base_lrs.map((lr) => lr / 2 ** this.last_epoch);
 *   }
 * }
 */
export class LRScheduler {
  declare readonly optimizer: Optimizer;
  /** The learning rates at the start, one a group. */
  declare base_lrs: number[];
  /** How many epochs were done. */
  declare last_epoch: number;
  declare _step_count: number;
  declare _is_initial: boolean;
  declare _get_lr_called_within_step: boolean;
  declare _last_lr: number[];
  readonly #stepOf: unknown;

  constructor(optimizer: Optimizer) {
    if (!isOptimizer(optimizer)) {
      throw torchError("TypeError", `${pythonTypeName(optimizer)} is not an Optimizer`);
    }
    Object.defineProperty(this, "optimizer", { value: optimizer, enumerable: false });
    this.#stepOf = optimizer.step;
    if (!stepsBefore.has(optimizer)) stepsBefore.set(optimizer, optimizer.stepCount);
  }

  /**
   * The rest of PyTorch's constructor: remembers the first learning rates and does the step of epoch 0.
   *
   * Throws: PyTorch's KeyError when going on with groups that remember none.
   */
  protected begin(lastEpoch: number = -1): void {
    const groups = this.optimizer.paramGroups;
    groups.forEach((group, index) => {
      if (Object.hasOwn(group, "initial_lr")) return;
      if (lastEpoch !== -1) {
        throw torchError(
          "KeyError",
          `param 'initial_lr' is not specified in param_groups[${index}] when resuming scheduler with last_epoch >= 0.\nThis typically happens when:\n1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n2. You're using last_epoch >= 0 for a fresh training run (not recommended)`,
        );
      }
      setHyper(group, "initial_lr", group.lr, floatsOf(group).has("lr"));
    });
    this.base_lrs = ratesOf(groups, "initial_lr");
    this.last_epoch = lastEpoch;
    this.initialStep();
  }

  /** The step of epoch 0, which is no step of training. */
  initialStep(): void {
    this._step_count = 0;
    this._is_initial = true;
    this.step();
    this._is_initial = false;
  }

  /** The learning rates of the present epoch, one a group. */
  getLr(): number[] {
    throw torchError("NotImplementedError", "", "Define getLr() in your scheduler.");
  }

  /** The learning rates of an epoch from the first ones; null where a scheduler knows only the way from one to the next. */
  protected closedForm(): number[] | null {
    return null;
  }

  /** The learning rates that were set last. */
  getLastLr(): number[] {
    return this._last_lr;
  }

  /**
   * Goes on by one epoch; to a given one where PyTorch still allows it.
   *
   * @example
   * for (let epoch = 0; epoch < 10; epoch++) {
   *   train(); // optimizer.step()
   *   scheduler.step();
   * }
   */
  step(epoch?: number): void {
    if (this._step_count === 1) this.#checkOrder();
    this._step_count++;
    if (epoch !== undefined) warnOfEpoch();
    this.updateLr(epoch);
  }

  #checkOrder(): void {
    const { optimizer } = this;
    if (optimizer.step !== this.#stepOf) {
      warn(
        `Seems like \`optimizer.step()\` has been overridden after learning rate scheduler initialization. Please, make sure to call \`optimizer.step()\` before \`lr_scheduler.step()\`. ${orderPlace}`,
      );
    } else if (optimizer.stepCount === stepsBefore.get(optimizer)) {
      warn(
        `Detected call of \`lr_scheduler.step()\` before \`optimizer.step()\`. In PyTorch 1.1.0 and later, you should call them in the opposite order: \`optimizer.step()\` before \`lr_scheduler.step()\`.  Failure to do this will result in PyTorch skipping the first value of the learning rate schedule. ${orderPlace}`,
      );
    }
  }

  /** Sets the learning rates of the next epoch, or of a given one. */
  updateLr(epoch?: number): void {
    this._get_lr_called_within_step = true;
    let values: number[];
    if (epoch === undefined) {
      this.last_epoch++;
      values = this.getLr();
    } else {
      this.last_epoch = epoch;
      values = this.closedForm() ?? this.getLr();
    }
    this._get_lr_called_within_step = false;
    this.setRates(values);
  }

  /** Sets the learning rates of the groups. */
  protected setRates(values: readonly number[]): void {
    const groups = this.optimizer.paramGroups;
    groups.forEach((group, index) => setRate(group, values[index]!));
    this._last_lr = ratesOf(groups, "lr");
  }

  /** Warns where `getLr` is asked for what `getLastLr` tells. */
  protected warnOutsideStep(): void {
    if (this._get_lr_called_within_step) return;
    warn("To get the last learning rate computed by the scheduler, please use `get_last_lr()`.");
  }

  /** The present learning rates, one a group. */
  protected rates(): number[] {
    return ratesOf(this.optimizer.paramGroups, "lr");
  }

  /** All there is to know to go on later, under PyTorch's names. */
  stateDict(): Map<string, Saveable> {
    return rememberPython(new Map(Object.entries(this)), { floats: new Set(floatsOf(this)) });
  }

  /**
   * Takes over what `stateDict` gave, here or in PyTorch; names that the scheduler has not are left out. Load it before
   * the optimizer's state.
   */
  loadStateDict(state: ReadonlyMap<string, unknown>): void {
    const floats = floatsOf(state);
    for (const [name, value] of state) {
      if (Object.hasOwn(this, name) && name !== "optimizer") setHyper(this, name, value, floats.has(name));
    }
  }
}

/** One value of each group, as a list of its own. */
export function ratesOf(groups: readonly ParameterGroup[], name: string): number[] {
  const floats = new Set<number>();
  const values = groups.map((group, index) => {
    if (floatsOf(group).has(name)) floats.add(index);
    return group[name] as number;
  });
  return rememberPython(values, { floats });
}

/** Sets a group's learning rate; one that was computed is a Python float. */
export function setRate(group: ParameterGroup, value: number): void {
  if (value !== group.lr) setHyper(group, "lr", value, true);
}

/** Sets the momentum of a group, or β₁ where it has betas. */
export function setMomentum(group: ParameterGroup, usesBeta1: boolean, momentum: number): void {
  if (!usesBeta1) setHyper(group, "momentum", momentum, true);
  else {
    const betas = [momentum, ...(group["betas"] as readonly number[]).slice(1)];
    setHyper(group, "betas", tupleOf(betas, betas.keys()));
  }
}

/**
 * One value a group of what was given once or for each.
 *
 * Throws: PyTorch's ValueError for a list of another length than the groups.
 */
export function valuesFor(
  name: string,
  optimizer: Optimizer,
  given: HyperNumber | readonly HyperNumber[],
): number[] {
  const count = optimizer.paramGroups.length;
  if (!isList(given)) return numberList(Array.from({ length: count }, () => given));
  if (given.length === count) return numberList(given);
  throw torchError(
    "ValueError",
    `${name} must have the same length as optimizer.param_groups. ${name} has ${given.length} values, param_groups has ${count}.`,
  );
}

/** Whether a value was given for each group. */
export function isList(given: HyperNumber | readonly HyperNumber[]): given is readonly HyperNumber[] {
  return Array.isArray(given);
}

/**
 * Sets up the cycling of momentum: the first momentum of each group, and its bounds in the group. Gives whether β₁ is
 * cycled.
 *
 * Throws: PyTorch's ValueError for an optimizer with neither momentum nor betas.
 */
export function beginMomentum(
  optimizer: Optimizer,
  base: readonly number[],
  max: readonly number[],
  isFresh: boolean,
): boolean {
  const usesBeta1 = "betas" in optimizer.defaults;
  if (!isFresh) return usesBeta1;
  optimizer.paramGroups.forEach((group, index) => {
    setMomentum(group, usesBeta1, max[index]!);
    setHyper(group, "max_momentum", max[index]!, true);
    setHyper(group, "base_momentum", base[index]!, true);
  });
  return usesBeta1;
}

/** Refuses to cycle what is not there. Throws: PyTorch's ValueError. */
export function requireMomentum(optimizer: Optimizer): void {
  if ("momentum" in optimizer.defaults || "betas" in optimizer.defaults) return;
  throw torchError(
    "ValueError",
    "optimizer must support momentum or beta1 with `cycle_momentum` option enabled",
  );
}
