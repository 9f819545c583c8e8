/**
 * Module: the base of all networks and layers. This file is the list of what a module can do; how it is done stands in
 * the files beside it. README.md tells how a layer is written.
 */

import { printAsText } from "../console-text.ts";
import { gradFnOf } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { DeviceName } from "../tensor/device.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { BufferOptions } from "./buffer.ts";
import type { ModuleToTarget } from "./conversion.ts";
import { convertAll, convertFloats, convertTo, toEmpty } from "./conversion.ts";
import { Hookable } from "./hookable.ts";
import type { LoadContext, LoadStateDictOptions, StateSource } from "./load-state-dict.ts";
import { loadOwnState, loadStateDict } from "./load-state-dict.ts";
import { getBuffer, getParameter, getSubmodule, setSubmodule } from "./lookup.ts";
import { moduleBrand } from "./module-record.ts";
import type { Parameter } from "./parameter.ts";
import type {
  Checked,
  SubmoduleOf,
  SubmodulePath,
  TensorPath,
  bufferMark,
  moduleMark,
  parameterMark,
} from "./paths.ts";
import { registerBuffer, registerModule, registerParameter } from "./registration.ts";
import { moduleText } from "./repr.ts";
import type { IncompatibleKeys, StateDict, StateDictOptions } from "./state-dict.ts";
import { collectStateDict, saveOwnState } from "./state-dict.ts";
import type { NamedModulesOptions, NamedTensorsOptions } from "./traversal.ts";
import { namedBuffers, namedChildren, namedModules, namedParameters, valuesOf } from "./traversal.ts";

/**
 * What `forward` of a module takes and gives before its class says more. Not `unknown`: a loop over modules of any
 * class, `x = layer(x)`, has to compile.
 */
// oxlint-disable-next-line typescript/no-explicit-any
type Anything = any;

/** The dotted names of the parameters of a network. */
export type ParameterPath<M> = TensorPath<M, Module, typeof parameterMark>;

/** The dotted names of the buffers of a network. */
export type BufferPath<M> = TensorPath<M, Module, typeof bufferMark>;

/** The dotted names of the modules of a network, itself (`""`) included. */
export type ModulePath<M> = SubmodulePath<M, Module>;

/** The module that a dotted name means. */
export type SubmoduleAt<M, Path extends string> = SubmoduleOf<M, Module, Path>;

/** See the class. */
export interface Module {
  /** Runs the module: its hooks and `forward`. */
  (...input: Parameters<this["forward"]>): ReturnType<this["forward"]>;
  readonly [moduleMark]: true;
  readonly [moduleBrand]: true;
  /** What beside tensors belongs to the module's state dict. Define it together with `setExtraState`. */
  getExtraState?(): unknown;
  /** Takes back what `getExtraState` gave. */
  setExtraState?(state: unknown): void;
}

/**
 * The base of all networks and layers. Its fields that hold a Parameter, a Buffer or a Module are its parameters,
 * buffers and children, in the order in which they are defined. A module is called like a function.
 *
 * Differs from PyTorch: a value of the wrong kind in such a field is found at the next walk or call.
 *
 * @example
 * class Net extends Module {
 *   linear1 = new Linear(10, 5);
 *   linear2 = new Linear(5, 2);
 *   override forward(x: Tensor): Tensor { return this.linear2(this.linear1(x)); }
 * }
 * const net = new Net();
 * for (const [name, parameter] of net.namedParameters()) console.log(name, String(parameter.shape));
 * net.getParameter("linear1.weight"); // checked by the compiler
 */
export class Module extends Hookable {
  /** Whether the module is in training mode; see `train` and `eval`. */
  training: boolean = true;

  /**
   * What the module computes. Define it; call the module itself, so that hooks run.
   *
   * Throws: PyTorch's NotImplementedError where a class does not define it.
   */
  forward(..._input: Anything[]): Anything {
    throw torchError(
      "NotImplementedError",
      `Module [${this.getName()}] is missing the required "forward" function`,
    );
  }

  /** The parameters, each once. */
  parameters(options: { readonly recurse?: boolean } = {}): Generator<Parameter, undefined> {
    return valuesOf(namedParameters(this, options));
  }

