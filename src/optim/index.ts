/** Optimizers and learning rate schedulers: `torch.optim`. */

export { Adadelta, type AdadeltaGroup, type AdadeltaOptions } from "./adadelta.ts";
export { Adagrad, type AdagradGroup, type AdagradOptions } from "./adagrad.ts";
export { Adam, AdamW, type AdamGroup, type AdamOptions, type AdamWOptions } from "./adam.ts";
export { Adamax, type AdamaxGroup, type AdamaxOptions } from "./adamax.ts";
export { ASGD, type ASGDGroup, type ASGDOptions } from "./asgd.ts";
export { groups, type NamedParameters } from "./group-selectors.ts";
export type { HyperArgument, HyperNumber } from "./hyper-parameter.ts";
export { LBFGS, type LBFGSGroup, type LBFGSOptions } from "./lbfgs.ts";
export { NAdam, type NAdamGroup, type NAdamOptions } from "./nadam.ts";
export {
  isOptimizer,
  Optimizer,
  registerOptimizerStepPostHook,
  registerOptimizerStepPreHook,
  type OptimizerHook,
  type OptimizerHookOptions,
  type OptimizerStateHook,
  type StepPostHook,
  type StepPreHook,
} from "./optimizer.ts";
export {
  required,
  type GroupOptions,
  type NamedParameter,
  type OptimizerParameters,
  type ParameterGroup,
} from "./parameter-group.ts";
export { RAdam, type RAdamGroup, type RAdamOptions } from "./radam.ts";
export { RMSprop, type RMSpropGroup, type RMSpropOptions } from "./rmsprop.ts";
export { Rprop, type RpropGroup, type RpropOptions } from "./rprop.ts";
export { SGD, type SGDGroup, type SGDOptions } from "./sgd.ts";
export type { LoadableOptimizerState, OptimizerStateDict, ParameterState } from "./state-dict.ts";
export * as lrScheduler from "./lr-scheduler/index.ts";
