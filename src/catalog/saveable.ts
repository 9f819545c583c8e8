/**
 * What a program saves: tensors in maps, lists and objects, with numbers and texts between them, as a document.
 *
 * A tensor is recognised by its parts, so that tensors of any copy of this package, and others laid out alike, can be
 * saved. Nothing is copied: the elements are read when the file is written.
 */

import { MemorySource } from "../bytes/memory-source.ts";
import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { quote, UsageError } from "../errors.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import type { Document, DocumentLeaf, StoredBytes, StoredTensor } from "./document.ts";
import { pythonFactsOf } from "./python-facts.ts";
import { callOfMeta, callOfSize } from "./torch-calls.ts";
import type { DictItem, DictValue, NodeValue, ObjectValue, SetValue, TupleValue, Value } from "./value.ts";
import { keyOf, newDict, pyFloat } from "./value.ts";

/** A tensor of a program, as far as writing needs it. */
export interface LiveTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** In elements, one a dimension. */
  readonly strides: readonly number[];
  /** In elements from the start of the storage. */
  readonly offset: number;
  /** Two tensors share their elements when this object is the same. */
  readonly storage: LiveStorage;
  /** Default false. */
  readonly requiresGrad?: boolean;
  /** Whether it is an `nn.Parameter`; PyTorch then loads one. Default false. */
  readonly isParameter?: boolean;
}

/** The memory of a tensor of a program. */
export interface LiveStorage {
  readonly bytes: Uint8Array;
  readonly byteLength: number;
  /** `"meta"` for a size without bytes; anything else is `"cpu"`. */
  readonly device?: string;
}

/**
 * The key under which a Map says that it is Python's `OrderedDict`, and what is attached to it: an object with
 * `_metadata` for a state dict, or undefined.
 */
export const orderedAttributes: unique symbol = Symbol.for("parascope.orderedAttributes") as never;

/**
 * What can be saved. A Map or a plain object is a `dict`, an array a `list`, a Set a `set`, a Uint8Array `bytes`; an
 * integral number is an `int` and any other a `float` (`pyFloat(1)` says `1.0`). Containers that were loaded from a file
 * remember their tuples and floats. Values of the value tree stand for themselves.
 */
export type Saveable =
  | Value
  | LiveTensor
  | DType
  | Uint8Array
  | readonly Saveable[]
  | ReadonlySet<Saveable>
  | ReadonlyMap<Saveable, Saveable>
  | { readonly [key: string]: Saveable };

const kinds: ReadonlySet<unknown> = new Set([
  "float",
  "complex",
  "bytes",
  "list",
  "tuple",
  "set",
  "dict",
  "global",
  "object",
  "persistent",
  "tensor",
] satisfies NodeValue["kind"][]);

function isLiveTensor(value: object): value is LiveTensor {
  return "dtype" in value && "shape" in value && "strides" in value && "storage" in value;
}

function isNode(value: object): value is NodeValue {
  return "kind" in value && kinds.has(value.kind) && Object.getPrototypeOf(value) === Object.prototype;
}

function refuse(path: Path, found: string): UsageError {
  return new UsageError(`saving ${path.length === 0 ? "a value" : quote(joinPath(path))}: found ${found}`, {
    code: "not-saveable",
    hint: "Tensors, numbers, strings, booleans, null, bytes, lists, sets, Maps and plain objects can be saved.",
  });
}

/** Marks modules of any copy of this package. */
const moduleBrand = Symbol.for("parascope.module");

function refuseModule(path: Path): UsageError {
  return new UsageError(`saving ${path.length === 0 ? "a value" : quote(joinPath(path))}: found a module`, {
    code: "not-saveable",
    hint: "Save what is in it: model.stateDict().",
  });
}

/**
 * A document of a value. What occurs twice is one object in Python too, and cycles are cycles. `levelOf` says how a key
 * that is no text and no number stands in the names of tensors, given its place.
 *
 * Throws: `UsageError` with the place of what cannot be saved.
 *
 * @example
 * documentOf({ epoch: 3, lr: 0.1, betas: { kind: "tuple", items: [pyFloat(0.9), pyFloat(0.999)] } });
 */
export function documentOf(
  value: Saveable,
  levelOf: (key: Value, place: number) => string | number = (_, place) => `<key ${place}>`,
): Document {
  const collector = new Collector(levelOf);
  const root = collector.collect(value);
  return { root, leaves: collector.leaves, storage: () => undefined, metadata: new Map() };
}

