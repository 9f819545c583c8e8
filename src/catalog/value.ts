/**
 * The value tree: what a file holds beside and around its tensors, as inert data that keeps Python's kinds apart.
 *
 * `1` and `1.0`, a tuple and a list, `str` and `bytes` are different things to PyTorch, so they are here. Everything is
 * structured-cloneable. Trees may share nodes and may contain cycles: walks are iterative and remember what they saw.
 */

/** Any Python value. `None` is null, `int` a number when it is safe and else a bigint, `str` a string, `bool` a boolean. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | FloatValue
  | ComplexValue
  | BytesValue
  | ListValue
  | TupleValue
  | SetValue
  | DictValue
  | GlobalValue
  | ObjectValue
  | PersistentValue
  | TensorValue;

/** A Python `float`, wrapped so that `1.0` is not `1`. */
export interface FloatValue {
  readonly kind: "float";
  readonly value: number;
}

/** A Python `complex`. */
export interface ComplexValue {
  readonly kind: "complex";
  readonly re: number;
  readonly im: number;
}

/** `bytes`, or `bytearray` when mutable. */
export interface BytesValue {
  readonly kind: "bytes";
  readonly bytes: Uint8Array;
  readonly mutable: boolean;
}

/** A `list`. */
export interface ListValue {
  readonly kind: "list";
  readonly items: Value[];
}

/** A `tuple`. */
export interface TupleValue {
  readonly kind: "tuple";
  readonly items: Value[];
}

/** A `set` or `frozenset`, in the order of the file. */
export interface SetValue {
  readonly kind: "set";
  readonly frozen: boolean;
  readonly items: Value[];
}

/**
 * A `dict`, an `OrderedDict`, or another known mapping. Items are keyed by `keyOf(key)`, so that equal Python keys
 * meet and `1` and `"1"` do not; a repeated key keeps its first place and its last value, as in Python.
 */
export interface DictValue {
  readonly kind: "dict";
  /** `"dict"`, or the qualified name of the class: `"collections.OrderedDict"`. */
  readonly class: string;
  readonly items: Map<string, DictItem>;
  /** What the file attached to the object itself: an OrderedDict of a state dict carries `_metadata`. */
  attributes: Value;
  /** What was attached by further BUILDs, in order. */
  moreStates?: Value[];
  /** What its class was called with beside the items: a tuple with the factory of a defaultdict. */
  readonly args?: Value;
}

/** A key and its value. */
export interface DictItem {
  readonly key: Value;
  readonly value: Value;
}

/** A class or function named by the file: never resolved, never called. One node a name and pickle. */
export interface GlobalValue {
  readonly kind: "global";
  /** The module as Python 3 calls it: `"builtins"` where the file says `__builtin__`. */
  readonly module: string;
  readonly name: string;
  /** Only on globals given by a number of the writing program's `copyreg` registry: that number. */
  readonly extension?: number;
}

/**
 * What a call or an instance would be if the file's code ran: the callable, its arguments, and what was then put into
 * the result. Nothing of it has run.
 */
export interface ObjectValue {
  readonly kind: "object";
  /**
   * How the pickle makes it: a call of a function or class (`reduce`), an instance without `__init__` (`new`), a
   * global whose module or name is not a string (`lookup`, both in `args`), or a state or items put on something that
   * the pickle did not make (`extend`, that thing in `callable`). The last two occur in hostile files only.
   */
  readonly made: "reduce" | "new" | "lookup" | "extend";
  /** The function or class; nearly always a global, in hostile files anything. */
  readonly callable: Value;
  readonly args: Value;
  readonly kwargs: Value;
  /** The state of BUILD; null when there was none. Several BUILDs stand in a row as a list in `moreStates`. */
  state: Value;
  moreStates?: Value[];
  /** Values appended to it (list subclasses, deques, sets). */
  appended?: Value[];
  /** Items set on it (dict subclasses). */
  items?: DictItem[];
}

/** A reference that only the file format can resolve, such as a storage. */
export interface PersistentValue {
  readonly kind: "persistent";
  readonly id: Value;
  /** Only on buffers of protocol 5 that lie outside the pickle; `id` is then their number. */
  readonly outOfBand?: true;
}

/** A tensor of the catalog: `entries[entry]`. */
export interface TensorValue {
  readonly kind: "tensor";
  readonly entry: number;
}

