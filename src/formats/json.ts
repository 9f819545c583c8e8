/**
 * A strict JSON reader for headers of untrusted files. `JSON.parse` keeps the last of two equal keys, reads `1.0` as
 * `1` and rounds large integers; a header that says one thing to one reader and another to the next must be refused.
 */

import type { FloatValue } from "../catalog/value.ts";
import { pyFloat } from "../catalog/value.ts";
import { FormatError, quote } from "../errors.ts";

/** A JSON value: objects are Maps in the order of the text, numbers with a point or an exponent are floats. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | FloatValue
  | JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** Nesting that is followed; Rust's serde_json, which the reference reader uses, stops here too. */
const maxDepth = 128;

/** Characters of a number that are converted; a 64-bit integer has 20. */
const maxDigits = 400;

// Sticky patterns, so that long stretches are matched by the engine and not one character at a time.
const whitespace = /[ \t\n\r]*/y;
const plainString = /[^"\\\u0000-\u001f]*/y;
const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const hexPattern = /[0-9a-fA-F]{4}/y;

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/**
 * Reads one JSON text, which `what` names in errors.
 *
 * Throws: `FormatError` with the place of the fault, which counts characters; also for a key that an object has twice
 * and for half of a surrogate pair.
 *
 * @example
 * parseJson('{"a": [1, 1.0]}', "header"); // Map { "a" => [1, { kind: "float", value: 1 }] }
 */
export function parseJson(text: string, what: string): JsonValue {
  return new JsonReader(text, what).all();
}

class JsonReader {
  readonly #text: string;
  readonly #what: string;
  #at = 0;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
  }

  all(): JsonValue {
    const value = this.#value(0);
    if (this.#at < this.#text.length) throw this.#fault(`${this.#found} after the end of the value`);
    return value;
  }

  #fault(found: string, code: string = "bad-json"): FormatError {
    return new FormatError(`reading the ${this.#what} as JSON: character ${this.#at}: ${found}`, {
      code,
      hint: "The file is damaged, or it was not written by a program that knows this format.",
    });
  }

  /** The next character, as an error shows it. */
  get #found(): string {
    return this.#at < this.#text.length ? `found ${quote(this.#text[this.#at]!)}` : "the text ends";
  }

  /** Passes over what a sticky pattern matches. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += taken.length;
    return taken;
  }

  #expect(token: string): void {
    if (!this.#text.startsWith(token, this.#at))
      throw this.#fault(`${this.#found}, expected ${quote(token)}`);
    this.#at += token.length;
  }

  #value(depth: number): JsonValue {
    this.#take(whitespace);
    const value = this.#bare(depth);
    this.#take(whitespace);
    return value;
  }

  #bare(depth: number): JsonValue {
    if (depth > maxDepth) throw this.#fault(`more than ${maxDepth} levels`);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth + 1);
      case "[":
        return this.#list(depth + 1);
      case '"':
        return this.#string();
      case "t":
        this.#expect("true");
        return true;
      case "f":
        this.#expect("false");
        return false;
      case "n":
        this.#expect("null");
        return null;
      default:
        return this.#number();
    }
  }

  #object(depth: number): ReadonlyMap<string, JsonValue> {
    const items = new Map<string, JsonValue>();
    this.#at += 1;
    this.#take(whitespace);
    while (this.#text[this.#at] !== "}") {
      if (items.size > 0) this.#expect(",");
      this.#take(whitespace);
      const key = this.#string();
      if (items.has(key)) {
        throw this.#fault(`the key ${quote(key)} stands here a second time`, "duplicate-key");
      }
      this.#take(whitespace);
      this.#expect(":");
      items.set(key, this.#value(depth));
    }
    this.#at += 1;
    return items;
  }

  #list(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at += 1;
    this.#take(whitespace);
    while (this.#text[this.#at] !== "]") {
      if (items.length > 0) this.#expect(",");
      items.push(this.#value(depth));
    }
    this.#at += 1;
    return items;
  }

  #string(): string {
    this.#expect('"');
    let value = this.#take(plainString);
    if (this.#text[this.#at] === "\\") {
      while (this.#text[this.#at] === "\\") value += this.#escape() + this.#take(plainString);
      // Only escapes can bring them in: what was decoded from UTF-8 has none.
      if (/\p{Surrogate}/u.test(value)) throw this.#fault("a string with half of a surrogate pair");
    }
    if (this.#text[this.#at] !== '"') throw this.#fault(`${this.#found} inside a string`);
    this.#at += 1;
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    this.#at += 2;
    if (letter === "u") {
      const digits = this.#take(hexPattern);
      if (digits === "") throw this.#fault(`${this.#found}, expected four hexadecimal digits`);
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meaning = escapes.get(letter);
    if (meaning === undefined) throw this.#fault("an escape that JSON does not have");
    return meaning;
  }

  #number(): number | bigint | FloatValue {
    numberPattern.lastIndex = this.#at;
    const match = numberPattern.exec(this.#text);
    if (match === null) throw this.#fault(`${this.#found}, expected a value`);
    const [digits, fraction, exponent] = match;
    if (digits.length > maxDigits) throw this.#fault(`a number of ${digits.length} characters`);
    this.#at += digits.length;
    const value = Number(digits);
    if (fraction !== undefined || exponent !== undefined) return pyFloat(value);
    return Number.isSafeInteger(value) ? value : BigInt(digits);
  }
}