class Collector {
  readonly leaves: DocumentLeaf[] = [];
  readonly #known: Map<object, Value> = new Map();
  readonly #tensors: Map<LiveTensor, Omit<DocumentLeaf, "path">> = new Map();
  readonly #storages: Map<LiveStorage, StoredBytes> = new Map();
  readonly #open: (() => void)[] = [];
  readonly #levelOf: (key: Value, place: number) => string | number;

  constructor(levelOf: (key: Value, place: number) => string | number) {
    this.#levelOf = levelOf;
  }

  collect(value: Saveable): Value {
    const root = this.#valueOf(value, []);
    // The list grows while it is worked through.
    for (const fill of this.#open) fill();
    return root;
  }

  #valueOf(value: Saveable, path: Path): Value {
    switch (typeof value) {
      case "string":
      case "boolean":
      case "bigint":
        return value;
      case "number":
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : pyFloat(value);
      case "object":
        break;
      case "function":
        // Parameters and modules may be functions; a tensor among them has a tensor's parts.
        if (isLiveTensor(value as object)) return this.#tensor(value as never, path);
        if (moduleBrand in (value as object)) throw refuseModule(path);
        throw refuse(path, "a function");
      default:
        throw refuse(path, typeof value);
    }
    if (value === null) return null;
    if (isLiveTensor(value)) return this.#tensor(value, path);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const made = this.#nodeOf(value, path);
    this.#known.set(value, made);
    return made;
  }