/** A value that is an object with a `kind`. */
export type NodeValue = Exclude<Value, null | boolean | number | bigint | string>;

/**
 * A Python float: `pyFloat(1)` is `1.0`, where a plain `1` is the integer.
 *
 * @example
 * pyFloat(1); // { kind: "float", value: 1 }
 */
export function pyFloat(value: number): FloatValue {
  return { kind: "float", value };
}

/** A dictionary without items; `args` as in `DictValue`. */
export function newDict(className: string = "dict", args?: Value): DictValue {
  const dict: DictValue = { kind: "dict", class: className, items: new Map(), attributes: null };
  return args === undefined ? dict : { ...dict, args };
}

/** Tuples of more parts than this, nested ones counted, are told apart by identity: hashing has to end. */
const longestTupleKey = 256;

/** Characters beyond which a tuple is told apart by identity. */
const longestKeyText = 65_536;

const identities = new WeakMap<NodeValue, string>();
let identityCount = 0;

function identityOf(value: NodeValue): string {
  let identity = identities.get(value);
  if (identity === undefined) {
    identity = `#${identityCount++}`;
    identities.set(value, identity);
  }
  return identity;
}

function keyOfNumber(value: number): string {
  if (!Number.isInteger(value)) return `f${value}`;
  return Number.isSafeInteger(value) ? `i${value}` : `i${BigInt(value)}`;
}

/** The key of what has no parts; undefined for tuples and frozen sets. */
function keyOfLeaf(key: Value): string | undefined {
  switch (typeof key) {
    case "string":
      return `s${key}`;
    case "number":
      return keyOfNumber(key);
    case "bigint":
      return `i${key}`;
    case "boolean":
      return key ? "i1" : "i0";
  }
  if (key === null) return "n";
  switch (key.kind) {
    case "float":
      return Number.isNaN(key.value) ? identityOf(key) : keyOfNumber(key.value);
    case "complex":
      if (Number.isNaN(key.re) || Number.isNaN(key.im)) return identityOf(key);
      // Adding 0 turns -0 into 0, which is equal to it.
      return key.im === 0 ? keyOfNumber(key.re) : `c${key.re + 0},${key.im}`;
    case "bytes":
      return key.mutable || key.bytes.length > longestKeyText ? identityOf(key) : `b${key.bytes.join(",")}`;
    case "global":
      return `g${key.module}\n${key.name}`;
    case "tuple":
      return identities.get(key);
    case "set":
      return key.frozen ? identities.get(key) : identityOf(key);
    default:
      return identityOf(key);
  }
}

/** A tuple or frozen set whose parts are being collected. */
interface OpenKey {
  readonly node: TupleValue | SetValue;
  readonly parts: string[];
}

/**
 * A string that is the same for two Python values exactly when a dictionary takes them for the same key: `1`, `1.0` and
 * `True` meet, `"1"` differs, tuples and frozen sets count by content. What has no hash in Python (lists), objects, and
 * tuples too long to compare count by identity. The string holds for one process, and is no name.
 *
 * @example
 * keyOf(1) === keyOf(pyFloat(1)); // true
 * dict.items.get(keyOf("lr"))?.value;
 */
export function keyOf(key: Value): string {
  const leaf = keyOfLeaf(key);
  if (leaf !== undefined) return leaf;
  const root = key as TupleValue | SetValue;
  const open: OpenKey[] = [{ node: root, parts: [] }];
  let count = 0;
  let characters = 0;
  for (;;) {
    const { node, parts } = open.at(-1)!;
    let part: string | undefined;
    if (parts.length < node.items.length) {
      const item = node.items[parts.length]!;
      part = keyOfLeaf(item);
      count++;
      characters += part?.length ?? 0;
      if (count > longestTupleKey || characters > longestKeyText) return identityOf(root);
      if (part === undefined) {
        open.push({ node: item as TupleValue | SetValue, parts: [] });
        continue;
      }
    } else {
      // Each part carries its length, so that no text in it can be taken for a border.
      const lengths = (node.kind === "set" ? parts.toSorted() : parts).map(
        (text) => `${text.length}:${text}`,
      );
      part = `${node.kind === "set" ? "z" : "t"}${lengths.join("")}`;
      open.pop();
      if (open.length === 0) return part;
    }
    open.at(-1)!.parts.push(part);
  }
}
