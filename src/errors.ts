/**
 * The error classes and the helpers that quote names and shapes.
 *
 * One class per reaction of the caller: mend the call, doubt the file, raise a limit, try again, reconcile two states.
 * `message` is PyTorch's text where PyTorch has one; what we add (what to do, the nearest names) is `hint`.
 */

/** The Python exception class that PyTorch raises in the same case. */
export type TorchErrorType =
  | "AssertionError"
  | "AttributeError"
  | "IndexError"
  | "KeyError"
  | "NotImplementedError"
  | "OverflowError"
  | "RuntimeError"
  | "TypeError"
  | "ValueError";

/** What an error carries beside its message. */
export interface ErrorFacts {
  /** Stable identifier of the fault, in kebab case, for programs: `"zip-truncated"`. */
  readonly code: string;
  /** What to do about it, one sentence. The command line prints it after the message. */
  readonly hint?: string | undefined;
  /** The Python exception class PyTorch raises here, if PyTorch has this error. */
  readonly torchType?: TorchErrorType | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** The class all errors of this package share; catch it to tell our errors from other ones. */
export class ParascopeError extends Error {
  /** Stable identifier of the fault, in kebab case. */
  readonly code: string;
  /** What to do about it, if there is something. */
  readonly hint: string | undefined;
  /** The Python exception class PyTorch raises here, if it has this error. */
  readonly torchType: TorchErrorType | undefined;

  constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.hint = facts.hint;
    this.torchType = facts.torchType;
  }

  static {
    Object.defineProperty(this.prototype, "name", {
      value: "ParascopeError",
      writable: true,
      configurable: true,
    });
  }
}

/** The call is wrong: a bad argument, shape, dtype or index. Mend the call. */
export class UsageError extends ParascopeError {
  static {
    Object.defineProperty(this.prototype, "name", {
      value: "UsageError",
      writable: true,
      configurable: true,
    });
  }
}

/** The file is not what it claims to be, or is damaged. No retry will help. */
export class FormatError extends ParascopeError {
  static {
    Object.defineProperty(this.prototype, "name", {
      value: "FormatError",
      writable: true,
      configurable: true,
    });
  }
}

/** The input is larger than a cap in `limits.ts` allows. Raise the limit if you trust the input. */
export class LimitError extends ParascopeError {
  static {
    Object.defineProperty(this.prototype, "name", {
      value: "LimitError",
      writable: true,
      configurable: true,
    });
  }
}

/** Bytes could not be fetched: a missing file, a lost connection, a file that changed meanwhile. May be tried again. */
export class SourceError extends ParascopeError {
  static {
    Object.defineProperty(this.prototype, "name", {
      value: "SourceError",
      writable: true,
      configurable: true,
    });
  }
}

/** Two states do not fit each other: a state dict and a network, a draft and its source. */
export class StateError extends ParascopeError {
  static {
    Object.defineProperty(this.prototype, "name", {
      value: "StateError",
      writable: true,
      configurable: true,
    });
  }
}

/**
 * A fault of our own, never of the caller or the file; the text starts with "internal:".
 *
 * @example
 * if (index >= plan.length) throw internal(`step ${index} of ${plan.length}`);
 */
export function internal(what: string): ParascopeError {
  return new ParascopeError(`internal: ${what}`, {
    code: "internal",
    hint: "This is a fault of parascope itself; please report it with the file or program that shows it.",
  });
}

/** An error whose text PyTorch defines, raised as the Python class `torchType`. */
export function torchError(torchType: TorchErrorType, message: string, hint?: string): UsageError {
  return new UsageError(message, { code: "torch", torchType, hint });
}

/** Matches what a terminal, an HTML page or a reader of logs could take for more than text. */
const unsafeCharacters =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/**
 * Makes a string from a file safe to print on one line: control characters, bidirectional marks, line separators and
 * lone surrogates become `\xNN` or `\uNNNN`.
 *
 * @example
 * printable("a\u001b[31m"); // "a\\x1b[31m"
 */
export function printable(text: string): string {
  return text.replace(unsafeCharacters, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** Quotes a name for a message: printable, in double quotes, shortened in the middle beyond 120 characters. */
export function quote(name: string): string {
  const short = name.length > 120 ? `${name.slice(0, 80)}…${name.slice(-32)}` : name;
  return `"${printable(short).replaceAll('"', '\\"')}"`;
}
