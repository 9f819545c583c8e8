/**
 * Networks as case files write them: a class with PyTorch's arguments, containers, and modules put together by steps.
 *
 * Arguments by position stay there, those by name become options under their names in camelCase.
 */

import { rememberPython } from "../../src/catalog/python-facts.ts";
import { Buffer, isModule, Module, Parameter } from "../../src/nn/index.ts";
import * as nn from "../../src/nn/index.ts";
import { assign } from "../../src/nn/registration.ts";
import { attributeOf } from "../../src/nn/slots.ts";
import { arange } from "../../src/ops/creation-sequences.ts";
import { full } from "../../src/ops/creation.ts";
import { randn } from "../../src/ops/random-creation.ts";
import type { PythonValue } from "../../src/tensor/python-repr.ts";
import { Storage } from "../../src/tensor/storage.ts";
import { isTensor, newTensor } from "../../src/tensor/tensor.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { toSize } from "../../src/shape.ts";
import {
  asList,
  asRecord,
  asText,
  CaseError,
  decodeArgument,
  decodeNumber,
  decodeTensor,
} from "./case-data.ts";
import type { CaseRecord } from "./case-data.ts";

type Maker = new (...args: unknown[]) => Module;

/** A network. Throws: `CaseError` for a description without meaning; what the constructors throw. */
export function networkOf(description: unknown): Module {
  const net = asRecord(description, "a network");
  if (net["wrap"] !== undefined) return wrapped(asText(net["wrap"], "wrap"), networkOf(net["of"]));
  const name = asText(net["cls"], "cls");
  switch (name) {
    case "Custom":
      return customModule(net);
    case "Sequential":
    case "ModuleList":
    case "ModuleDict":
      return container(name, net);
    case "ParameterList":
      return make(name, [asList(net["tensors"], "tensors").map((tensor) => tensorOf(tensor))]);
    case "ParameterDict":
      return make(name, [pairsOf(net["named"], tensorOf)]);
    case "TransformerEncoder":
    case "TransformerDecoder":
      if (net["layer"] !== undefined) {
        return make(name, [networkOf(net["layer"]), decodeNumber(net["num_layers"]), optionsOf(net)]);
      }
      break;
    default:
  }
  return make(name, argumentsOf(net));
}

function make(name: string, args: readonly unknown[]): Module {
  const maker = (nn as unknown as Readonly<Record<string, Maker | undefined>>)[name];
  if (maker === undefined) throw new CaseError(`there is no nn.${name}`);
  return new maker(...args);
}

function container(name: string, net: CaseRecord): Module {
  if (net["named"] !== undefined) return make(name, [new Map(pairsOf(net["named"], networkOf))]);
  const items = asList(net["items"], "items").map(networkOf);
  return make(name, name === "Sequential" ? items : [items]);
}

function pairsOf<T>(value: unknown, decode: (value: unknown) => T): [string, T][] {
  return asList(value, "named").map((pair) => {
    const [name, item] = asList(pair, "a pair");
    return [asText(name, "a name"), decode(item)];
  });
}

/** The functions of `torch.nn.utils` that case files name. */
function wrapped(name: string, module: Module): Module {
  const wrappers: Readonly<Record<string, string>> = {
    weight_norm: "weightNorm",
    spectral_norm: "spectralNorm",
  };
  const { utils } = nn as unknown as { utils?: Readonly<Record<string, (module: Module) => Module>> };
  const wrap = utils?.[wrappers[name] ?? name];
  if (wrap === undefined) throw new CaseError(`there is no nn.utils.${name}`);
  return wrap(module);
}

/** `num_layers` becomes `numLayers`. */
function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The keyword arguments as options. */
function optionsOf(net: CaseRecord): Record<string, unknown> {
  const keywords = asRecord(net["kw"] ?? {}, "kw");
  return Object.fromEntries(
    Object.entries(keywords).map(([name, value]) => [camelCase(name), argumentOf(value)]),
  );
}

/** PyTorch's arguments of a class as ours. */
function argumentsOf(net: CaseRecord): unknown[] {
  const options = optionsOf(net);
  const positional = asList(net["args"] ?? [], "args").map(argumentOf);
  return Object.keys(options).length === 0 ? positional : [...positional, options];
}

/**
 * An argument as TypeScript has it: a tuple is an array, a list one that is known to be a list, an integral float a `pyFloat`,
 * a tensor a tensor.
 */
