/**
 * Parameter groups: which parameters an optimizer changes, with which hyper-parameters.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";
import { floatsOf, optionName, pythonName, setHyper, tupleLike } from "./hyper-parameter.ts";

/** A parameter with its name, as `model.namedParameters()` gives it. */
export type NamedParameter = readonly [name: string, parameter: Tensor];

/**
 * The parameters of one group, and options that differ from the optimizer's. Names are those of the constructor's
 * options; others are kept too, and saved with the optimizer's state.
 */
export interface GroupOptions {
  /** Parameters, or pairs of name and parameter. */
  readonly params: Tensor | Iterable<Tensor | NamedParameter>;
  readonly [option: string]: unknown;
}

/** What an optimizer is made of: parameters, pairs of name and parameter, or groups. */
export type OptimizerParameters = Iterable<Tensor | NamedParameter> | Iterable<GroupOptions>;

/**
 * A group of an optimizer. Hyper-parameters stand under PyTorch's names, which are those in saved files
 * (`group.weight_decay`), and can be changed between steps; the spelling of the options reaches them too.
 */
export interface ParameterGroup {
  params: Tensor[];
  /** The names of the parameters, if they were given with names. */
  param_names?: string[];
  /** The learning rate. */
  lr: number;
  [name: string]: unknown;
}

/** The mark in the table of defaults of what every group has to say itself. */
export const required: unique symbol = Symbol("required");

/**
 * A group as an optimizer keeps it: its options under PyTorch's names, then the defaults it does not set.
 *
 * Throws: PyTorch's errors for what is no group, no tensor, not a leaf, or lacks a required option.
 */
export function makeGroup(given: unknown, defaults: object): ParameterGroup {
  if (typeof given !== "object" || given === null || isTensor(given) || Array.isArray(given)) {
    throw torchError("TypeError", `param_group must be a dict, but got <class '${classNameOf(given)}'>`);
  }
  const options = given as Readonly<Record<string, unknown>>;
  if (options["params"] === undefined) throw torchError("KeyError", "params");
  const { params, names } = parametersOf(options["params"]);
  const group = { params } as unknown as ParameterGroup;
  const givenFloats = floatsOf(options);
  for (const [name, value] of Object.entries(options)) {
    const known = pythonName(name);
    const isKnown = known in defaults;
    if (value === undefined || name === "params") continue;
    const kept = isKnown ? tupleLike((defaults as GroupOptions)[known], value) : value;
    setHyper(group, isKnown ? known : name, kept, givenFloats.has(name));
  }
  if (names !== null) setHyper(group, "param_names", names);
  for (const parameter of params) requireOptimizable(parameter);
  fillGroup(group, defaults);
  if (new Set(params).size !== params.length) {
    warn(
      "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; see github.com/pytorch/pytorch/issues/40967 for more information",
    );
  }
  return group;
}

/** Gives a group the defaults that it lacks, and the spelling of the options as other names for them. */
export function fillGroup(group: ParameterGroup, defaults: object): void {
  const floats = floatsOf(defaults);
  for (const [name, value] of Object.entries(defaults)) {
    if (!Object.hasOwn(group, name)) {
      if (value === required) {
        throw torchError(
          "ValueError",
          `parameter group didn't specify a value of required optimization parameter ${name}`,
        );
      }
      setHyper(group, name, value, floats.has(name));
    }
    const alias = optionName(name);
    if (alias === name || Object.hasOwn(group, alias)) continue;
    Object.defineProperty(group, alias, {
      get: () => group[name],
      set: (changed: unknown) => {
        setHyper(group, name, changed);
      },
      enumerable: false,
      configurable: true,
    });
  }
}

/**
 * Refuses a group that does not go with the others.
 *
 * Throws: PyTorch's ValueErrors for a parameter in two groups, and for groups with and without names together.
 */
export function requireFitting(group: ParameterGroup, others: readonly ParameterGroup[]): void {
  const taken = new Set<Tensor>();
  const isNamed = group.param_names !== undefined;
  for (const other of others) {
    for (const parameter of other.params) taken.add(parameter);
    if (isNamed !== (other.param_names !== undefined)) {
      throw torchError(
        "ValueError",
        `all optimizer param groups should be with/without names. cannot add param group ${isNamed ? "with names" : "without names"} to the optimizer`,
      );
    }
  }
  if (group.params.some((parameter) => taken.has(parameter))) {
    throw torchError("ValueError", "some parameters appear in more than one parameter group");
  }
}

function parametersOf(given: unknown): { params: Tensor[]; names: string[] | null } {
  if (isTensor(given)) return { params: [given], names: null };
  if (given instanceof Set) {
    throw torchError(
      "TypeError",
      "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead.",
    );
  }
  if (!isIterable(given)) throw torchError("TypeError", `'${classNameOf(given)}' object is not iterable`);
  const params: Tensor[] = [];
  const names: string[] = [];
  for (const item of given) {
    const isPair = Array.isArray(item) && item.length === 2 && typeof item[0] === "string";
    const parameter: unknown = isPair ? item[1] : item;
    if (isPair) names.push(item[0] as string);
    params.push(parameter as Tensor);
  }
  if (names.length > 0 && names.length < params.length) {
    throw torchError(
      "ValueError",
      "all optimizer params should be with/without names. Some param names are missing",
    );
  }
  return { params, names: names.length > 0 ? names : null };
}

/** Whether a value can be walked with `for … of`. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function requireOptimizable(parameter: unknown): void {
  if (!isTensor(parameter)) {
    throw torchError(
      "TypeError",
      `optimizer can only optimize Tensors, but one of the params is ${typeNameOf(parameter)}`,
    );
  }
  if (!parameter.isLeaf && !parameter.retainsGrad) {
    throw torchError("ValueError", "can't optimize a non-leaf Tensor");
  }
}

/** The name of a value's Python class, with its module where it is a tensor. */
function classNameOf(value: unknown): string {
  if (!isTensor(value)) return typeNameOf(value);
  return "isParameter" in value ? "torch.nn.parameter.Parameter" : "torch.Tensor";
}

/** The name of the class of a value that is no tensor; modules here are functions. */
function typeNameOf(value: unknown): string {
  return typeof value === "function" ? value.constructor.name : pythonTypeName(value);
}
