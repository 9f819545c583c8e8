/**
 * The types of hooks: what each kind is called with and what its result means. And the hooks that all modules share.
 */

import type { Tensor } from "../tensor/tensor.ts";
import type { HookOptions, RemovableHandle } from "./hook-tables.ts";
import { globalHooks } from "./hook-tables.ts";
import type { LoadContext } from "./load-state-dict.ts";
import type { IncompatibleKeys, ModuleMetadata, StateDict } from "./state-dict.ts";

/** What a hook that may change nothing returns. */
export type Nothing = void | null | undefined;

/** Gradients of the tensors among the inputs or outputs of a module, by position; null where there is none. */
export type ModuleGradients = readonly (Tensor | null)[];

/** Runs before `forward`. What it returns replaces the arguments: an array all of them, any other value the one. */
export type ForwardPreHook<M> = (module: M, args: readonly unknown[]) => unknown;

/** Runs after `forward`. What it returns replaces the output. */
export type ForwardHook<M> = (module: M, args: readonly unknown[], output: unknown) => unknown;

/** Runs when the gradient of the output is known. What it returns replaces it. */
export type BackwardPreHook<M> = (module: M, gradOutput: ModuleGradients) => ModuleGradients | Nothing;

/** Runs when the gradient of the input is known. What it returns replaces it. */
export type BackwardHook<M> = (
  module: M,
  gradInput: ModuleGradients,
  gradOutput: ModuleGradients,
) => ModuleGradients | Nothing;

/** Runs before a module's entries of a state dict are collected. */
export type StateDictPreHook<M> = (module: M, prefix: string, keepVars: boolean) => void;

/** Runs when the entries of a module and its children were collected; may change the state dict, must return nothing. */
export type StateDictHook<M> = (
  module: M,
  stateDict: StateDict,
  prefix: string,
  metadata: ModuleMetadata,
) => Nothing;

/** Runs before a module looks for its entries; may change the state dict, which is a copy. */
export type LoadStateDictPreHook<M> = (module: M, state: Map<string, unknown>, context: LoadContext) => void;

/** Runs when all entries of a module and its children were looked for; may change the lists, must return nothing. */
export type LoadStateDictPostHook<M> = (module: M, keys: IncompatibleKeys) => Nothing;

/** Options of `registerForwardHook`. */
export interface ForwardHookOptions extends HookOptions {
  /** Call the hook although `forward` or another hook threw. Default false. */
  readonly alwaysCall?: boolean;
}

/**
 * Adds a hook that runs before the `forward` of every module: `register_module_forward_pre_hook`.
 *
 * @example
 * const handle = registerModuleForwardPreHook((module, args) => console.log(module.getName(), args.length));
 * handle.remove();
 */
export function registerModuleForwardPreHook<M>(hook: ForwardPreHook<M>): RemovableHandle {
  return globalHooks.add("forwardPre", hook);
}

/** Adds a hook that runs after the `forward` of every module: `register_module_forward_hook`. */
export function registerModuleForwardHook<M>(
  hook: ForwardHook<M>,
  options: { readonly alwaysCall?: boolean } = {},
): RemovableHandle {
  return globalHooks.add("forward", hook, options);
}

/** Adds a hook on the gradients of every module's output: `register_module_full_backward_pre_hook`. */
export function registerModuleFullBackwardPreHook<M>(hook: BackwardPreHook<M>): RemovableHandle {
  return globalHooks.add("backwardPre", hook);
}

/** Adds a hook on the gradients of every module's input: `register_module_full_backward_hook`. */
export function registerModuleFullBackwardHook<M>(hook: BackwardHook<M>): RemovableHandle {
  return globalHooks.add("backward", hook);
}

/**
 * Adds a hook on the last node of every module: `register_module_backward_hook`. Throws: PyTorch's RuntimeError beside global full
 * backward hooks.
 */
export function registerModuleBackwardHook<M>(hook: BackwardHook<M>): RemovableHandle {
  return globalHooks.add("plainBackward", hook);
}
