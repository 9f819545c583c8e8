/**
 * What a pickle names, however it ends: the machine of `machine.ts`, for reports on files that nobody trusts. Where
 * reading a pickle stops at a fault, a survey has what came before it: Python runs calls as it meets them, so a pickle
 * that breaks after its first call has done its work.
 */

import type { Value } from "../catalog/value.ts";
import { ParascopeError } from "../errors.ts";
import { withLimits } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { GlobalUse } from "./globals.ts";
import { isKind } from "./globals.ts";
import { execute } from "./machine.ts";
import { PickleState } from "./state.ts";
import { latin1, latin1Bytes } from "./text.ts";

/** How a pickle is surveyed. */
export interface SurveyOptions {
  /** Where the pickle begins, in bytes. Default 0. */
  readonly start?: number;
  readonly limits?: Partial<Limits>;
}

/** What was learnt of a pickle. */
export interface Survey {
  /** The byte after STOP, or the one at which it broke. */
  readonly end: number;
  /** The protocol it states, 0 where it states none. */
  readonly protocol: number;
  /** The first value is the integer of this pickle, if it is one: the magic numbers of file formats are. */
  readonly integer: number | bigint | null;
  /** The classes and functions it names, in the order of first naming. */
  readonly globals: readonly GlobalUse[];
  /** Byte strings and texts in it that begin as a pickle or a zip does: some calls load them in turn. */
  readonly embedded: readonly Uint8Array[];
  /** Classes, functions and modules whose attributes or items it sets, as `module.name`. */
  readonly changed: readonly string[];
  /** Why it cannot be read to its end; null where it can. */
  readonly fault: ParascopeError | null;
}

/** How pickles of protocols 0 and 1, which have no mark of their own, begin in practice. */
const textPickle = /^(?:c[\w.]+\n[\w.]+\n|\((?:S['"]|[dl]p?\d*\n|V|I-?\d|c[\w.]+\n|i[\w.]+\n)|[}\])]q\x00)/;

/** Bytes that tell whether a pickle begins: a name and a module of usual length. */
export const pickleHeadByteLength = 512;

/** The number that is the first pickle of a legacy torch.save file. Source: torch/serialization.py. */
export const legacyMagic = 0x1950a86a20f9469cfc6cn;

/** The number as opcodes have it: its bytes, the lowest first, or its digits. */
const legacyMagicForms: readonly string[] = ["\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", String(legacyMagic)];

/**
 * Whether the first pickle is the number that begins a legacy torch.save file. Whoever loads the file takes any pickle that
 * gives it, so the bytes before it prove nothing.
 */
export function beginsAsLegacy(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, pickleHeadByteLength);
  const text = latin1(head);
  if (!legacyMagicForms.some((form) => text.includes(form))) return false;
  return surveyPickle(head).integer === legacyMagic;
}

/**
 * Whether bytes begin as a pickle does: with its protocol, or, before protocol 2, as Python's own pickler wrote then.
 *
 * @example
 * beginsAsPickle(new Uint8Array([0x80, 2, 0x4b, 7, 0x2e])); // true
 */
export function beginsAsPickle(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x80) return bytes[1]! >= 2 && bytes[1]! <= 5;
  return textPickle.test(latin1(bytes.subarray(0, pickleHeadByteLength))) || beginsAsLegacy(bytes);
}

/** Embedded files that are kept. Real: one for each tensor that was pickled by itself. Prevents: endless reports. */
const mostEmbedded = 100_000;

/** Names of changed classes that are kept; one would be enough for the report. */
const mostChanged = 100;

/** The state of the machine, which also remembers what could be a file, wherever it stands and whether or not it stays. */
class SurveyState extends PickleState {
  readonly embedded: Set<Uint8Array> = new Set();
  readonly changed: Set<string> = new Set();

  override push(value: Value): void {
    this.#note(value);
    super.push(value);
  }

  override pushNode(value: Value): void {
    this.#note(value);
    super.pushNode(value);
  }

  override replaceTop(value: Value): void {
    if (isKind(value, "object") && value.made === "extend" && isKind(value.callable, "global")) {
      if (this.changed.size < mostChanged)
        this.changed.add(`${value.callable.module}.${value.callable.name}`);
    }
    super.replaceTop(value);
  }

  #note(value: Value): void {
    if (this.embedded.size >= mostEmbedded) return;
    if (typeof value === "string") {
      const bytes = mayEmbed(value) ? latin1Bytes(value) : undefined;
      if (bytes !== undefined) this.embedded.add(bytes);
    } else if (isKind(value, "bytes") && beginsAsFile(value.bytes)) {
      this.embedded.add(value.bytes);
    }
  }
}

/** Whether a text could hold a file, by what is cheap to ask of every text. */
function mayEmbed(text: string): boolean {
  return (
    text.startsWith("\x80") || text.startsWith("PK\x03\x04") || (text.includes("\n") && textPickle.test(text))
  );
}

function beginsAsFile(bytes: Uint8Array): boolean {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
  return isZip || beginsAsPickle(bytes);
}

/**
 * Surveys one pickle. Executes nothing, and does not throw for anything the bytes may say.
 *
 * @example
 * const { globals, fault } = surveyPickle(bytes);
 * for (const { module, name, calls } of globals) console.log(`${module}.${name}`, calls);
 */
export function surveyPickle(bytes: Uint8Array, options: SurveyOptions = {}): Survey {
  const { start = 0 } = options;
  const state = new SurveyState(bytes, start, withLimits(options.limits));
  let fault: ParascopeError | null = null;
  let integer: number | bigint | null = null;
  try {
    execute(state);
    const value = state.pop();
    if (typeof value === "number" || typeof value === "bigint") integer = value;
  } catch (error) {
    if (!(error instanceof ParascopeError) || error.code === "internal") throw error;
    fault = error;
  }
  return {
    end: fault === null ? state.position : state.opcodeStart,
    protocol: state.protocol,
    integer,
    globals: [...state.uses.values()],
    embedded: [...state.embedded],
    changed: [...state.changed],
    fault,
  };
}
