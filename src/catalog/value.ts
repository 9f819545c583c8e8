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
}

/** A key and its value. */
export interface DictItem {
  readonly key: Value;
  readonly value: Value;
}

/** A class or function named by the file: never resolved, never called. */
export interface GlobalValue {
  readonly kind: "global";
  readonly module: string;
  readonly name: string;
}

/**
 * What a call or an instance would be if the file's code ran: the callable, its arguments, and what was then put into
 * the result. Nothing of it has run.
 */
export interface ObjectValue {
  readonly kind: "object";
  /** How the pickle makes it: a call of a function or class (`reduce`) or an instance without `__init__` (`new`). */
  readonly made: "reduce" | "new";
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
