/**
 * The pickled tree of a TorchScript archive in the form that a pickled `nn.Module` has, so that one walk lists both: the
 * class texts tell which attributes are parameters, which buffers, and which modules.
 */

import type { DictValue, NodeValue, ObjectValue, Value } from "../catalog/value.ts";
import { keyOf, newDict } from "../catalog/value.ts";
import { inferKind } from "../catalog/kind.ts";
import { dtypes } from "../dtype.ts";
import { isKind } from "../pickle/globals.ts";
import type { TorchReader } from "../pickle/torch.ts";
import { replaceHeld, visitNodes, walk } from "./nodes.ts";
import type { KindFacts } from "./state-dict.ts";
import { itemOf } from "./state-dict.ts";
import type { ScriptClass } from "./torchscript-code.ts";

/** The class of an object of the program, or undefined. */
export type ScriptClassOf = (module: string, name: string) => ScriptClass | undefined;

/** Functions that give a list or a dictionary its type, and do nothing else. Source: torch/jit/_pickle.py. */
const tags: ReadonlySet<string> = new Set([
  "build_intlist",
  "build_tensorlist",
  "build_doublelist",
  "build_boollist",
  "restore_type_tag",
]);

/** The value that a typed one is, however often it was given a type. */
function untagged(value: Value, known: Map<Value, Value>): Value {
  const passed: Value[] = [];
  let inner = value;
  // A tag around itself exists in hostile files only; whatever it then comes to is inert.
  while (isTag(inner) && !known.has(inner) && passed.length < 1000) {
    passed.push(inner);
    inner = isKind(inner.args, "tuple") ? inner.args.items[0]! : null;
  }
  inner = known.get(inner) ?? inner;
  for (const tag of passed) known.set(tag, inner);
  return inner;
}

function isTag(value: Value): value is ObjectValue {
  return (
    isKind(value, "object") &&
    value.made === "reduce" &&
    isKind(value.callable, "global") &&
    value.callable.module === "torch.jit._pickle" &&
    tags.has(value.callable.name) &&
    isKind(value.args, "tuple") &&
    value.args.items.length > 0
  );
}

/** Puts lists and dictionaries in the place of calls that only give them a type. The tree is changed. */
export function withoutTags(root: Value): Value {
  const known = new Map<Value, Value>();
  const plain = untagged(root, known);
  visitNodes(plain, (node) => {
    replaceHeld(node, (value) => {
      const inner = untagged(value, known);
      return inner === value ? undefined : inner;
    });
  });
  return plain;
}

/** What was found while a tree was given the form of modules. */
export interface ScriptedModules {
  /** Whether the root is a module. */
  readonly isModule: boolean;
  /** Values that hold the weights of quantized and packed layers, which are neither parameters nor buffers. */
  readonly packed: readonly Value[];
  /** Lists in which recurrent layers keep their own parameters once more, with the module's parameters. */
  readonly flatWeights: readonly FlatWeights[];
}

/** The list `_flat_weights` of a module, and its parameters. */
interface FlatWeights {
  readonly list: Value[];
  readonly parameters: readonly Value[];
}

/** Gives every module of the tree the state that an `nn.Module` has. The tree is changed. */
export function shapeModules(root: Value, classOf: ScriptClassOf): ScriptedModules {
  const packed: Value[] = [];
  const flatWeights: FlatWeights[] = [];
  // Each module has a list of its own; one that many share, in hostile files, is looked at once.
  const lists = new Set<Value>();
  const shaped = new Map<Value, DictValue>();
  const isModule = (value: Value | undefined): boolean => moduleClass(value, classOf) !== undefined;
  const rootIsModule = isModule(root);
  visitNodes(root, (node) => {
    if (isPacked(node)) packed.push(node.state);
    const found = moduleClass(node, classOf);
    if (found === undefined || !isKind(node, "object")) return;
    if (isKind(node.state, "tuple")) packed.push(node.state);
    let state = shaped.get(node.state);
    if (state === undefined) {
      state = moduleState(node.state, found, isModule);
      shaped.set(node.state, state);
      const list = itemOf(state, "_flat_weights");
      const parameters = itemOf(state, "_parameters");
      if (isKind(list, "list") && isKind(parameters, "dict") && !lists.has(list)) {
        lists.add(list);
        flatWeights.push({
          list: list.items,
          parameters: [...parameters.items.values()].map(({ value }) => value),
        });
      }
    }
    node.state = state;
  });
  return { isModule: rootIsModule, packed, flatWeights };
}

