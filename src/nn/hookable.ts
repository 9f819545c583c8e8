/**
 * The methods of a module that register hooks. What hooks are called with is told in `hooks.ts`.
 */

import { Callable } from "./callable.ts";
import type { HookOptions, RemovableHandle } from "./hook-tables.ts";
import type {
  BackwardHook,
  BackwardPreHook,
  ForwardHook,
  ForwardHookOptions,
  ForwardPreHook,
  LoadStateDictPostHook,
  LoadStateDictPreHook,
  StateDictHook,
  StateDictPreHook,
} from "./hooks.ts";
import type { ModuleRecord } from "./module-record.ts";
import { recordKey } from "./module-record.ts";

/** See the class. */
export interface Hookable {
  readonly [recordKey]: ModuleRecord;
}

/**
 * The part of `Module` that takes hooks; each method gives the handle that takes the hook back.
 *
 * Differs from PyTorch: forward hooks have no `with_kwargs`, as what Python passes by keyword is here the options object at the
 * end of the arguments, which hooks see and may replace like any other.
 */
export class Hookable extends Callable {
  /** Adds a hook that runs before `forward`. */
  registerForwardPreHook(hook: ForwardPreHook<this>, options: HookOptions = {}): RemovableHandle {
    return this[recordKey].hooks.add("forwardPre", hook, options);
  }

  /** Adds a hook that runs after `forward`. */
  registerForwardHook(hook: ForwardHook<this>, options: ForwardHookOptions = {}): RemovableHandle {
    return this[recordKey].hooks.add("forward", hook, options);
  }

  /** Adds a hook that sees, and may replace, the gradient of the output. */
  registerFullBackwardPreHook(hook: BackwardPreHook<this>, options: HookOptions = {}): RemovableHandle {
    return this[recordKey].hooks.add("backwardPre", hook, options);
  }

  /**
   * Adds a hook that sees the gradients of output and input, and may replace that of the input.
   *
   * Throws: PyTorch's RuntimeError beside hooks of `registerBackwardHook`.
   */
  registerFullBackwardHook(hook: BackwardHook<this>, options: HookOptions = {}): RemovableHandle {
    return this[recordKey].hooks.add("backward", hook, options);
  }

  /**
   * Adds a hook on the gradients of the graph's last node in this module, which are those of the output and of that node's own
   * inputs: PyTorch's older `register_backward_hook`. `registerFullBackwardHook` has those of the module.
   *
   * Throws: PyTorch's RuntimeError beside full backward hooks.
   */
  registerBackwardHook(hook: BackwardHook<this>): RemovableHandle {
    return this[recordKey].hooks.add("plainBackward", hook);
  }

  /** Adds a hook that runs before `stateDict` collects from this module. */
  registerStateDictPreHook(hook: StateDictPreHook<this>): RemovableHandle {
    return this[recordKey].hooks.add("stateDictPre", hook);
  }

  /** Adds a hook that runs when `stateDict` has collected from this module and its children. */
  registerStateDictPostHook(hook: StateDictHook<this>): RemovableHandle {
    return this[recordKey].hooks.add("stateDict", hook);
  }

  /** Adds a hook that runs before `loadStateDict` looks for this module's entries. */
  registerLoadStateDictPreHook(hook: LoadStateDictPreHook<this>): RemovableHandle {
    return this[recordKey].hooks.add("loadStateDictPre", hook);
  }

  /** Adds a hook that runs when `loadStateDict` has looked for the entries of this module and its children. */
  registerLoadStateDictPostHook(hook: LoadStateDictPostHook<this>): RemovableHandle {
    return this[recordKey].hooks.add("loadStateDictPost", hook);
  }
}
