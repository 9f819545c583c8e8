/**
 * The pickle machine: bytes in, an inert tree of values out. It executes nothing: no name is resolved, nothing is
 * called, so there is nothing to allow or to forbid. What a pickle would call stands in the tree as an object that says
 * so, and in the list of globals.
 *
 * Protocols 0 to 5, all opcodes. The work is bounded by the limits, the depth of the tree is not: nothing recurses.
 */

import type { Value } from "../catalog/value.ts";
import { LimitError } from "../errors.ts";
import type { FormatError } from "../errors.ts";
import { withLimits } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { GlobalUse } from "./globals.ts";
import { instructions } from "./instructions.ts";
import type { Instruction } from "./instructions.ts";
import { opcodes } from "./opcodes.ts";
import type { OpcodeName } from "./opcodes.ts";
import { PickleState } from "./state.ts";

/** What `unpickle` may be told. */
export interface UnpickleOptions {
  /** Where the pickle begins, in bytes. Default 0. */
  readonly start?: number;
  /** Caps that differ from the defaults; `pickleBytes`, `pickleValues` and `integerBytes` count here. */
  readonly limits?: Partial<Limits>;
}

/** A pickle that was read. */
export interface Unpickled {
  readonly value: Value;
  /** The byte after STOP. Bytes from there on are not looked at: other pickles or data may follow. */
  readonly end: number;
  /** The protocol it states, 0 where it states none. */
  readonly protocol: number;
  /** The classes and functions it names, in the order of first naming. */
  readonly globals: readonly GlobalUse[];
}

/** The instructions by opcode number. */
const dispatch: readonly (Instruction | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const found = Object.entries(opcodes).find(([, number]) => number === code);
  return found && instructions[found[0] as OpcodeName];
});

/**
 * Reads one pickle. Executes nothing.
 *
 * Equal names are one `GlobalValue`, what the pickle shares is one node, and cycles are cycles. Python's own data
 * (`collections.OrderedDict`, `set`, `complex`, bytes as protocol 2 writes them, …) comes out as data, every other call
 * as an `ObjectValue`.
 *
 * Throws: `FormatError` with the byte where the pickle breaks; `LimitError` when it builds more than the limits allow.
 *
 * @example
 * const { value } = unpickle(new Uint8Array([0x80, 2, 0x4b, 7, 0x2e]));
 * console.log(value); // 7
 */
export function unpickle(bytes: Uint8Array, options: UnpickleOptions = {}): Unpickled {
  const { start = 0 } = options;
  const limits = withLimits(options.limits);
  if (bytes.length - start > limits.pickleBytes) {
    throw new LimitError(`pickle: ${bytes.length - start} bytes, of at most ${limits.pickleBytes}`, {
      code: "pickle-bytes",
      hint: "If you trust the file, raise the limit pickleBytes.",
    });
  }
  const state = new PickleState(bytes, start, limits);
  execute(state);
  const value = state.pop();
  return { value, end: state.position, protocol: state.protocol, globals: [...state.uses.values()] };
}

/** Carries out the opcodes of a pickle up to STOP, from where the state stands. */
export function execute(state: PickleState): void {
  while (!state.stopped) {
    const code = state.bytes[state.position];
    state.opcodeStart = state.position;
    if (code === undefined) throw noStop(state);
    const instruction = dispatch[code];
    if (instruction === undefined) throw unknownOpcode(state, code);
    state.position++;
    state.spend(1);
    instruction(state);
  }
}

function noStop(state: PickleState): FormatError {
  return state.fault("pickle-truncated", "it ends without STOP");
}

function unknownOpcode(state: PickleState, code: number): FormatError {
  const shown = code > 0x20 && code < 0x7f ? ` (${JSON.stringify(String.fromCharCode(code))})` : "";
  return state.fault("pickle-opcode", `no opcode is 0x${code.toString(16).padStart(2, "0")}${shown}`);
}
