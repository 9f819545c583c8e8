/**
 * What each opcode does to the state of the machine. The table is total: an opcode without an entry does not compile.
 * Nothing is looked up and nothing is called; calls become objects that say what they would call.
 */

import { newDict, pyFloat } from "../catalog/value.ts";
import type { Value } from "../catalog/value.ts";
import { dataOfCall } from "./builtins.ts";
import { add, append, build, distinct, newObject, setItems } from "./container.ts";
import { isGlobal, isKind } from "./globals.ts";
import { floatOfText, integerOfBytes, integerOfText } from "./number.ts";
import { newestProtocol } from "./opcodes.ts";
import type { OpcodeName } from "./opcodes.ts";
import { cost } from "./state.ts";
import type { PickleState } from "./state.ts";
import { python2Text, quotedBytes, rawUnicodeEscape, utf8 } from "./text.ts";

/** Carries out one opcode whose number has been read. */
export type Instruction = (state: PickleState) => void;

/** Bytes of the longest string: V8's own longest has 2^29 - 24 characters, and a key needs a few more than its text. */
const longestText = 2 ** 28;

function textBytes(state: PickleState, length: number): Uint8Array {
  if (length > longestText && length <= state.bytes.length - state.position) {
    throw state.beyond(
      "pickle-text-length",
      `a string of ${length} bytes, where JavaScript holds ${longestText}`,
    );
  }
  return state.take(length);
}

function decoded(state: PickleState, text: string | undefined): string {
  if (text === undefined)
    throw state.fault("pickle-text", `the text of ${state.opcode} is not what it has to be`);
  return text;
}

function unicode(state: PickleState, length: number): void {
  state.spend(cost.text);
  state.push(decoded(state, utf8(textBytes(state, length))));
}

function python2String(state: PickleState, length: number): void {
  state.spend(cost.text);
  state.push(python2Text(textBytes(state, length)));
}

function bytesNode(state: PickleState, length: number, mutable: boolean): void {
  state.spend(cost.bytes);
  state.push({ kind: "bytes", bytes: state.take(length).slice(), mutable });
}

function line(state: PickleState): string {
  const bytes = state.line();
  return decoded(state, utf8(bytes));
}

function integerBytes(state: PickleState, length: number): Uint8Array {
  const most = state.limits.integerBytes;
  if (length > most && length <= state.bytes.length - state.position) {
    throw state.beyond("pickle-integer", `an integer of ${length} bytes, of at most ${most}`, "integerBytes");
  }
  state.spend(length > 6 ? cost.bigInteger : 0);
  return state.take(length);
}

/** An integer written as a line of digits; five of them need about two bytes. */
function textInteger(state: PickleState, text: string): number | bigint {
  const most = Math.floor(2.5 * state.limits.integerBytes);
  if (text.length > most) {
    throw state.beyond(
      "pickle-integer",
      `an integer of ${text.length} digits, of at most ${most}`,
      "integerBytes",
    );
  }
  state.spend(text.length > 15 ? cost.bigInteger : 0);
  const value = integerOfText(text);
  if (value !== undefined) return value;
  throw state.fault("pickle-text", `${state.opcode} is followed by what is no integer`);
}

function memoIndex(state: PickleState): number {
  const index = textInteger(state, line(state));
  if (typeof index !== "number" || index < 0) {
    throw state.fault(
      "pickle-memo",
      `${state.opcode} needs an index, found ${typeof index === "bigint" ? "one beyond 2^53" : index}`,
    );
  }
  return index;
}

function tuple(state: PickleState, items: Value[]): void {
  state.pushNode({ kind: "tuple", items });
}

function dict(state: PickleState): void {
  state.spend(cost.dictionary);
  state.push(newDict("dict"));
}

/** A call of a function or class: data where it is nothing else, and an object that describes it where it is. */
function call(
  state: PickleState,
  made: "reduce" | "new",
  callable: Value,
  args: Value,
  kwargs: Value = null,
): void {
  state.called(callable);
  const plain = kwargs === null || (isKind(kwargs, "dict") && kwargs.items.size === 0);
  const data = plain ? dataOfCall(state, callable, args) : undefined;
  // Data made by a call may be any container, so it pays as the most expensive one.
  if (data !== undefined) state.spend(cost.bytes);
  state.pushNode(data ?? newObject(made, callable, args, kwargs));
}