  /** The parameters with their dotted names: a module's own before its children's. */
  namedParameters<M extends Module>(this: M): Generator<[ParameterPath<M> & string, Parameter], undefined>;
  namedParameters(options: NamedTensorsOptions): Generator<[string, Parameter], undefined>;
  namedParameters(options?: NamedTensorsOptions): Generator<[string, Parameter], undefined> {
    return namedParameters(this, options);
  }

  /** The buffers, each once, those that are not persistent included. */
  buffers(options: { readonly recurse?: boolean } = {}): Generator<Tensor, undefined> {
    return valuesOf(namedBuffers(this, options));
  }

  /** The buffers with their dotted names. */
  namedBuffers<M extends Module>(this: M): Generator<[BufferPath<M> & string, Tensor], undefined>;
  namedBuffers(options: NamedTensorsOptions): Generator<[string, Tensor], undefined>;
  namedBuffers(options?: NamedTensorsOptions): Generator<[string, Tensor], undefined> {
    return namedBuffers(this, options);
  }

  /** The modules directly in this one, each once. */
  children(): Generator<Module, undefined> {
    return valuesOf(namedChildren<Module>(this));
  }

  /** The modules directly in this one with their names. */
  namedChildren(): Generator<[string, Module], undefined> {
    return namedChildren<Module>(this);
  }

  /** This module and all modules in it, each once. */
  modules(): Generator<Module, undefined> {
    return valuesOf(namedModules<Module>(this));
  }

  /** This module, named `""`, and all modules in it with their dotted names. */
  namedModules(options: NamedModulesOptions<Module> = {}): Generator<[string, Module], undefined> {
    return namedModules<Module>(this, options);
  }

  /**
   * The parameter of a dotted name. A misspelt literal does not compile; a `string` is checked at run time, and so is
   * a template with some name of the network in its reach.
   *
   * Throws: PyTorch's AttributeError where there is none; its hint lists the nearest names.
   *
   * @example
   * net.getParameter("linear1.weight").shape; // torch.Size([5, 10])
   */
  getParameter<M extends Module, const P extends string>(
    this: M,
    target: Checked<P, ParameterPath<M>>,
  ): Parameter {
    return getParameter(this, target);
  }

  /** The buffer of a dotted name, as `getParameter`; null for a slot that is empty. */
  getBuffer<M extends Module, const P extends string>(this: M, target: Checked<P, BufferPath<M>>): Tensor {
    return getBuffer(this, target) as Tensor;
  }

  /** The module of a dotted name, as `getParameter`; `""` is this module. */
  getSubmodule<M extends Module, const P extends string>(
    this: M,
    target: Checked<P, ModulePath<M>>,
  ): SubmoduleAt<M, P> {
    return getSubmodule<Module>(this, target) as SubmoduleAt<M, P>;
  }

  /**
   * Puts a module in the place of another, or where there was none; with `strict` only in the place of another.
   *
   * Throws: PyTorch's ValueError and AttributeErrors for targets that cannot be.
   */
  setSubmodule(target: string, module: Module, options: { readonly strict?: boolean } = {}): void {
    setSubmodule(this, target, module, options.strict ?? false);
  }

  /**
   * Makes a name a parameter of this module; null keeps the place for one.
   *
   * Throws: PyTorch's errors for names that are taken, empty or dotted, and for values of another kind.
   */
  registerParameter(name: string, parameter: Parameter | null): void {
    registerParameter(this, name, parameter);
  }

  /** Makes a name a buffer of this module, as `registerParameter`; by default it belongs to the state dict. */
  registerBuffer(name: string, tensor: Tensor | null, options: BufferOptions = {}): void {
    registerBuffer(this, name, tensor, options.persistent ?? true);
  }

  /** Makes a name a child of this module, as `registerParameter`. */
  addModule(name: string, module: Module | null): void {
    registerModule(this, name, module);
  }

  /** The same as `addModule`. */
  registerModule(name: string, module: Module | null): void {
    registerModule(this, name, module);
  }

  /**
   * Calls a function with every module, children first.
   *
   * @example
   * net.apply((module) => { if (module instanceof Linear) init.zeros_(module.weight); });
   */
  apply(visit: (module: Module) => void): this {
    for (const child of this.children()) child.apply(visit);
    visit(this);
    return this;
  }

