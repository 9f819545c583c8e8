/**
 * Optimizer: what all methods share. It owns the groups, the state of each parameter, hooks, texts and the grad mode;
 * a method is its defaults and one `update`. State dicts are `state-dict.ts`.
 */

import { printAsText } from "../console-text.ts";
import { enableGrad, noGrad } from "../autograd/grad-mode.ts";
import { HookHandle } from "../autograd/node.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, typeText } from "../tensor/tensor.ts";
import type { HyperArgument } from "./hyper-parameter.ts";
import { hyperText, pythonName, setHyper, tupleLike } from "./hyper-parameter.ts";
import { filled, requireSameShape } from "./numbers.ts";
import type { GroupOptions, OptimizerParameters, ParameterGroup, required } from "./parameter-group.ts";
import { isIterable, makeGroup, requireFitting } from "./parameter-group.ts";
import type { LoadableOptimizerState, OptimizerStateDict, ParameterState } from "./state-dict.ts";
import { asStateDict, loadOptimizerState, optimizerStateDict } from "./state-dict.ts";

/** Called before a step with the arguments of `step`; an array that it returns replaces them. */
export type StepPreHook = (
  optimizer: Optimizer,
  args: readonly unknown[],
) => readonly unknown[] | null | undefined | void;
/** Called after a step with the arguments of `step`. */
export type StepPostHook = (optimizer: Optimizer, args: readonly unknown[]) => void;
/** Called before a state dict is collected, and after one was loaded. */
export type OptimizerHook = (optimizer: Optimizer) => void;
/** Called with a state dict; one that it returns takes its place. */
export type OptimizerStateHook = (
  optimizer: Optimizer,
  state: OptimizerStateDict,
) => OptimizerStateDict | null | undefined | void;

/** The order of a hook among those that are there. */
export interface OptimizerHookOptions {
  /** Call it before those that are there. Default false. */
  readonly prepend?: boolean;
}

/** The hooks of an optimizer, by when they are called. */
class OptimizerHooks {
  readonly stepPre: Map<number, StepPreHook> = new Map();
  readonly stepPost: Map<number, StepPostHook> = new Map();
  readonly statePre: Map<number, OptimizerHook> = new Map();
  readonly statePost: Map<number, OptimizerStateHook> = new Map();
  readonly loadPre: Map<number, OptimizerStateHook> = new Map();
  readonly loadPost: Map<number, OptimizerHook> = new Map();
}

function register<Hook>(
  hooks: Map<number, Hook>,
  hook: Hook,
  options: OptimizerHookOptions = {},
): HookHandle {
  const former = [...hooks];
  const handle = new HookHandle(hooks, hook);
  if (options.prepend !== true) return handle;
  for (const [number, earlier] of former) {
    hooks.delete(number);
    hooks.set(number, earlier);
  }
  return handle;
}

const globalHooks = new OptimizerHooks();

/** Calls `hook` before every step of every optimizer. */
export function registerOptimizerStepPreHook(hook: StepPreHook): HookHandle {
  return register(globalHooks.stepPre, hook);
}

/** Calls `hook` after every step of every optimizer. */
export function registerOptimizerStepPostHook(hook: StepPostHook): HookHandle {
  return register(globalHooks.stepPost, hook);
}

/** Marks optimizers of any copy of this package. */
const brand = Symbol.for("parascope.optimizer");

/** Whether a value is an optimizer, of this or another copy of the package. */
export function isOptimizer(value: unknown): value is Optimizer {
  return typeof value === "object" && value !== null && brand in value;
}

/**
 * The base of all optimizers. A method extends it, hands its defaults to the constructor and defines `update`.
 *
 * `params` are parameters, `model.namedParameters()`, or groups with options of their own. `options` are the
 * hyper-parameters under their names here (`weightDecay`); `defaults` has all of them under PyTorch's names, in
 * PyTorch's order.
 *
 * Throws: PyTorch's errors for parameters that cannot be optimized and for values out of range.
 *
 * @example
 * class Descent extends Optimizer {
 *   constructor(params: OptimizerParameters, options: { lr?: number } = {}) {
 *     super(params, options, { lr: 0.1 });
 *   }
 *   protected override update(parameter: Tensor, gradient: Tensor, group: ParameterGroup): void {
 *     parameter.add_(gradient, { alpha: -group.lr });
 *   }
 * }
 */
