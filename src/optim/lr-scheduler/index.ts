/** Learning rate schedulers: `torch.optim.lr_scheduler`. */

export { ChainedScheduler, SequentialLR } from "./composed.ts";
export {
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingLROptions,
  type WarmRestartsOptions,
} from "./cosine.ts";
export { CyclicLR, type CyclicLROptions } from "./cyclic.ts";
export { LambdaLR, MultiplicativeLR, type EpochFactor } from "./functions.ts";
export {
  ExponentialLR,
  LinearLR,
  PolynomialLR,
  type LinearLROptions,
  type PolynomialLROptions,
} from "./gradual.ts";
export { ConstantLR, MultiStepLR, StepLR, type ConstantLROptions, type StepLROptions } from "./milestones.ts";
export { OneCycleLR, type OneCycleLROptions } from "./one-cycle.ts";
export { ReduceLROnPlateau, type PlateauOptions } from "./plateau.ts";
export { LRScheduler, type SchedulerOptions } from "./scheduler.ts";