  #nodeOf(
    value: Exclude<Saveable, LiveTensor | null | boolean | number | bigint | string>,
    path: Path,
  ): Value {
    const { kind, floats } = pythonFactsOf(value);
    if (value instanceof Uint8Array) {
      return { kind: "bytes", bytes: value.slice(), mutable: kind === "bytearray" };
    }
    if (Array.isArray(value)) {
      const items: Value[] = [];
      this.#fill(items, value as readonly Saveable[], path, floats);
      return "numel" in value ? callOfSize(items) : { kind: kind === "tuple" ? kind : "list", items };
    }
    if (value instanceof Map) return this.#map(value as ReadonlyMap<Saveable, Saveable>, path);
    if (value instanceof Set) {
      const set: SetValue = { kind: "set", frozen: kind === "frozenset", items: [] };
      this.#fill(set.items, [...(value as ReadonlySet<Saveable>)], path);
      return set;
    }
    // Before the nodes of a tree, as a dtype's `kind` may be "float" too.
    if ("scalarType" in value && Object.hasOwn(dtypes, (value as DType).name)) {
      return { kind: "global", module: "torch", name: (value as DType).name };
    }
    if (isNode(value)) return this.#node(value, path);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      const name = (value as object).constructor?.name ?? "";
      throw refuse(path, `an object of class ${quote(name)}`);
    }
    return this.#dict("dict", Object.entries(value as { readonly [key: string]: Saveable }), path);
  }

  #fill(items: Value[], from: readonly Saveable[], path: Path, floats?: ReadonlySet<unknown>): void {
    this.#open.push(() => {
      from.forEach((item, index) =>
        items.push(this.#valueOf(asFloat(item, floats?.has(index)), [...path, index])),
      );
    });
  }

  #map(
    map: ReadonlyMap<Saveable, Saveable> & { readonly [orderedAttributes]?: unknown },
    path: Path,
  ): DictValue {
    const { class: className = "dict", args, floats } = pythonFactsOf(map);
    if (!(orderedAttributes in map)) {
      return { ...this.#dict(className, [...map], path, floats), ...(args !== undefined && { args }) };
    }
    const dict = this.#dict("collections.OrderedDict", [...map], path, floats);
    const attributes = map[orderedAttributes] as Saveable | undefined;
    if (attributes !== undefined && attributes !== null) {
      this.#open.push(() => {
        dict.attributes = this.#valueOf(attributes, path);
      });
    }
    return dict;
  }

  #dict(
    className: string,
    pairs: readonly (readonly [Saveable, Saveable])[],
    path: Path,
    floats?: ReadonlySet<unknown>,
  ): DictValue {
    const dict = newDict(className);
    this.#open.push(() => {
      for (const [keyGiven, given] of pairs) {
        const key = this.#key(keyGiven, path);
        const level = this.#level(key, dict.items.size);
        const value = this.#valueOf(asFloat(given, floats?.has(keyGiven)), [...path, level]);
        dict.items.set(keyOf(key), { key, value });
      }
    });
    return dict;
  }

  /** A value of the value tree; containers among them may hold what a program saves. */
  #node(value: NodeValue, path: Path): Value {
    switch (value.kind) {
      case "tensor":
      case "persistent":
        throw refuse(path, "a reference into a file, which is not part of what is saved");
      case "list":
      case "tuple":
      case "set": {
        const copy = { ...value, items: [] };
        this.#fill(copy.items, value.items, path);
        return copy;
      }
      case "dict": {
        const items = [...value.items.values()].map(({ key, value: held }: DictItem) => [key, held] as const);
        const copy: DictValue = { ...value, ...this.#dict(value.class, items, path) };
        this.#open.push(() => {
          copy.attributes = this.#valueOf(value.attributes, path);
        });
        return copy;
      }
      case "object":
        return this.#object(value, path);
      default:
        return value;
    }
  }

  /**
   * An object of a class that is not here. What it holds may be of the program: tensors that were loaded with it. They
   * are named as the readers of pickles name them.
   */
  #object(value: ObjectValue, path: Path): ObjectValue {
    const copy: { -readonly [Field in keyof ObjectValue]: ObjectValue[Field] } = { ...value };
    const numbered = (items: readonly Value[], first: number): Value[] =>
      items.map((item, place) => this.#valueOf(item, [...path, place - first]));
    this.#open.push(() => {
      copy.callable = this.#valueOf(value.callable, path);
      copy.args = isTuple(value.args)
        ? { kind: "tuple", items: numbered(value.args.items, isInstanceMaker(value.callable) ? 1 : 0) }
        : this.#valueOf(value.args, path);
      copy.kwargs = this.#valueOf(value.kwargs, path);
      copy.state = this.#state(value.state, path);
      if (value.moreStates !== undefined) {
        copy.moreStates = value.moreStates.map((state) => this.#state(state, path));
      }
      if (value.appended !== undefined) copy.appended = numbered(value.appended, 0);
      if (value.items !== undefined) {
        copy.items = value.items.map(({ key, value: held }, place) => ({
          key,
          value: this.#valueOf(held, [...path, this.#level(key, place)]),
        }));
      }
    });
    return copy;
  }

  /** Attributes; of a class with slots a pair of them. */
  #state(state: Value, path: Path): Value {
    if (!isTuple(state) || state.items.length !== 2) return this.#valueOf(state, path);
    return { kind: "tuple", items: state.items.map((part) => this.#valueOf(part, path)) };
  }

  #level(key: Value, place: number): string | number {
    return typeof key === "string" || typeof key === "number" ? key : this.#levelOf(key, place);
  }

  /** A key. Tuples in it are complete at once, as they are compared by what is in them. */
  #key(value: Saveable, path: Path): Value {
    if (Array.isArray(value) && pythonFactsOf(value).kind === "tuple") {
      return { kind: "tuple", items: (value as readonly Saveable[]).map((item) => this.#key(item, path)) };
    }
    if (isTuple(value)) return { kind: "tuple", items: value.items.map((item) => this.#key(item, path)) };
    return this.#valueOf(value, path);
  }

  /** A tensor in one of its places: each has a name, and all are one object in Python. */
  #tensor(tensor: LiveTensor, path: Path): Value {
    let facts = this.#tensors.get(tensor);
    if (facts === undefined) {
      const isMeta = tensor.storage.device === "meta";
      facts = {
        made: isMeta ? callOfMeta(tensor) : null,
        wrapper: null,
        tensor: isMeta ? null : this.#stored(tensor),
        why: isMeta ? "it is on the meta device" : null,
      };
      this.#tensors.set(tensor, facts);
    }
    this.leaves.push({ path, ...facts });
    return { kind: "tensor", entry: this.leaves.length - 1 };
  }

  #stored({ dtype, shape, strides, offset, storage, requiresGrad, isParameter }: LiveTensor): StoredTensor {
    let bytes = this.#storages.get(storage);
    if (bytes === undefined) {
      bytes = {
        byteLength: storage.byteLength,
        byteOrder: "little",
        open: () => new MemorySource(storage.bytes),
      };
      this.#storages.set(storage, bytes);
    }
    return {
      dtype,
      shape: [...shape],
      stride: [...strides],
      offset,
      storage: bytes,
      requiresGrad: requiresGrad ?? false,
      isParameter: isParameter ?? false,
      device: "cpu",
    };
  }
}

function isTuple(value: Saveable): value is TupleValue {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "tuple";
}

/** Whether a callable is Python's helper for making instances, which takes the class first. */
function isInstanceMaker(callable: Value): boolean {
  if (typeof callable !== "object" || callable === null || callable.kind !== "global") return false;
  return callable.module === "copyreg" && callable.name.startsWith("__newobj");
}

/** A number where a float stood in the file. */
function asFloat(value: Saveable, isFloat: boolean | undefined): Saveable {
  return isFloat === true && typeof value === "number" ? pyFloat(value) : value;
}