  /** Sets training mode, for this module and all in it. Throws: PyTorch's ValueError for what is no boolean. */
  train(mode: boolean = true): this {
    if (typeof mode !== "boolean") throw torchError("ValueError", "training mode is expected to be boolean");
    this.training = mode;
    for (const child of this.children()) child.train(mode);
    return this;
  }

  /** Ends training mode: `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Sets whether all parameters collect gradients. */
  requiresGrad_(requiresGrad: boolean = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Forgets the gradients of all parameters, or with `setToNone: false` sets them to zeros. */
  zeroGrad(options: { readonly setToNone?: boolean } = {}): void {
    for (const parameter of this.parameters()) {
      const { grad } = parameter;
      if (grad === null) continue;
      if (options.setToNone ?? true) {
        parameter.grad = null;
        continue;
      }
      if (gradFnOf(grad) === null) grad.requiresGrad_(false);
      else grad.detach_();
      grad.zero_();
    }
  }

  /**
   * Changes the dtype of all floating-point and complex tensors, or the device of all; in place, with PyTorch's rules:
   * parameters stay the same objects, buffers are replaced.
   *
   * Throws: PyTorch's TypeError for integer dtypes, its errors for devices that are not there and for data that is not.
   *
   * @example
   * net.to("float64");
   * net.to({ dtype: dtypes.bfloat16 });
   */
  to(target: ModuleToTarget): this {
    convertTo(this, target);
    return this;
  }

  /** Changes the dtype of all tensors. */
  type(dtype: DType | string): this {
    convertAll(this, toDtype(dtype));
    return this;
  }

  /** Floating-point tensors to float32. */
  float(): this {
    convertFloats(this, dtypes.float32);
    return this;
  }

  /** Floating-point tensors to float64. */
  double(): this {
    convertFloats(this, dtypes.float64);
    return this;
  }

  /** Floating-point tensors to float16. */
  half(): this {
    convertFloats(this, dtypes.float16);
    return this;
  }

  /** Floating-point tensors to bfloat16. */
  bfloat16(): this {
    convertFloats(this, dtypes.bfloat16);
    return this;
  }

  /** To the device `"cpu"`, where tensors that have data are. Throws as `to` does. */
  cpu(): this {
    convertTo(this, "cpu");
    return this;
  }

  /** Gives all tensors fresh memory on a device, without values. Differs from PyTorch: the memory is zeroed. */
  toEmpty(options: { readonly device: DeviceName }): this {
    toEmpty(this, options.device);
    return this;
  }

  /**
   * The parameters and persistent buffers by name, as leaves over the same bytes.
   *
   * @example
   * net.stateDict().get("linear1.weight");
   */
  stateDict(options: StateDictOptions = {}): StateDict {
    return collectStateDict(this, options);
  }

  /**
   * Copies the values of a state dict into this network, converting dtypes; with `assign` takes its tensors over.
   *
   * Throws: `LoadStateDictError` with PyTorch's text, which lists all that does not fit. Nothing is changed then.
   *
   * @example
   * net.loadStateDict(other.stateDict()); // <All keys matched successfully>
   */
  loadStateDict(stateDict: StateSource, options: LoadStateDictOptions = {}): IncompatibleKeys {
    return loadStateDict(this, stateDict, options);
  }

  /** The version of this class's names in state dicts, for classes that changed them. */
  get stateVersion(): number {
    return 1;
  }

  /** Adds this module's own entries to a state dict. Override it for entries of another making. */
  saveToStateDict(destination: StateDict, prefix: string, keepVars: boolean): void {
    saveOwnState(this, destination, prefix, keepVars);
  }

  /** Looks for this module's own entries in its part of a state dict, which may be changed. Override it to mend old ones. */
  loadFromStateDict(state: Map<string, unknown>, context: LoadContext): void {
    loadOwnState(this, state, context);
  }

  /** What stands between the parentheses of the module's text, before its children: `describe` writes it. */
  extraRepr(): string {
    return "";
  }

  /** The name of the class, as the text begins. */
  getName(): string {
    return (Object.getPrototypeOf(this) as { constructor: { name: string } }).constructor.name;
  }

  /** The module as PyTorch prints it. */
  override toString(): string {
    return moduleText(this);
  }

  static {
    Object.defineProperty(this.prototype, moduleBrand, { value: true });
    printAsText(this.prototype);
  }
}
