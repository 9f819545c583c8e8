/**
 * Text in the making, as bytes: numbers in few digits and what stands between them. A record of `watch` is mostly
 * numbers, and as strings each of them would be half a dozen allocations.
 */

import { finite } from "./json.ts";

/** Powers of ten that float64 has exactly. */
const powers: readonly number[] = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** A number, and its two halves; the machines that run this are little-endian, as typed arrays here take for granted. */
const float64 = new Float64Array(1);
const words = new Uint32Array(float64.buffer);

const digit0 = 0x30;
const point = 0x2e;
const minus = 0x2d;
const letterE = 0x65;

/** More bytes than any number has. */
const numberRoom = 40;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text that grows at its end. */
export class LineText {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** What there is, until more is added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  toString(): string {
    return decoder.decode(this.bytes);
  }

  /** Adds any text. */
  text(text: string): void {
    this.#reserve(3 * text.length);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /** Adds text of ASCII only, short as it is between numbers. */
  ascii(text: string): void {
    this.#reserve(text.length);
    for (let k = 0; k < text.length; k++) this.#bytes[this.#length++] = text.charCodeAt(k);
  }

  /** Adds an integer with all its digits. */
  integer(value: number): void {
    if (value < 0 || value > 0x7fffffff) return this.ascii(String(value));
    this.#reserve(numberRoom);
    this.#digits(value);
  }

  /** Adds a number in so many significant digits, nine at most, as JSON has it; null is `null`. */
  number(value: number | null, digits: number): void {
    if (value === null) return this.ascii("null");
    if (value === 0) return this.ascii("0");
    if (!Number.isFinite(value)) return this.ascii(`"${finite(value)}"`);
    this.#reserve(numberRoom);
    const size = Math.abs(value);
    // From the exponent of 2: never above the logarithm, and less than one below it.
    float64[0] = size;
    const binary = (words[1]! >>> 20) - 1023;
    let exponent = Math.floor(binary * Math.LOG10E * Math.LN2) + 1 - digits;
    // Powers of ten beyond the 22nd are not exact.
    if (exponent < -21 || exponent > 21) return this.ascii(String(Number(value.toPrecision(digits))));
    let whole = scaled(size, exponent);
    if (whole >= powers[digits]!) whole = scaled(size, ++exponent);
    while (whole % 10 === 0) {
      whole /= 10;
      exponent++;
    }
    if (value < 0) this.#bytes[this.#length++] = minus;
    this.#placed(whole, exponent);
  }

  /** Adds `whole · 10^exponent`. */
  #placed(whole: number, exponent: number): void {
    const start = this.#length;
    const places = exponent < 0 ? placesOf(whole) + exponent : 1;
    if (exponent > 6 || places <= -4) {
      this.#digits(whole);
      this.#bytes[this.#length++] = letterE;
      if (exponent < 0) this.#bytes[this.#length++] = minus;
      this.#digits(Math.abs(exponent));
      return;
    }
    if (exponent < 0 && places <= 0) {
      this.ascii("0.000".slice(0, 2 - places));
      this.#digits(whole);
      return;
    }
    this.#digits(whole);
    for (let k = 0; k < exponent; k++) this.#bytes[this.#length++] = digit0;
    if (exponent >= 0) return;
    this.#bytes.copyWithin(start + places + 1, start + places, this.#length++);
    this.#bytes[start + places] = point;
  }

  #digits(whole: number): void {
    const places = placesOf(whole);
    for (let at = this.#length + places - 1; at >= this.#length; at--) {
      const rest = (whole / 10) | 0;
      this.#bytes[at] = digit0 + whole - 10 * rest;
      whole = rest;
    }
    this.#length += places;
  }

  #reserve(room: number): void {
    if (this.#length + room <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + room));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}

/** The integer next to `size / 10^exponent`. */
function scaled(size: number, exponent: number): number {
  return Math.round(exponent > 0 ? size / powers[exponent]! : size * powers[-exponent]!);
}

function placesOf(whole: number): number {
  let places = 1;
  while (whole >= powers[places]!) places++;
  return places;
}

/**
 * A number in so many significant digits, nine at most, as JSON has it.
 *
 * @example
 * numberText(0.0123456, 3); // "0.0123"
 */
export function numberText(value: number | null, digits: number): string {
  const text = new LineText();
  text.number(value, digits);
  return text.toString();
}
