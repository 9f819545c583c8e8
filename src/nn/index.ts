/** The public list of `nn`. */

export { Buffer, type BufferOptions, isBuffer } from "./buffer.ts";
export type { ModuleToOptions, ModuleToTarget } from "./conversion.ts";
export { deepCopy } from "./deep-copy.ts";
export { describe, float, plain } from "./extra-repr.ts";
export type { HookOptions, RemovableHandle } from "./hook-tables.ts";
export {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardHookOptions,
  type ForwardPreHook,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type ModuleGradients,
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
  type StateDictHook,
  type StateDictPreHook,
} from "./hooks.ts";
export { Bilinear, Identity, Linear, type LinearOptions } from "./linear.ts";
export {
  type LoadContext,
  LoadStateDictError,
  type LoadStateDictOptions,
  type StateSource,
} from "./load-state-dict.ts";
export { type BufferPath, Module, type ModulePath, type ParameterPath, type SubmoduleAt } from "./module.ts";
export { isModule } from "./module-record.ts";
export { type FactoryOptions, isParameter, Parameter, type ParameterOptions } from "./parameter.ts";
export { IncompatibleKeys, type ModuleMetadata, StateDict, type StateDictOptions } from "./state-dict.ts";
export type { NamedModulesOptions, NamedTensorsOptions } from "./traversal.ts";
export { ModuleDict, type ModuleDictModule, type ModulesByName } from "./module-dict.ts";
export { ModuleList, type ModuleListModule } from "./module-list.ts";
export type { ByPosition, Slice } from "./numbered.ts";
export { ParameterDict, type ParameterDictModule, type ValuesByName } from "./parameter-dict.ts";
export { ParameterList, type ParameterListModule } from "./parameter-list.ts";
export { type NamedModules, Sequential, type SequentialInput, type SequentialModule } from "./sequential.ts";
