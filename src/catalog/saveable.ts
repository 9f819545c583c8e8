/**
 * What a program saves: tensors in maps, lists and objects, with numbers and texts between them, as a document.
 *
 * A tensor is recognised by its parts, so that tensors of any copy of this package, and others laid out alike, can be
 * saved. Nothing is copied: the elements are read when the file is written.
 */

import { MemorySource } from "../bytes/memory-source.ts";
import type { DType } from "../dtype.ts";
import { quote, UsageError } from "../errors.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import type { Document, DocumentLeaf, StoredBytes, StoredTensor } from "./document.ts";
import type { DictItem, DictValue, NodeValue, ObjectValue, SetValue, Value } from "./value.ts";
import { keyOf, pyFloat } from "./value.ts";

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
 * integral number is an `int` and any other a `float` (`pyFloat(1)` says `1.0`). Values of the value tree stand for
 * themselves.
 */
export type Saveable =
  | Value
  | LiveTensor
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

/**
 * A document of a value. What occurs twice is one object in Python too, and cycles are cycles.
 *
 * Throws: `UsageError` with the place of what cannot be saved.
 *
 * @example
 * documentOf({ epoch: 3, lr: 0.1, betas: { kind: "tuple", items: [pyFloat(0.9), pyFloat(0.999)] } });
 */
export function documentOf(value: Saveable): Document {
  const collector = new Collector();
  const root = collector.collect(value);
  return { root, leaves: collector.leaves, storage: () => undefined, metadata: new Map() };
}

class Collector {
  readonly leaves: DocumentLeaf[] = [];
  readonly #known: Map<object, Value> = new Map();
  readonly #storages: Map<LiveStorage, StoredBytes> = new Map();
  readonly #open: (() => void)[] = [];

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
    if (value instanceof Uint8Array) return { kind: "bytes", bytes: value.slice(), mutable: false };
    if (Array.isArray(value)) {
      const items: Value[] = [];
      this.#fill(items, value as readonly Saveable[], path);
      return { kind: "list", items };
    }
    if (value instanceof Map) return this.#map(value as ReadonlyMap<Saveable, Saveable>, path);
    if (value instanceof Set) {
      const set: SetValue = { kind: "set", frozen: false, items: [] };
      this.#fill(set.items, [...(value as ReadonlySet<Saveable>)], path);
      return set;
    }
    if (isNode(value)) return this.#node(value, path);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      const name = (value as object).constructor?.name ?? "";
      throw refuse(path, `an object of class ${quote(name)}`);
    }
    return this.#dict("dict", Object.entries(value as { readonly [key: string]: Saveable }), path);
  }

  #fill(items: Value[], from: readonly Saveable[], path: Path): void {
    this.#open.push(() => from.forEach((item, index) => items.push(this.#valueOf(item, [...path, index]))));
  }

  #map(
    map: ReadonlyMap<Saveable, Saveable> & { readonly [orderedAttributes]?: unknown },
    path: Path,
  ): DictValue {
    if (!(orderedAttributes in map)) return this.#dict("dict", [...map], path);
    const dict = this.#dict("collections.OrderedDict", [...map], path);
    const attributes = map[orderedAttributes] as Saveable | undefined;
    if (attributes !== undefined && attributes !== null) {
      this.#open.push(() => {
        dict.attributes = this.#valueOf(attributes, path);
      });
    }
    return dict;
  }

  #dict(className: string, pairs: readonly (readonly [Saveable, Saveable])[], path: Path): DictValue {
    const dict: DictValue = { kind: "dict", class: className, items: new Map(), attributes: null };
    this.#open.push(() => {
      for (const [keyGiven, given] of pairs) {
        const key = this.#valueOf(keyGiven, path);
        const level = typeof key === "string" || typeof key === "number" ? key : `<key ${dict.items.size}>`;
        dict.items.set(keyOf(key), { key, value: this.#valueOf(given, [...path, level]) });
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
      default:
        return value;
    }
  }

  #tensor(tensor: LiveTensor, path: Path): Value {
    const known = this.#known.get(tensor);
    if (known !== undefined) return known;
    const leaf: Value = { kind: "tensor", entry: this.leaves.length };
    this.#known.set(tensor, leaf);
    const isMeta = tensor.storage.device === "meta";
    this.leaves.push({
      path,
      made: isMeta ? metaTensor(tensor) : null,
      wrapper: null,
      tensor: isMeta ? null : this.#stored(tensor),
      why: isMeta ? "it is on the meta device" : null,
    });
    return leaf;
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

/** The call with which PyTorch pickles a tensor without elements. */
function metaTensor({ dtype, shape, strides, requiresGrad }: LiveTensor): ObjectValue {
  const items: Value[] = [
    { kind: "global", module: "torch", name: dtype.name },
    { kind: "tuple", items: [...shape] },
    { kind: "tuple", items: [...strides] },
    requiresGrad ?? false,
  ];
  return {
    kind: "object",
    made: "reduce",
    callable: { kind: "global", module: "torch._utils", name: "_rebuild_meta_tensor_no_storage" },
    args: { kind: "tuple", items },
    kwargs: null,
    state: null,
  };
}
