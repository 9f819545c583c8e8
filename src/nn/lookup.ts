/**
 * Finding and replacing what a dotted name means, with PyTorch's errors; the hint lists the nearest names.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { isModule } from "./module-record.ts";
import { nearestNames } from "./nearest-names.ts";
import type { Parameter } from "./parameter.ts";
import { isParameter } from "./parameter.ts";
import { assign } from "./registration.ts";
import { attributeOf, hasAttribute, noteSlots, slotsOf } from "./slots.ts";
import { namedBuffers, namedModules, namedParameters } from "./traversal.ts";

type Found = "parameter" | "buffer" | "module";

/** `getSubmodule`: see `Module`. */
export function getSubmodule<M extends ModuleProtocol>(root: M, target: string): M {
  requireText(target, "split");
  return walk(root, target, target, root, "module");
}

/** A name of another kind meets PyTorch's error for the method of a string that it would be asked for. */
function requireText(target: unknown, method: "split" | "rpartition"): void {
  if (typeof target === "string") return;
  throw torchError("AttributeError", `'${pythonTypeName(target)}' object has no attribute '${method}'`);
}

function walk<M extends ModuleProtocol>(root: M, path: string, target: string, hintRoot: M, kind: Found): M {
  if (path === "") return root;
  let module = root;
  for (const name of path.split(".")) {
    const value = attribute(module, name, target, hintRoot, kind);
    if (!isModule(value)) throw notOne(name, "an nn.Module", target, hintRoot, kind);
    module = value as M;
  }
  return module;
}

function attribute(
  module: ModuleProtocol,
  name: string,
  target: string,
  root: ModuleProtocol,
  kind: Found,
): unknown {
  if (!isAttribute(module, name)) {
    throw torchError(
      "AttributeError",
      `${module.getName()} has no attribute \`${name}\``,
      nearest(root, target, kind),
    );
  }
  return attributeOf(module, name);
}

/** `in_features` is an attribute where `inFeatures` is one. */
function isAttribute(module: ModuleProtocol, name: string): boolean {
  return hasAttribute(module, name) || hasAttribute(module, camelCase(name));
}

function camelCase(name: string): string {
  return name.replaceAll(/(?<!^)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function notOne(name: string, what: string, target: string, root: ModuleProtocol, kind: Found): Error {
  return torchError("AttributeError", `\`${name}\` is not ${what}`, nearest(root, target, kind));
}

function nearest(root: ModuleProtocol, target: string, kind: Found): string | undefined {
  const walks = { parameter: namedParameters, buffer: namedBuffers, module: namedModules };
  const named: Iterable<readonly [string, unknown]> = walks[kind](root);
  return nearestNames(
    target,
    Array.from(named, ([name]) => name),
  );
}

function splitTarget(target: string): [path: string, name: string] {
  const dot = target.lastIndexOf(".");
  return dot < 0 ? ["", target] : [target.slice(0, dot), target.slice(dot + 1)];
}

/** `getParameter`: see `Module`. */
export function getParameter(root: ModuleProtocol, target: string): Parameter {
  requireText(target, "rpartition");
  const [path, name] = splitTarget(target);
  const module = walk(root, path, target, root, "parameter");
  const value = attribute(module, name, target, root, "parameter");
  if (!isParameter(value)) throw notOne(name, "an nn.Parameter", target, root, "parameter");
  return value;
}

/** `getBuffer`: see `Module`. Null for a slot that is empty. */
export function getBuffer(root: ModuleProtocol, target: string): Tensor | null {
  requireText(target, "rpartition");
  const [path, name] = splitTarget(target);
  const module = walk(root, path, target, root, "buffer");
  attribute(module, name, target, root, "buffer");
  const slot = slotsOf(module).find((one) => one.name === name);
  if (slot?.kind !== "buffer") throw notOne(name, "a buffer", target, root, "buffer");
  return slot.value;
}

/** `setSubmodule`: see `Module`. */
export function setSubmodule(
  root: ModuleProtocol,
  target: string,
  value: ModuleProtocol,
  strict: boolean,
): void {
  if (target === "") throw torchError("ValueError", "Cannot set the submodule without a target name!");
  if (!isModule(value)) {
    throw torchError(
      "ValueError",
      `\`module\` is not an nn.Module, found <class '${pythonTypeName(value)}'>`,
    );
  }
  requireText(target, "split");
  const [path, name] = splitTarget(target);
  const parent = walk(root, path, target, root, "module");
  if (strict || isAttribute(parent, name)) {
    const former = attribute(parent, name, target, root, "module");
    if (!isModule(former)) throw notOne(name, "an nn.Module", target, root, "module");
  }
  assign(parent, name, value);
  noteSlots(parent);
}
