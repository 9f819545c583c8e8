/**
 * The pickle writer: a tree of values out as Python's own pickler would write the objects it stands for, protocol 2.
 * Objects of unknown classes come out as the calls they came in as.
 *
 * Equal to Python's bytes also in its bookkeeping: which objects are numbered for later reference, in which order, and
 * how long the runs of items are. Nothing recurses; what the tree shares is shared, and cycles are cycles.
 * Source: CPython's Modules/_pickle.c; compared with its output.
 *
 * Note [identity of strings]: Python refers back to a string that is the same object, not to an equal one, and our
 * trees do not know. Literals that look like identifiers, and strings of one character, exist once in Python; others
 * are nearly always computed anew each time. So those are written once, and these each time they occur. The keys of a
 * state dict's `_metadata` are computed even where they look like identifiers. A wrong guess costs bytes, nothing else.
 */

import type {
  BytesValue,
  DictItem,
  DictValue,
  NodeValue,
  ObjectValue,
  PersistentValue,
  TensorValue,
  Value,
} from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { isKind } from "./globals.ts";
import { OpcodeWriter, unwritable } from "./opcode-writer.ts";
import { latin1 } from "./text.ts";

/** A string with an identity of its own: the same node is written once, another of equal text again. */
export class TextNode {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a persistent id is written as. */
export interface PersistentId {
  /** The members of its tuple. */
  readonly items: readonly (Value | TextNode)[];
}

/** What the writer asks about leaves. */
export interface PickleResolver {
  /** What stands for a tensor of the catalog. The same value for the same tensor. */
  tensor(leaf: TensorValue): Value;
  /** The id to write for a persistent reference, or the value to write in its place. */
  persistent(value: PersistentValue): PersistentId | { readonly instead: Value };
}

type Item = Value | TextNode;

/** Items being written one after another. */
interface Run {
  readonly items: readonly Item[];
  at: number;
}

type Step = Run | (() => void);

/** Items in one run of SETITEMS or APPENDS. */
const batchSize = 1000;

/** Texts that exist once in Python; see Note [identity of strings]. */
const interned = /^(?:[A-Za-z0-9_]*|[\u0000-\u00ff])$/;

/**
 * Writes a tree as a pickle of protocol 2.
 *
 * Throws: `UsageError` for what no pickle can hold: buffers outside of the pickle, integers and strings of gigabytes.
 *
 * @example
 * writePickle({ kind: "tuple", items: [1, "a"] });
 */
export function writePickle(root: Value, resolver?: PickleResolver): Uint8Array<ArrayBuffer> {
  return new PickleWriter(resolver).write(root);
}

class PickleWriter {
  readonly #out: OpcodeWriter = new OpcodeWriter();
  readonly #resolver: PickleResolver | undefined;
  readonly #steps: Step[] = [];
  /** Numbers of nodes. */
  readonly #memo: Map<NodeValue | TextNode, number> = new Map();
  /** Numbers of strings and names that exist once. */
  readonly #texts: Map<string, number> = new Map();
  readonly #globals: Map<string, number> = new Map();
  /** Dictionaries whose keys are computed; see Note [identity of strings]. */
  readonly #computedKeys: Set<DictValue> = new Set();

  constructor(resolver: PickleResolver | undefined) {
    this.#resolver = resolver;
  }

  write(root: Value): Uint8Array<ArrayBuffer> {
    this.#out.protocol();
    this.#save(root);
    for (let step = this.#steps.at(-1); step !== undefined; step = this.#steps.at(-1)) {
      if (typeof step === "function") {
        this.#steps.pop();
        step();
      } else if (step.at === step.items.length) {
        this.#steps.pop();
      } else {
        const item = step.items[step.at]!;
        step.at += 1;
        this.#save(item);
      }
    }
    this.#out.op("STOP");
    return this.#out.bytes;
  }

  /** Puts steps on the stack so that the first is the next. */
  #then(...steps: readonly Step[]): void {
    for (let index = steps.length - 1; index >= 0; index -= 1) this.#steps.push(steps[index]!);
  }

  /** Writes one value, or the beginning of one whose parts are then steps. */
  #save(value: Item): void {
    switch (typeof value) {
      case "boolean":
        return this.#out.op(value ? "NEWTRUE" : "NEWFALSE");
      case "number":
        return this.#out.integer(value);
      case "bigint":
        return this.#out.long(value);
      case "string":
        return this.#text(value);
    }
    if (value === null) return this.#out.op("NONE");
    if (value instanceof TextNode) return this.#textNode(value);
    switch (value.kind) {
      case "float":
        return this.#out.float(value.value);
      case "tensor":
        if (this.#resolver === undefined) throw unwritable("a tensor outside of a checkpoint");
        return this.#save(this.#resolver.tensor(value));
      case "persistent":
        return this.#persistent(value);
      case "global":
        return this.#global(value.module, value.name, value.extension);
    }
    const index = this.#memo.get(value);
    if (index === undefined) this.#node(value);
    else this.#out.get(index);
  }