/** Class, arguments and keywords of a call of `copyreg.__newobj_ex__`; undefined where they are no such things. */
function partsOf(given: Value): [callable: Value, args: Value, kwargs: Value] | undefined {
  const [callable, args, kwargs] = isKind(given, "tuple") && given.items.length === 3 ? given.items : [];
  return isKind(callable, "global") && isKind(args, "tuple") && isKind(kwargs, "dict")
    ? [callable, args, kwargs]
    : undefined;
}

/** INST and OBJ call the class with arguments, and without any make a bare instance. */
function oldInstance(state: PickleState, callable: Value, items: Value[]): void {
  call(state, items.length === 0 ? "new" : "reduce", callable, { kind: "tuple", items });
}

function extension(state: PickleState, code: number): void {
  if (code <= 0)
    throw state.fault("pickle-extension", `${state.opcode} needs a number above 0, found ${code}`);
  state.push(state.global("copyreg", `extension ${code}`, "EXT", code));
}

/** Every opcode's instruction. */
export const instructions: Readonly<Record<OpcodeName, Instruction>> = {
  // The pickle as a whole
  PROTO: (state) => {
    const protocol = state.uint8();
    if (protocol > newestProtocol) {
      throw state.fault("pickle-protocol", `protocol ${protocol}, where the newest is ${newestProtocol}`);
    }
    state.protocol = protocol;
  },
  FRAME: (state) => {
    const length = state.length64();
    const left = state.bytes.length - state.position;
    if (length > left) {
      throw state.fault("pickle-truncated", `FRAME needs ${length} bytes, found ${left}`);
    }
  },
  STOP: (state) => {
    state.stopped = true;
  },

  // The stack
  MARK: (state) => state.mark(),
  POP: (state) => {
    // With nothing above the mark it is the mark that goes, as in Python.
    if (state.stack.length === state.fence && state.marks.length > 0) state.popMark();
    else state.pop();
  },
  POP_MARK: (state) => void state.popMark(),
  DUP: (state) => state.push(state.top()),

  // The memo
  PUT: (state) => state.memoize(memoIndex(state)),
  BINPUT: (state) => state.memoize(state.uint8()),
  LONG_BINPUT: (state) => state.memoize(state.uint32()),
  MEMOIZE: (state) => state.memoize(state.memoSize),
  GET: (state) => state.push(state.remembered(memoIndex(state))),
  BINGET: (state) => state.push(state.remembered(state.uint8())),
  LONG_BINGET: (state) => state.push(state.remembered(state.uint32())),

  // Constants and numbers
  NONE: (state) => state.push(null),
  NEWTRUE: (state) => state.push(true),
  NEWFALSE: (state) => state.push(false),
  INT: (state) => {
    const text = line(state);
    // Protocol 0 has no booleans: they are the integers 01 and 00.
    state.push(text === "01" ? true : text === "00" ? false : textInteger(state, text));
  },
  BININT: (state) => state.push(state.int32()),
  BININT1: (state) => state.push(state.uint8()),
  BININT2: (state) => state.push(state.uint16()),
  LONG: (state) => {
    const text = line(state);
    state.push(textInteger(state, text.endsWith("L") ? text.slice(0, -1) : text));
  },
  LONG1: (state) => state.push(integerOfBytes(integerBytes(state, state.uint8()))),
  LONG4: (state) => state.push(integerOfBytes(integerBytes(state, state.length32()))),
  FLOAT: (state) => {
    const value = floatOfText(line(state));
    if (value === undefined) throw state.fault("pickle-text", "FLOAT is followed by what is no number");
    state.pushNode(pyFloat(value));
  },
  BINFLOAT: (state) => state.pushNode(pyFloat(state.float64())),

  // Text and bytes
  STRING: (state) => {
    const bytes = quotedBytes(state.line());
    if (bytes === undefined) throw state.fault("pickle-text", "STRING needs a quoted string");
    state.push(python2Text(bytes));
  },
  BINSTRING: (state) => python2String(state, state.length32()),
  SHORT_BINSTRING: (state) => python2String(state, state.uint8()),
  UNICODE: (state) => state.push(decoded(state, rawUnicodeEscape(state.line()))),
  SHORT_BINUNICODE: (state) => unicode(state, state.uint8()),
  BINUNICODE: (state) => unicode(state, state.uint32()),
  BINUNICODE8: (state) => unicode(state, state.length64()),
  SHORT_BINBYTES: (state) => bytesNode(state, state.uint8(), false),
  BINBYTES: (state) => bytesNode(state, state.uint32(), false),
  BINBYTES8: (state) => bytesNode(state, state.length64(), false),
  BYTEARRAY8: (state) => bytesNode(state, state.length64(), true),
  NEXT_BUFFER: (state) => state.pushNode({ kind: "persistent", id: state.bufferCount++, outOfBand: true }),
  READONLY_BUFFER: (state) => {
    const value = state.top();
    if (isKind(value, "bytes")) state.replaceTop({ ...value, mutable: false });
  },

  // Containers
  EMPTY_TUPLE: (state) => tuple(state, []),
  TUPLE1: (state) => tuple(state, state.popMany(1)),
  TUPLE2: (state) => tuple(state, state.popMany(2)),
  TUPLE3: (state) => tuple(state, state.popMany(3)),
  TUPLE: (state) => tuple(state, state.popMark()),
  EMPTY_LIST: (state) => state.pushNode({ kind: "list", items: [] }),
  LIST: (state) => state.pushNode({ kind: "list", items: state.popMark() }),
  APPEND: (state) => append(state, state.popMany(1)),
  APPENDS: (state) => append(state, state.popMark()),
  EMPTY_DICT: dict,
  DICT: (state) => {
    const pairs = state.popMark();
    dict(state);
    setItems(state, pairs);
  },
  SETITEM: (state) => setItems(state, state.popMany(2)),
  SETITEMS: (state) => setItems(state, state.popMark()),
  EMPTY_SET: (state) => state.pushNode({ kind: "set", frozen: false, items: [] }),
  FROZENSET: (state) =>
    state.pushNode({ kind: "set", frozen: true, items: distinct(state, state.popMark()) }),
  ADDITEMS: (state) => add(state, state.popMark()),

  // Names, and what is made with them
  GLOBAL: (state) => {
    const module = line(state);
    state.push(state.global(module, line(state), "GLOBAL"));
  },
  STACK_GLOBAL: (state) => {
    const items = state.popMany(2);
    const [module, name] = items;
    if (typeof module === "string" && typeof name === "string") {
      state.push(state.global(module, name, "STACK_GLOBAL"));
      return;
    }
    // Python refuses this. Hostile files hold it to confuse scanners, so it is kept and shown.
    state.pushNode(state.lookup({ kind: "tuple", items }));
  },
  EXT1: (state) => extension(state, state.uint8()),
  EXT2: (state) => extension(state, state.uint16()),
  EXT4: (state) => extension(state, state.int32()),
  INST: (state) => {
    const module = line(state);
    const callable = state.global(module, line(state), "INST");
    oldInstance(state, callable, state.popMark());
  },
  OBJ: (state) => {
    const [callable, ...items] = state.popMark();
    if (callable === undefined) throw state.fault("pickle-stack", "OBJ needs a class above its mark");
    oldInstance(state, callable, items);
  },
  REDUCE: (state) => {
    const args = state.pop();
    const callable = state.pop();
    const keyworded = isGlobal(callable, "copyreg", "__newobj_ex__") ? partsOf(args) : undefined;
    if (keyworded === undefined) return call(state, "reduce", callable, args);
    // What protocols before 4 have for NEWOBJ_EX; the same object whichever of them wrote it.
    state.called(callable);
    call(state, "new", ...keyworded);
  },
  NEWOBJ: (state) => {
    const args = state.pop();
    call(state, "new", state.pop(), args);
  },
  NEWOBJ_EX: (state) => {
    const kwargs = state.pop();
    const args = state.pop();
    call(state, "new", state.pop(), args, kwargs);
  },
  BUILD: (state) => build(state, state.pop()),
  PERSID: (state) => state.pushNode({ kind: "persistent", id: line(state) }),
  BINPERSID: (state) => state.pushNode({ kind: "persistent", id: state.pop() }),
};
