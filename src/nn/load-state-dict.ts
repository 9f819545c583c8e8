/**
 * Loading a state dict into a network, in two phases: first every module says what does not fit and plans what it will
 * copy; only if nothing is wrong, or only what `strict: false` allows, is anything copied.
 *
 * Differs from PyTorch: a failed load leaves the network as it was. Post hooks run when all is planned, before the
 * values are copied.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { pythonTypeName } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { StateError, torchError } from "../errors.ts";
import { sameShape, toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { recordOf } from "./module-record.ts";
import { nearestNames } from "./nearest-names.ts";
import { Parameter, isParameter } from "./parameter.ts";
import { assign } from "./registration.ts";
import { slotsOfKind, typeName } from "./slots.ts";
import type { ModuleMetadata, StateDict } from "./state-dict.ts";
import { IncompatibleKeys, extraStateName, ownState } from "./state-dict.ts";
import { isUninitialized } from "./uninitialized.ts";

/** Options of `loadStateDict`. */
export interface LoadStateDictOptions {
  /** Refuse missing and unexpected names. Default true. */
  readonly strict?: boolean;
  /** Put the given tensors into the network, with their dtypes, instead of copying their values. Default false. */
  readonly assign?: boolean;
}

/** What may be loaded: what `stateDict` gave, a map, or an object of tensors by name. */
export type StateSource = StateDict | ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;

/** What one module is told when a state dict is loaded, and where it writes down what it finds. */
export interface LoadContext {
  /** What stands before the module's names: `"layer1.0."`. */
  readonly prefix: string;
  /** What the state dict says of the module; empty where it says nothing. */
  readonly metadata: ModuleMetadata;
  /** Whether the tensors themselves are put into the network. */
  readonly assign: boolean;
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
  /** What is wrong beside names, one message each. */
  readonly errors: string[];
  /** Does something later, if the whole load succeeds. */
  plan(step: () => void): void;
}

/** What loading asks of a module. */
export interface Loaded extends ModuleProtocol {
  loadFromStateDict(state: Map<string, unknown>, context: LoadContext): void;
  setExtraState?(state: unknown): void;
}

/** A state dict that does not fit a network. Nothing was changed. */
export class LoadStateDictError extends StateError {
  /** Names the network has and the state dict lacks. */
  readonly missingKeys: readonly string[];
  /** Names the state dict has and the network lacks. */
  readonly unexpectedKeys: readonly string[];

  constructor(message: string, keys: IncompatibleKeys, hint: string | undefined) {
    super(message, { code: "state-dict-mismatch", torchType: "RuntimeError", hint });
    this.missingKeys = keys.missingKeys;
    this.unexpectedKeys = keys.unexpectedKeys;
  }
}

/** `loadStateDict`: see `Module`. */
export function loadStateDict(
  root: Loaded,
  source: StateSource,
  options: LoadStateDictOptions = {},
): IncompatibleKeys {
  const { strict = true, assign = false } = options;
  const { state, metadata } = toState(source);
  const keys = new IncompatibleKeys([], []);
  const errors: string[] = [];
  const steps: (() => void)[] = [];
  const shared = {
    strict,
    assign,
    missingKeys: keys.missingKeys,
    unexpectedKeys: keys.unexpectedKeys,
    errors,
  };
  const visit = (module: Loaded, local: Map<string, unknown>, prefix: string): void => {
    module.loadFromStateDict(local, {
      ...shared,
      prefix,
      metadata: metadata.get(prefix.slice(0, -1)) ?? {},
      plan: (step) => steps.push(step),
    });
    const parts = partsBelow(local, prefix);
    for (const { name, value } of slotsOfKind(module, "module")) {
      if (value !== null) visit(value, parts(name), `${prefix}${name}.`);
    }
    runPostHooks(module, keys);
  };
  visit(root, state, "");
  const problems = strict
    ? [...namesText("Missing", keys.missingKeys), ...namesText("Unexpected", keys.unexpectedKeys), ...errors]
    : errors;
  if (problems.length > 0) {
    const message = `Error(s) in loading state_dict for ${root.getName()}:\n\t${problems.join("\n\t")}`;
    throw new LoadStateDictError(message, keys, hintFor(keys));
  }
  noGrad(() => {
    for (const step of steps) step();
  });
  return keys;
}

