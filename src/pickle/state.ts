/**
 * The state of the pickle machine: the stack with its marks, the memo, the globals seen, and the budget. It knows
 * nothing of opcodes beyond their place in errors; `instructions.ts` does.
 *
 * Note [budget]: Every opcode costs 1. What it makes costs more, about one for each 30 bytes of heap: see `cost`. What
 * an opcode copies is paid by its length, so that nothing can be fetched from the memo and copied for free. Measured
 * on Node 20, the limit of 50 million is met at 1.5 GB of heap or less, within seconds, whatever opcodes a pickle
 * repeats. A pickle of 90 000 tensors pays 7 million.
 */

import type { Limits } from "../limits.ts";
import { keyOf } from "../catalog/value.ts";
import type { GlobalValue, ObjectValue, SetValue, TupleValue, Value } from "../catalog/value.ts";
import type { GlobalUse } from "./globals.ts";
import { PickleReader } from "./reader.ts";
import { python3Name } from "./python2.ts";
import type { PythonName } from "./python2.ts";

/** What is paid beside the 1 of the opcode, see Note [budget]. */
export const cost = {
  text: 1,
  bigInteger: 3,
  /** A list, a tuple, a float, an object. */
  node: 3,
  /** The first member of a list that grows: JavaScript makes room for 16 more. */
  firstMember: 5,
  /** An item of a dictionary, beside the length of its key. */
  item: 3,
  /** A memo entry out of order. */
  sparseMemo: 3,
  dictionary: 7,
  bytes: 11,
  /** A class or function that was not named before: real files name a thousand at most. */
  global: 100,
} as const;

/** What the instructions work on. */
export class PickleState extends PickleReader {
  readonly limits: Limits;
  readonly stack: Value[] = [];
  /** Heights of the stack at the open marks. */
  readonly marks: number[] = [];
  /** Height of the stack at the last mark: values below it cannot be reached. */
  fence = 0;
  /** As PROTO says; 0 before it and without it. */
  protocol = 0;
  /** Out-of-band buffers asked for so far. */
  bufferCount = 0;
  stopped = false;
  readonly uses: Map<Value, GlobalUse> = new Map();
  /** Memo entries 0, 1, 2, … as Python numbers them; others stand in `sparseMemo`. */
  readonly #memo: Value[] = [];
  readonly #sparseMemo: Map<number, Value> = new Map();
  readonly #members: Map<SetValue, Set<string>> = new Map();
  readonly #globals: Map<string, GlobalValue> = new Map();
  #spent = 0;

  constructor(bytes: Uint8Array, start: number, limits: Limits) {
    super(bytes, start);
    this.limits = limits;
  }

  /** Pays for work or memory, see Note [budget]. */
  spend(amount: number): void {
    this.#spent += amount;
    if (this.#spent > this.limits.pickleValues) {
      throw this.beyond(
        "pickle-values",
        `it builds more than ${this.limits.pickleValues} values`,
        "pickleValues",
      );
    }
  }

  push(value: Value): void {
    this.stack.push(value);
  }

  /** Pushes a new node, which costs more than what has no identity. */
  pushNode(value: Value): void {
    this.spend(cost.node);
    this.stack.push(value);
  }

  /** Takes the last value off the stack. */
  pop(): Value {
    this.#require(1);
    return this.stack.pop()!;
  }

  /** The last value of the stack. */
  top(): Value {
    this.#require(1);
    return this.stack.at(-1)!;
  }

  /** Puts a value in the place of the last one. */
  replaceTop(value: Value): void {
    this.stack[this.stack.length - 1] = value;
  }

  #require(count: number): void {
    const found = this.stack.length - this.fence;
    if (found >= count) return;
    const need =
      count === 1 ? "a value on the stack, found none" : `${count} values on the stack, found ${found}`;
    throw this.fault("pickle-stack", `${this.opcode} needs ${need}`);
  }

  /** Takes the last `count` values off the stack, in their order. */
  popMany(count: number): Value[] {
    this.#require(count);
    return this.stack.splice(this.stack.length - count, count);
  }

  mark(): void {
    this.fence = this.stack.length;
    this.marks.push(this.fence);
  }

  /** Takes the values above the last mark off the stack, and the mark. */
  popMark(): Value[] {
    const height = this.marks.pop();
    if (height === undefined) throw this.fault("pickle-stack", `${this.opcode} needs a mark, found none`);
    this.fence = this.marks.at(-1) ?? 0;
    return this.stack.splice(height, this.stack.length - height);
  }

  /** Number of memo entries, which MEMOIZE takes as the next index. */
  get memoSize(): number {
    return this.#memo.length + this.#sparseMemo.size;
  }

  /** Puts the last value of the stack into the memo. */
  memoize(index: number): void {
    const value = this.top();
    if (index < this.#memo.length) this.#memo[index] = value;
    else if (index === this.#memo.length && !this.#sparseMemo.has(index)) this.#memo.push(value);
    else {
      this.spend(cost.sparseMemo);
      this.#sparseMemo.set(index, value);
    }
  }

  /** The value put into the memo under this index. */
  remembered(index: number): Value {
    const value = index < this.#memo.length ? this.#memo[index] : this.#sparseMemo.get(index);
    if (value === undefined) {
      throw this.fault(
        "pickle-memo",
        `${this.opcode} asks for memo entry ${index}, which was never put there`,
      );
    }
    return value;
  }

  /** The node of a class or function, the same one each time it is named. */
  global(module: string, name: string, how: GlobalUse["how"], extension?: number): GlobalValue {
    const key = extension === undefined ? `${module}\n${name}` : `\n${extension}`;
    let node = this.#globals.get(key);
    if (node === undefined) {
      this.spend(cost.global);
      const now = this.protocol < 3 ? python3Name(module, name) : { module, name };
      node = { kind: "global", ...now, ...(extension === undefined ? {} : { extension }) };
      this.#globals.set(key, node);
      this.#use(node, now, { module, name }, how);
    }
    this.uses.get(node)!.count++;
    return node;
  }

  /** An object for a global whose module or name is no text: Python refuses it, hostile files confuse scanners so. */
  lookup(args: TupleValue): ObjectValue {
    this.spend(cost.global);
    const [module, name] = args.items.map((item) => (typeof item === "string" ? item : "?"));
    const node: ObjectValue = {
      kind: "object",
      made: "lookup",
      callable: null,
      args,
      kwargs: null,
      state: null,
    };
    const written = { module: module ?? "?", name: name ?? "?" };
    this.#use(node, written, written, "STACK_GLOBAL").count++;
    return node;
  }

  /** The keys of a set's members, to tell which ones it has. */
  membersOf(set: SetValue): Set<string> {
    let members = this.#members.get(set);
    if (members === undefined) {
      this.spend(cost.dictionary);
      members = new Set(set.items.map((item) => keyOf(item)));
      this.#members.set(set, members);
    }
    return members;
  }

  #use(node: Value, now: PythonName, written: PythonName, how: GlobalUse["how"]): GlobalUse {
    const { module: writtenModule, name: writtenName } = written;
    const use: GlobalUse = {
      ...now,
      writtenModule,
      writtenName,
      how,
      offset: this.opcodeStart,
      count: 0,
      calls: 0,
    };
    this.uses.set(node, use);
    return use;
  }

  /** Notes that Python would call `callable` here. */
  called(callable: Value): void {
    const use = this.uses.get(callable);
    if (use !== undefined) use.calls++;
  }
}
