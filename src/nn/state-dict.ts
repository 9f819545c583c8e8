/**
 * State dicts: the parameters and persistent buffers of a network by name, and how they are collected.
 */

import { printAsText } from "../console-text.ts";
import { orderedAttributes } from "../catalog/saveable.ts";
import { torchError } from "../errors.ts";
import { stringRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { recordOf } from "./module-record.ts";
import { slotsOf, slotsOfKind } from "./slots.ts";

/** What a state dict says of one module, beside its tensors. */
export interface ModuleMetadata {
  /** The version of the names and meanings of the module's entries; 2 for batch norms, else 1. */
  readonly version?: number;
  readonly [fact: string]: unknown;
}

/**
 * The parameters and persistent buffers of a network by their dotted names, in PyTorch's order. Tensors that several
 * names share stand under every name. What a module's `getExtraState` gives is among them, whatever it is.
 */
export class StateDict extends Map<string, Tensor> {
  /** What is known of the modules, by their names; PyTorch's `_metadata`. */
  readonly metadata: Map<string, ModuleMetadata> = new Map();

  /** The text PyTorch prints. */
  override toString(): string {
    const items = Array.from(this, ([name, value]) => `(${stringRepr(name)}, ${String(value)})`);
    return items.length === 0 ? "OrderedDict()" : `OrderedDict([${items.join(", ")}])`;
  }

  static {
    printAsText(this.prototype);
    // Saved as PyTorch saves it: an OrderedDict with the metadata attached, which is an OrderedDict itself.
    Object.defineProperty(this.prototype, orderedAttributes, {
      get(this: StateDict): unknown {
        const metadata = new Map(this.metadata);
        return { _metadata: Object.defineProperty(metadata, orderedAttributes, { value: undefined }) };
      },
      configurable: true,
    });
  }
}

/** Options of `stateDict`. */
export interface StateDictOptions {
  /** Text before every name, as it is: `"net."`. Default `""`. */
  readonly prefix?: string;
  /** Give the parameters and buffers themselves instead of leaves over the same bytes. Default false. */
  readonly keepVars?: boolean;
  /** Add to this map instead of a new one. */
  readonly destination?: StateDict;
}

/** The last part of the name under which a module's extra state stands. */
export const extraStateName = "_extra_state";

/** What collecting a state dict asks of a module. */
export interface Saved extends ModuleProtocol {
  stateDict(options?: StateDictOptions): StateDict;
  saveToStateDict(destination: StateDict, prefix: string, keepVars: boolean): void;
  getExtraState?(): unknown;
}

/** `stateDict`: see `Module`. */
export function collectStateDict(module: Saved, options: StateDictOptions = {}): StateDict {
  const { prefix = "", keepVars = false, destination = new StateDict() } = options;
  const { hooks } = recordOf(module);
  const local: ModuleMetadata = { version: module.stateVersion };
  destination.metadata.set(prefix.slice(0, -1), local);
  for (const hook of hooks.of("stateDictPre")) hook.run(module, prefix, keepVars);
  module.saveToStateDict(destination, prefix, keepVars);
  for (const { name, value } of slotsOfKind(module, "module")) {
    value?.stateDict({ destination, prefix: `${prefix}${name}.`, keepVars });
  }
  for (const hook of hooks.of("stateDict")) {
    const result = hook.run(module, destination, prefix, local);
    if (result !== undefined && result !== null) {
      throw torchError("RuntimeError", "state_dict post-hook must return None");
    }
  }
  return destination;
}

/** `saveToStateDict`: see `Module`. */
export function saveOwnState(module: Saved, destination: StateDict, prefix: string, keepVars: boolean): void {
  for (const [name, value] of ownState(module)) {
    destination.set(prefix + name, keepVars ? value : value.detach());
  }
  if (module.getExtraState !== undefined) {
    destination.set(prefix + extraStateName, module.getExtraState() as Tensor);
  }
}

/** The parameters and persistent buffers of one module that are there: parameters first. */
export function ownState(module: ModuleProtocol): Map<string, Tensor> {
  const slots = slotsOf(module);
  const state = new Map<string, Tensor>();
  for (const slot of slots)
    if (slot.kind === "parameter" && slot.value !== null) state.set(slot.name, slot.value);
  for (const slot of slots) {
    if (slot.kind === "buffer" && slot.persistent && slot.value !== null) state.set(slot.name, slot.value);
  }
  return state;
}

/** The names that a state dict and a network do not share. */
export class IncompatibleKeys {
  /** Names the network has and the state dict lacks. */
  readonly missingKeys: string[];
  /** Names the state dict has and the network lacks. */
  readonly unexpectedKeys: string[];

  constructor(missingKeys: string[], unexpectedKeys: string[]) {
    this.missingKeys = missingKeys;
    this.unexpectedKeys = unexpectedKeys;
  }

  /** `const [missing, unexpected] = …`, as of PyTorch's named tuple. */
  *[Symbol.iterator](): Generator<string[], undefined> {
    yield this.missingKeys;
    yield this.unexpectedKeys;
  }

  /** The text PyTorch prints. */
  toString(): string {
    if (this.missingKeys.length === 0 && this.unexpectedKeys.length === 0)
      return "<All keys matched successfully>";
    const list = (names: readonly string[]): string => `[${names.map(stringRepr).join(", ")}]`;
    return `_IncompatibleKeys(missing_keys=${list(this.missingKeys)}, unexpected_keys=${list(this.unexpectedKeys)})`;
  }

  static {
    printAsText(this.prototype);
  }
}