function moduleClass(value: Value | undefined, classOf: ScriptClassOf): ScriptClass | undefined {
  if (!isKind(value, "object") || value.made !== "new" || !isKind(value.callable, "global")) return undefined;
  const found = classOf(value.callable.module, value.callable.name);
  return found?.isModule === true ? found : undefined;
}

/** Objects of PyTorch's own C++ classes hold the operands of quantized and prepacked layers. */
function isPacked(node: NodeValue): node is ObjectValue {
  return (
    node.kind === "object" &&
    isKind(node.callable, "global") &&
    node.callable.module.startsWith("__torch__.torch.classes.")
  );
}

function put(dict: DictValue, key: string, value: Value): void {
  dict.items.set(keyOf(key), { key, value });
}

/** The attributes of a module, sorted into what `nn.Module` keeps apart. */
function moduleState(
  state: Value,
  { parameters, buffers, stateNames }: ScriptClass,
  isModule: (value: Value) => boolean,
): DictValue {
  const sorted = newDict();
  const groups = { _parameters: newDict(), _buffers: newDict(), _modules: newDict() };
  for (const [name, group] of Object.entries(groups)) put(sorted, name, group);
  for (const [name, value] of attributesOf(state, stateNames)) {
    if (parameters.has(name)) put(groups._parameters, name, value);
    else if (buffers.has(name)) put(groups._buffers, name, value);
    else if (isModule(value)) put(groups._modules, name, value);
    else put(sorted, name, value);
  }
  return sorted;
}

/** Attributes by name; a state that is a tuple has those of `__setstate__`, or the places of its items. */
function attributesOf(state: Value, names: ReadonlyMap<number, string>): [string, Value][] {
  if (isKind(state, "dict")) {
    return [...state.items.values()].flatMap(({ key, value }): [string, Value][] =>
      typeof key === "string" ? [[key, value]] : [],
    );
  }
  const items = isKind(state, "tuple") ? state.items : state === null ? [] : [state];
  return items.map((value, index) => [names.get(index) ?? String(index), value]);
}

/** Where the elements of a strided tensor lie; null for other values. */
function viewOf(torch: TorchReader, value: Value): string | null {
  const record = torch.tensor(value)?.record;
  if (record?.layout.layout !== "strided") return null;
  const { storage, offset, stride } = record.layout;
  return JSON.stringify([storage.key, record.dtype, offset, record.shape, stride]);
}

/**
 * Puts a module's parameters in the place of tensors over the same elements in its list of them: the list is PyTorch's
 * own, and no tie of the network. Most archives refer to the parameters themselves; not all do.
 */
export function joinFlatWeights({ list, parameters }: FlatWeights, torch: TorchReader): void {
  const byView = new Map(parameters.map((parameter) => [viewOf(torch, parameter), parameter]));
  byView.delete(null);
  for (const [index, value] of list.entries()) list[index] = byView.get(viewOf(torch, value)) ?? value;
}

/** Collects what is known of tensors whose place does not tell it: of packed weights and of constants. */
export class ScriptKinds {
  readonly kinds: Map<Value, KindFacts> = new Map();
  readonly #torch: TorchReader;
  readonly #seen: Set<Value> = new Set();

  constructor(torch: TorchReader) {
    this.#torch = torch;
  }

  /** Weights inside packed values: parameters of the network, which PyTorch no longer counts as such. */
  addPacked(value: Value): void {
    this.#add(value, (dtype) => ({ kind: inferKind("", dtypes[dtype]), kindFrom: "inferred" }));
  }

  /** All other attributes: tensors of which the classes say neither. */
  addAttributes(value: Value): void {
    this.#add(value, () => ({ kind: "buffer", kindFrom: "inferred" }));
  }

  /** Constants of the program: weights of a frozen network, or any tensor that its code spells out. */
  addConstants(value: Value): void {
    this.#add(value, () => ({ kind: "tensor", kindFrom: "unknown" }));
  }

  #add(root: Value, factsOf: (dtype: keyof typeof dtypes) => Pick<KindFacts, "kind" | "kindFrom">): void {
    walk(root, (node) => {
      if (this.#seen.has(node)) return false;
      this.#seen.add(node);
      const reading = this.#torch.tensor(node);
      if (reading?.record) {
        const { dtype, requiresGrad } = reading.record;
        this.kinds.set(node, { ...factsOf(dtype), requiresGrad });
      }
      return reading === undefined;
    });
  }
}