export class Optimizer<Group extends ParameterGroup = ParameterGroup> {
  /** What groups get for the options that they do not set, under PyTorch's names. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** The groups; change their hyper-parameters between steps as you like. */
  paramGroups: Group[] = [];
  /** What is remembered of each parameter that was stepped; loaded state of no parameter stays under its number. */
  state: Map<Tensor | number, ParameterState> = new Map();
  /** How often `step` was called. */
  stepCount: number = 0;
  /** The registered hooks. */
  readonly #hooks: OptimizerHooks = new OptimizerHooks();

  constructor(
    params: OptimizerParameters,
    options: object,
    defaults: Readonly<Record<string, HyperArgument | undefined | typeof required>>,
  ) {
    this.defaults = this.#withOptions(options, defaults);
    this.check(this.defaults);
    if (isTensor(params)) {
      throw torchError(
        "TypeError",
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${typeText(params.dtype)}`,
        "Put it into a list: [parameter].",
      );
    }
    for (const group of groupsOf(params)) this.addParamGroup(group as GroupOptions);
  }

  /** The class's name, as texts and messages have it. */
  get name(): string {
    return this.constructor.name;
  }

  #withOptions(
    options: object,
    defaults: Readonly<Record<string, unknown>>,
  ): Readonly<Record<string, unknown>> {
    const merged = new Map(Object.entries(defaults));
    for (const [option, value] of Object.entries(options)) {
      const name = pythonName(option);
      if (!merged.has(name)) {
        throw torchError("TypeError", `${this.name}.__init__() got an unexpected keyword argument '${name}'`);
      }
      if (value !== undefined) merged.set(name, tupleLike(defaults[name], value));
    }
    const values: Record<string, unknown> = {};
    for (const [name, value] of merged) setHyper(values, name, value);
    return values;
  }

  /** Refuses hyper-parameters out of their range; called before anything else is done. */
  protected check(_values: Readonly<Record<string, unknown>>): void {}

  /**
   * Changes one parameter in place, outside of the graph.
   *
   * Throws: PyTorch's NotImplementedError if a method defines none.
   */
  protected update(_parameter: Tensor, _gradient: Tensor, _group: Group): void {
    throw torchError(
      "NotImplementedError",
      "",
      "Define update(parameter, gradient, group) in your optimizer.",
    );
  }

  /**
   * One step: changes every parameter that has a gradient. `closure`, which computes the gradients anew and gives the
   * loss, is called first, with recording on.
   *
   * @example
   * optimizer.zeroGrad();
   * loss.backward();
   * optimizer.step();
   */
  step(closure?: undefined): undefined;
  step<Loss>(closure: () => Loss): Loss;
  step<Loss>(closure?: () => Loss): Loss | undefined {
    this.stepCount++;
    let args: readonly unknown[] = closure === undefined ? [] : [closure];
    for (const hooks of [globalHooks.stepPre, this.#hooks.stepPre]) {
      for (const hook of hooks.values()) args = replacedArguments(hook(this as Optimizer, args), args);
    }
    const loss = noGrad(() => this.run(args[0] as (() => Loss) | undefined));
    for (const hooks of [this.#hooks.stepPost, globalHooks.stepPost]) {
      for (const hook of hooks.values()) hook(this as Optimizer, args);
    }
    return loss;
  }

  /** What `step` does between its hooks. */
  protected run<Loss>(closure: (() => Loss) | undefined): Loss | undefined {
    const loss = closure === undefined ? undefined : enableGrad(closure);
    for (const group of this.paramGroups) {
      for (const parameter of group.params) {
        const gradient = parameter.grad;
        if (gradient !== null) this.update(parameter, gradient, group);
      }
    }
    return loss;
  }

  /** Forgets the gradients of all parameters; with `setToNone: false` fills them with zeros. Default true. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    for (const { params } of this.paramGroups) {
      for (const parameter of params) {
        const gradient = parameter.grad;
        if (gradient === null) continue;
        if (options.setToNone !== false) parameter.grad = null;
        else {
          if (gradient.gradFn === null) gradient.requiresGrad_(false);
          else gradient.detach_();
          filled(gradient, 0);
        }
      }
    }
  }

  /**
   * Adds a group of parameters, which get the defaults for the options that the group does not set.
   *
   * Throws: PyTorch's errors for what cannot be optimized or is optimized already.
   *
   * @example
   * optimizer.addParamGroup({ params: other.parameters(), lr: 1e-2 });
   */
  addParamGroup(group: GroupOptions): void {
    const made = makeGroup(group, this.defaults);
    requireFitting(made, this.paramGroups);
    this.paramGroups.push(made as Group);
  }

  /** What is remembered of a parameter; made empty where nothing is. */
  protected stateOf(parameter: Tensor): ParameterState {
    let state = this.state.get(parameter);
    if (state === undefined) {
      state = new Map();
      this.state.set(parameter, state);
    }
    return state;
  }

  /**
   * A tensor that is remembered of a parameter.
   *
   * Throws: PyTorch's KeyError where there is none, its RuntimeError for one of another shape than the gradient.
   */
  protected stateTensor(state: ParameterState, name: string, gradient: Tensor): Tensor {
    const tensor = state.get(name);
    if (!isTensor(tensor)) throw torchError("KeyError", name);
    requireSameShape(tensor, gradient);
    return tensor;
  }

  /** State, step count and defaults as PyTorch writes them: `state` by the numbers of the parameters, `param_groups`. */
  stateDict(): OptimizerStateDict {
    const self = this as Optimizer;
    for (const hook of this.#hooks.statePre.values()) hook(self);
    let dict = optimizerStateDict(self);
    for (const hook of this.#hooks.statePost.values()) dict = hook(self, dict) ?? dict;
    return dict;
  }

  /**
   * Takes over a state dict, of this package or of PyTorch: hyper-parameters and state, matched by position. Tensors
   * are shared with it where their dtype is the parameter's.
   *
   * Throws: PyTorch's ValueErrors where the groups differ in number or size; nothing is changed then.
   *
   * @example
   * optimizer.loadStateDict(await load("optimizer.pth"));
   */
  loadStateDict(state: LoadableOptimizerState): void {
    const self = this as Optimizer;
    let dict = asStateDict(state);
    for (const hook of this.#hooks.loadPre.values()) dict = hook(self, dict) ?? dict;
    const loaded = loadOptimizerState(self, dict);
    this.state = loaded.state;
    this.paramGroups = loaded.paramGroups as Group[];
    this.afterLoading();
    for (const hook of this.#hooks.loadPost.values()) hook(self);
  }

  /** Brings state of older versions of PyTorch up to date. */
  protected afterLoading(): void {}

  /** Calls `hook` before each step. */
  registerStepPreHook(hook: StepPreHook): HookHandle {
    return register(this.#hooks.stepPre, hook);
  }

  /** Calls `hook` after each step. */
  registerStepPostHook(hook: StepPostHook): HookHandle {
    return register(this.#hooks.stepPost, hook);
  }

  /** Calls `hook` before a state dict is collected. */
  registerStateDictPreHook(hook: OptimizerHook, options?: OptimizerHookOptions): HookHandle {
    return register(this.#hooks.statePre, hook, options);
  }

  /** Calls `hook` with each state dict that is collected. */
  registerStateDictPostHook(hook: OptimizerStateHook, options?: OptimizerHookOptions): HookHandle {
    return register(this.#hooks.statePost, hook, options);
  }

  /** Calls `hook` with each state dict before it is loaded. */
  registerLoadStateDictPreHook(hook: OptimizerStateHook, options?: OptimizerHookOptions): HookHandle {
    return register(this.#hooks.loadPre, hook, options);
  }

  /** Calls `hook` after a state dict was loaded. */
  registerLoadStateDictPostHook(hook: OptimizerHook, options?: OptimizerHookOptions): HookHandle {
    return register(this.#hooks.loadPost, hook, options);
  }

  /** The text PyTorch prints: the groups with their hyper-parameters, by name. */
  toString(): string {
    const groups = this.paramGroups.map((group, number) => {
      const names = Object.keys(group).filter((name) => name !== "params");
      const lines = names.sort().map((name) => `    ${name}: ${hyperText(group, name)}\n`);
      return `\nParameter Group ${number}\n${lines.join("")}`;
    });
    return `${this.name} (${groups.join("")})`;
  }

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
    printAsText(this.prototype);
  }
}

function groupsOf(params: unknown): readonly unknown[] {
  if (!isIterable(params)) {
    const group = { params } as GroupOptions;
    return [group];
  }
  const items = [...params];
  if (items.length === 0) throw torchError("ValueError", "optimizer got an empty parameter list");
  const [first] = items;
  const isGroup = typeof first === "object" && first !== null && !isTensor(first) && !Array.isArray(first);
  return isGroup ? items : [{ params: items }];
}

function replacedArguments(result: unknown, args: readonly unknown[]): readonly unknown[] {
  if (result === undefined || result === null) return args;
  if (Array.isArray(result)) return result;
  throw torchError(
    "RuntimeError",
    `step must return None or a tuple of (new_args, new_kwargs), but got ${String(result)}.`,
    "Return an array with the new arguments of step, or nothing.",
  );
}