  #node(value: Exclude<NodeValue, { kind: "float" | "tensor" | "persistent" | "global" }>): void {
    switch (value.kind) {
      case "complex":
        return this.#call(value, "builtins", "complex", [
          { kind: "float", value: value.re },
          { kind: "float", value: value.im },
        ]);
      case "bytes":
        return this.#bytes(value);
      case "list":
        this.#out.op("EMPTY_LIST");
        this.#memo.set(value, this.#out.put());
        return this.#then(...this.#appending(value.items, false));
      case "tuple":
        return this.#tuple(value, value.items);
      case "set":
        return this.#call(value, "builtins", value.frozen ? "frozenset" : "set", [
          { kind: "list", items: value.items },
        ]);
      case "dict":
        return this.#dict(value);
      case "object":
        return this.#object(value);
    }
  }

  #text(text: string): void {
    const known = this.#texts.get(text);
    if (known !== undefined) return this.#out.get(known);
    const index = this.#out.unicode(text);
    if (interned.test(text)) this.#texts.set(text, index);
  }

  #textNode(node: TextNode): void {
    const known = this.#memo.get(node);
    if (known === undefined) this.#memo.set(node, this.#out.unicode(node.text));
    else this.#out.get(known);
  }

  #global(module: string, name: string, extension: number | undefined): void {
    if (extension !== undefined) return this.#out.extension(extension);
    const key = `${module}\n${name}`;
    const known = this.#globals.get(key);
    if (known !== undefined) return this.#out.get(known);
    const dot = name.lastIndexOf(".");
    if (dot > 0) {
      // Protocol 2 has no dotted names: Python writes getattr(parent, name) instead.
      this.#then(
        () => this.#global("builtins", "getattr", undefined),
        {
          items: [
            {
              kind: "tuple",
              items: [{ kind: "global", module, name: name.slice(0, dot) }, name.slice(dot + 1)],
            },
          ],
          at: 0,
        },
        () => {
          this.#out.op("REDUCE");
          this.#globals.set(key, this.#out.put());
        },
      );
      return;
    }
    this.#globals.set(key, this.#out.global(module, name));
  }

  #persistent(value: PersistentValue): void {
    if (value.outOfBand === true) throw unwritable("a buffer that lies outside of the pickle");
    const resolved = this.#resolver?.persistent(value);
    if (resolved === undefined)
      return this.#then({ items: [value.id], at: 0 }, () => this.#out.op("BINPERSID"));
    if ("instead" in resolved) return this.#save(resolved.instead);
    this.#then(
      () => this.#tuple(undefined, resolved.items),
      () => this.#out.op("BINPERSID"),
    );
  }

  /** A tuple, remembered under `node` unless it is made for the moment. */
  #tuple(node: NodeValue | undefined, items: readonly Item[]): void {
    if (items.length === 0) return this.#out.op("EMPTY_TUPLE");
    const isShort = items.length <= 3;
    if (!isShort) this.#out.op("MARK");
    this.#then({ items, at: 0 }, () => {
      const known = node && this.#memo.get(node);
      if (known !== undefined) {
        // One of its members led back to it and wrote it: what was begun here goes.
        if (isShort) for (let count = 0; count < items.length; count += 1) this.#out.op("POP");
        else this.#out.op("POP_MARK");
        return this.#out.get(known);
      }
      this.#out.op(isShort ? (["TUPLE1", "TUPLE2", "TUPLE3"] as const)[items.length - 1]! : "TUPLE");
      const index = this.#out.put();
      if (node !== undefined) this.#memo.set(node, index);
    });
  }

  /** A call with plain arguments, whose result `node` is. */
  #call(
    node: NodeValue,
    module: string,
    name: string,
    args: readonly Item[],
    ...after: readonly Step[]
  ): void {
    this.#then(
      () => this.#global(module, name, undefined),
      () => this.#tuple(undefined, args),
      () => this.#made(node, "REDUCE"),
      ...after,
    );
  }

  /** Ends a call; one whose arguments led back to it and wrote it goes. */
  #made(node: NodeValue, op: "REDUCE" | "NEWOBJ"): void {
    this.#out.op(op);
    const known = this.#memo.get(node);
    if (known === undefined) {
      this.#memo.set(node, this.#out.put());
      return;
    }
    this.#out.op("POP");
    this.#out.get(known);
  }

  /** Protocol 2 has no bytes: they are text of ISO 8859-1, encoded by a call. */
  #bytes(value: BytesValue): void {
    const { bytes, mutable } = value;
    if (mutable) {
      const args: Item[] = bytes.length === 0 ? [] : [{ kind: "bytes", bytes, mutable: false }];
      return this.#call(value, "builtins", "bytearray", args);
    }
    if (bytes.length === 0) return this.#call(value, "builtins", "bytes", []);
    const text = latin1(bytes);
    return this.#call(value, "_codecs", "encode", [text.length === 1 ? text : new TextNode(text), "latin1"]);
  }

  #dict(dict: DictValue): void {
    const isPlain = dict.class === "dict";
    const items = [...dict.items.values()];
    const states = dict.attributes === null ? [] : [dict.attributes, ...(dict.moreStates ?? [])];
    const metadata = isKind(dict.attributes, "dict")
      ? dict.attributes.items.get(keyOf("_metadata"))?.value
      : undefined;
    if (isKind(metadata, "dict")) this.#computedKeys.add(metadata);
    const after: Step[] = [];
    for (const state of states) after.push({ items: [state], at: 0 }, () => this.#out.op("BUILD"));
    if (isPlain) {
      this.#out.op("EMPTY_DICT");
      this.#memo.set(dict, this.#out.put());
      return this.#then(...this.#setting(items, dict), ...after);
    }
    const dot = dict.class.lastIndexOf(".");
    const module = dict.class.slice(0, dot);
    const name = dict.class.slice(dot + 1);
    if (dict.class === "collections.Counter") {
      const counts: DictValue = { kind: "dict", class: "dict", items: dict.items, attributes: null };
      return this.#call(dict, module, name, [counts], ...after);
    }
    const args = isKind(dict.args, "tuple") ? dict.args.items : [];
    this.#call(dict, module, name, args, ...this.#setting(items, dict), ...after);
  }

  #object(object: ObjectValue): void {
    const { made, callable, args, kwargs } = object;
    const after = this.#extending(object);
    const hasKeywords = isKind(kwargs, "dict") ? kwargs.items.size > 0 : kwargs !== null;
    if (made === "extend")
      return this.#then(
        { items: [callable], at: 0 },
        () => void this.#memo.set(object, this.#out.put()),
        ...after,
      );
    if (made === "lookup") {
      const items = isKind(args, "tuple") ? args.items : [];
      return this.#then(
        { items, at: 0 },
        () => {
          this.#out.op("STACK_GLOBAL");
          this.#memo.set(object, this.#out.put());
        },
        ...after,
      );
    }
    if (hasKeywords) {
      // Protocol 2 has no opcode for keywords; the function that protocol 4's stands for takes them.
      return this.#call(object, "copyreg", "__newobj_ex__", [callable, args, kwargs], ...after);
    }
    this.#then(
      { items: [callable, args], at: 0 },
      () => this.#made(object, made === "new" ? "NEWOBJ" : "REDUCE"),
      ...after,
    );
  }

  /** What is put into an object after it is made, in Python's order. */
  #extending({ appended, items, state, moreStates }: ObjectValue): Step[] {
    const steps: Step[] = [];
    if (appended !== undefined) steps.push(...this.#appending(appended, true));
    if (items !== undefined) steps.push(...this.#setting(items, undefined));
    if (state !== null || moreStates !== undefined) {
      for (const given of [state, ...(moreStates ?? [])])
        steps.push({ items: [given], at: 0 }, () => this.#out.op("BUILD"));
    }
    return steps;
  }

  /** Members of a list in batches; a list object and the iterator of another one end theirs differently. */
  #appending(items: readonly Value[], isIterator: boolean): Step[] {
    const steps: Step[] = [];
    for (let start = 0; start < items.length; start += batchSize) {
      const batch = items.slice(start, start + batchSize);
      const isSingle = batch.length === 1 && (isIterator || items.length === 1);
      if (!isSingle) steps.push(() => this.#out.op("MARK"));
      steps.push({ items: batch, at: 0 }, () => this.#out.op(isSingle ? "APPEND" : "APPENDS"));
    }
    return steps;
  }

  /** Items of a dictionary in batches; a plain one ends a full batch with an empty one, as Python does. */
  #setting(items: readonly DictItem[], dict: DictValue | undefined): Step[] {
    const isIterator = dict?.class !== "dict";
    const steps: Step[] = [];
    const last =
      isIterator || items.length === 0 || items.length % batchSize !== 0 ? items.length : items.length + 1;
    for (let start = 0; start < last; start += batchSize) {
      const batch = items.slice(start, start + batchSize);
      const isSingle = batch.length === 1 && (isIterator || items.length === 1);
      if (!isSingle) steps.push(() => this.#out.op("MARK"));
      steps.push(
        () => this.#then({ items: this.#flat(batch, dict), at: 0 }),
        () => this.#out.op(isSingle ? "SETITEM" : "SETITEMS"),
      );
    }
    return steps;
  }

  #flat(batch: readonly DictItem[], dict: DictValue | undefined): Item[] {
    const isComputed = dict !== undefined && this.#computedKeys.has(dict);
    return batch.flatMap(({ key, value }): Item[] => [
      isComputed && typeof key === "string" && key.length > 1 ? new TextNode(key) : key,
      value,
    ]);
  }
}