function argumentOf(value: unknown): unknown {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    if ("cls" in value) return networkOf(value);
    if ("fill" in value || "arange" in value || "randn" in value || "dtype" in value) return tensorOf(value);
  }
  return plainValue(decodeArgument(value));
}

function plainValue(value: PythonValue): unknown {
  if (typeof value !== "object" || value === null || !("kind" in value)) return value;
  if (value.kind === "list") return rememberPython(value.items.map(plainValue), { kind: "list" });
  return value.kind === "tuple" ? value.items.map(plainValue) : value;
}

/** A tensor: full elements, or `fill`, `arange`, `randn` of a shape. Throws: `CaseError` for anything else. */
export function tensorOf(value: unknown): Tensor {
  const literal = asRecord(value, "a tensor");
  const options = literal["dtype"] === undefined ? {} : { dtype: asText(literal["dtype"], "dtype") };
  const shape = (of: string): number[] => asList(literal[of], of).map(decodeNumber);
  if (literal["fill"] !== undefined) {
    const value = literal["value"];
    return full(shape("fill"), typeof value === "boolean" ? value : decodeNumber(value), {
      dtype: "float32",
      ...options,
    });
  }
  if (literal["arange"] !== undefined) {
    const count = shape("arange").reduce((product, length) => product * length, 1);
    return arange(count, { dtype: "float32", ...options }).reshape(shape("arange"));
  }
  if (literal["randn"] !== undefined) return randn(...shape("randn"), options);
  const { dtype, shape: lengths, bytes } = decodeTensor(literal);
  const tensor = newTensor(dtype, toSize([...lengths]));
  tensor.storage = new Storage(bytes.buffer, 0, bytes.byteLength, "cpu");
  tensor.items = tensor.storage.itemsOf(dtype);
  return tensor;
}

/** The contiguous elements of a tensor, in little-endian bytes. */
export function bytesOf(tensor: Tensor): Uint8Array {
  const { storage, offset, count, dtype } = tensor.detach().contiguous();
  const start = offset * dtype.itemSize;
  return storage.bytes.subarray(start, start + count * dtype.itemSize);
}

/** What a dotted path leads to: a module, or a tensor or null of one. */
function objectAt(root: Module, path: string): unknown {
  let found: unknown = root;
  for (const name of path.split(".")) {
    if (!isModule(found)) throw new CaseError(`${path} leads through what is no module`);
    found = attributeOf(found, name);
  }
  return found;
}

/** A module of a class of its own, put together step by step. */
function customModule(net: CaseRecord): Module {
  const { [asText(net["name"], "name")]: Class } = {
    [asText(net["name"], "name")]: class extends Module {},
  } as Record<string, typeof Module>;
  const module = new Class!();
  for (const step of asList(net["steps"], "steps")) {
    const [action, name, ...rest] = asList(step, "a step");
    runStep(module, asText(action, "an action"), asText(name, "a name"), rest);
  }
  return module;
}

function runStep(module: Module, action: string, name: string, [first, second]: readonly unknown[]): void {
  switch (action) {
    case "set":
      return assign(module, name, networkOf(first));
    case "param":
      return assign(module, name, new Parameter(tensorOf(first), { requiresGrad: second !== false }));
    case "param_none":
      return module.registerParameter(name, null);
    case "buffer_none":
      return module.registerBuffer(name, null);
    case "module_none":
      return module.addModule(name, null);
    case "buffer":
      return module.registerBuffer(name, new Buffer(tensorOf(first), { persistent: second !== false }), {
        persistent: second !== false,
      });
    case "alias":
      return assign(module, name, objectAt(module, asText(first, "a path")));
    case "tie": {
      const dot = name.lastIndexOf(".");
      const owner = dot < 0 ? module : objectAt(module, name.slice(0, dot));
      if (!isModule(owner)) throw new CaseError(`${name} is nothing of a module`);
      return assign(owner, name.slice(dot + 1), objectAt(module, asText(first, "a path")));
    }
    case "attr":
      return assign(module, name, tensorOf(first));
    case "freeze": {
      const target = objectAt(module, name);
      if (isTensor(target)) target.requiresGrad_(false);
      else (target as Module).requiresGrad_(false);
      return;
    }
    default:
      throw new CaseError(`a step is ${JSON.stringify(action)}, which is none of the known ones`);
  }
}
