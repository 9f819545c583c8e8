/**
 * Parameters that were replaced by others, from which they are computed before every call: what `weightNorm` and
 * `spectralNorm` share.
 */

import type { Tensor } from "../../tensor/tensor.ts";
import type { RegisteredHook } from "../hook-tables.ts";
import { RemovableHandle } from "../hook-tables.ts";
import type { Module } from "../module.ts";
import { recordOf } from "../module-record.ts";
import type { Parameter } from "../parameter.ts";

/** How a parameter was replaced. */
export interface Replacement {
  /** By which function, by PyTorch's name. */
  readonly kind: "weight_norm" | "spectral_norm";
  /** The name of the parameter. */
  readonly name: string;
  /** The parameter's value, from what stands in its place in the module, which may be a copy of the first one. */
  compute(module: Module, training: boolean): Tensor;
}

/** By hook: what it recomputes. Copies of a module have the hooks of the first, so this knows them too. */
const replacements: WeakMap<RegisteredHook["run"], Replacement> = new WeakMap();

/** The fields of a module, by names that its type does not know. */
export function fieldsOf(module: Module): Record<string, unknown> {
  return module as unknown as Record<string, unknown>;
}

/** Puts parameters in the place of one, and a plain tensor under its name, which every call computes anew. */
export function replaceBy(
  module: Module,
  replacement: Replacement,
  parts: readonly (readonly [name: string, parameter: Parameter])[],
  first: (module: Module) => Tensor = (target) => replacement.compute(target, false),
): void {
  const { name } = replacement;
  const fields = fieldsOf(module);
  delete fields[name];
  for (const [part, parameter] of parts) module.registerParameter(part, parameter);
  fields[name] = first(module);
  const recompute = (target: Module): void => {
    fieldsOf(target)[name] = replacement.compute(target, target.training);
  };
  replacements.set(recompute as RegisteredHook["run"], replacement);
  module.registerForwardPreHook(recompute);
}

/** The replacement of a parameter, with what takes its hook back; null where there is none. */
export function findReplacement(
  module: Module,
  kind: Replacement["kind"],
  name: string,
): { readonly replacement: Replacement; remove(): void } | null {
  const hooks = recordOf(module).hooks.of("forwardPre");
  for (const hook of hooks) {
    const replacement = replacements.get(hook.run);
    if (replacement?.kind !== kind || replacement.name !== name) continue;
    const handle = new RemovableHandle(hooks as Set<RegisteredHook>, hook);
    return {
      replacement,
      remove: () => {
        handle.remove();
      },
    };
  }
  return null;
}