function toState(source: StateSource): {
  state: Map<string, unknown>;
  metadata: ReadonlyMap<string, ModuleMetadata>;
} {
  if (source instanceof Map) {
    const metadata = (source as { metadata?: unknown }).metadata;
    return {
      state: new Map(source as ReadonlyMap<string, unknown>),
      metadata: metadata instanceof Map ? (metadata as ReadonlyMap<string, ModuleMetadata>) : new Map(),
    };
  }
  if (!isPlainObject(source)) {
    throw torchError(
      "TypeError",
      `Expected state_dict to be dict-like, got <class '${classNameOf(source)}'>.`,
      source instanceof Promise ? "This is a promise: await it first." : undefined,
    );
  }
  return { state: new Map(Object.entries(source)), metadata: new Map() };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function classNameOf(value: unknown): string {
  if (isTensor(value)) return "torch.Tensor";
  const isOther = typeof value === "object" && value !== null && !Array.isArray(value);
  return isOther ? value.constructor.name : pythonTypeName(value);
}

/**
 * The parts of a state dict that the children of a module see, by the child's name. One pass over the names serves all
 * children; one whose name has a dot, which only assigning can give it, is looked for by itself.
 */
function partsBelow(
  state: ReadonlyMap<string, unknown>,
  prefix: string,
): (name: string) => Map<string, unknown> {
  const parts = new Map<string, Map<string, unknown>>();
  for (const [key, value] of state) {
    const dot = key.indexOf(".", prefix.length);
    if (dot < 0 || !key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length, dot);
    const part = parts.get(name);
    if (part === undefined) parts.set(name, new Map([[key, value]]));
    else part.set(key, value);
  }
  return (name) => {
    if (!name.includes(".")) return parts.get(name) ?? new Map();
    return new Map([...state].filter(([key]) => key.startsWith(`${prefix}${name}.`)));
  };
}

function runPostHooks(module: Loaded, keys: IncompatibleKeys): void {
  for (const hook of recordOf(module).hooks.of("loadStateDictPost")) {
    const result = hook.run(module, keys);
    if (result !== undefined && result !== null) {
      throw torchError(
        "AssertionError",
        "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new values, if incompatible_keys need to be modified, it should be done inplace.",
      );
    }
  }
}

function namesText(what: "Missing" | "Unexpected", names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return [`${what} key(s) in state_dict: ${names.map((name) => `"${name}"`).join(", ")}. `];
}

/** Says what often lies behind a mismatch: one prefix too much or too little, or a misspelt name. */
function hintFor({ missingKeys, unexpectedKeys }: IncompatibleKeys): string | undefined {
  const [missing] = missingKeys;
  if (missing === undefined) return undefined;
  const whole = unexpectedKeys.find((name) => name.endsWith(`.${missing}`));
  if (whole !== undefined) {
    const prefix = whole.slice(0, -missing.length);
    return `The names of the state dict begin with "${prefix}"; take that away before loading.`;
  }
  return nearestNames(missing, unexpectedKeys);
}

/** `loadFromStateDict`: see `Module`. */
export function loadOwnState(module: Loaded, state: Map<string, unknown>, context: LoadContext): void {
  const { prefix, missingKeys, unexpectedKeys } = context;
  for (const hook of recordOf(module).hooks.of("loadStateDictPre")) hook.run(module, state, context);
  const own = ownState(module);
  for (const [name, target] of own) {
    const key = prefix + name;
    if (state.has(key)) planCopy(module, name, target, state.get(key), context);
    else missingKeys.push(key);
  }
  const extraKey = prefix + extraStateName;
  if (module.setExtraState !== undefined) {
    if (state.has(extraKey)) context.plan(() => module.setExtraState?.(state.get(extraKey)));
    else missingKeys.push(extraKey);
  } else if (state.has(extraKey)) unexpectedKeys.push(extraKey);
  const children = new Set(slotsOfKind(module, "module").map(({ name }) => name));
  for (const key of state.keys()) {
    if (!key.startsWith(prefix) || key === extraKey) continue;
    const rest = key.slice(prefix.length);
    const dot = rest.indexOf(".");
    const isKnown = dot < 0 ? own.has(rest) : children.has(rest.slice(0, dot));
    if (!isKnown) unexpectedKeys.push(key);
  }
}

function planCopy(module: Loaded, name: string, target: Tensor, given: unknown, context: LoadContext): void {
  const key = context.prefix + name;
  if (!isTensor(given)) {
    context.errors.push(
      `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but received <class '${typeName(given)}'>`,
    );
    return;
  }
  // Nothing is known on either side yet.
  if (isUninitialized(given) && isUninitialized(target)) return;
  // Files of PyTorch before 0.4 have a vector of one where there is a number now.
  const source = target.ndim === 0 && given.ndim === 1 && given.shape[0] === 1 ? given.select(0, 0) : given;
  if (!sameShape(source.shape, target.shape)) {
    context.errors.push(
      `size mismatch for ${key}: copying a param with shape ${String(source.shape)} from checkpoint, the shape in current model is ${String(target.shape)}.`,
    );
    return;
  }
  const problem = context.assign ? takeProblem(target, source) : copyProblem(target, source);
  if (problem !== null) {
    context.errors.push(
      `While copying the parameter named "${key}", whose dimensions in the model are ${String(target.shape)} and whose dimensions in the checkpoint are ${String(source.shape)}, an exception occurred : ('${problem}',).`,
    );
    return;
  }
  context.plan(() => (context.assign ? assign(module, name, taken(source, target)) : target.copy_(source)));
}

/** The given tensor as what the slot holds: a parameter with the same wish for gradients, or itself for a buffer. */
function taken(source: Tensor, target: Tensor): Tensor {
  if (!isParameter(target)) return source;
  const { requiresGrad } = target;
  return isParameter(source) ? source.requiresGrad_(requiresGrad) : new Parameter(source, { requiresGrad });
}

/** Why a tensor could not stand for the one in the slot, known before anything is put there. */
function takeProblem(target: Tensor, source: Tensor): string | null {
  const { kind } = source.dtype;
  if (!isParameter(target) || !target.requiresGrad || kind === "float" || kind === "complex") return null;
  return isParameter(source)
    ? "only Tensors of floating point dtype can require gradients"
    : "Only Tensors of floating point and complex dtype can require gradients";
}

/** Why a copy would fail, known before anything is copied. */
function copyProblem(target: Tensor, source: Tensor): string | null {
  if (target.device === "meta") return null;
  if (source.device === "meta") return "Cannot copy out of meta tensor; no data!";
  if (target.shape.some((length, axis) => length > 1 && target.strides[axis] === 0)) {
    return "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.";
  }
  return source.dtype === target.dtype ? null : conversionProblem(source.dtype, target.dtype);
}

function conversionProblem(from: DType, to: DType): string | null {
  try {
    newTensor(to, toSize([0])).copy_(newTensor(from, toSize([0])));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
