/**
 * The text between the parentheses of a printed tensor: which elements are shown, in which notation, and how they are
 * laid out in lines and brackets. What stands around them is `print.ts`'s.
 */

import { dtypes } from "../dtype.ts";
import type { Complex, DType, Scalar } from "../dtype.ts";
import { LimitError } from "../errors.ts";
import { countOf } from "../shape.ts";
import type { PrintSettings } from "./print-options.ts";
import { formatExponent, formatFixed } from "./printf.ts";

/** Elements that lie strided in some storage. */
export interface StridedElements {
  readonly shape: readonly number[];
  /** Storage positions between neighbours along each dimension. */
  readonly strides: readonly number[];
  /** Storage position of the first element. */
  readonly offset: number;
  readonly dtype: DType;
  /** The element at a storage position. */
  element(position: number): Scalar;
}

/**
 * Elements shown at most. Real: a few thousand; a million with `threshold: Infinity`. Prevents: a tensor of many
 * short dimensions, none of which is ever cut, from filling the memory with text.
 */
const LARGEST_SHOWN = 2 ** 24;

/** The texts of the shown elements in the order of printing, padded, and the width that lines are counted with. */
interface Column {
  readonly texts: readonly string[];
  readonly width: number;
}

/**
 * The elements of a tensor as PyTorch prints them, brackets included.
 *
 * `indent` is how many characters stand before the text on its first line.
 *
 * Throws: `LimitError` when more elements would be shown than a text can hold.
 */
export function elementsText(elements: StridedElements, indent: number, settings: PrintSettings): string {
  const count = countOf(elements.shape);
  if (count === 0) return "[]";
  const edge = count > settings.threshold ? settings.edgeitems : Infinity;
  const values = shownElements(elements, edge);
  const column =
    elements.dtype.kind === "complex"
      ? complexColumn(values as Complex[], settings)
      : isFloating(elements.dtype)
        ? floatColumn(
            values as number[],
            settings,
            elements.dtype === dtypes.float8_e8m0fnu ? isNonzeroPower : isFiniteNonzero,
          )
        : plainColumn(values);
  return new Layout(elements.shape, edge, column, settings.linewidth).text(0, indent);
}

/** Whether PyTorch prints the elements as floats; the bytes of its packed 4-bit floats count as such, too. */
function isFloating(dtype: DType): boolean {
  return dtype.kind === "float" || dtype === dtypes.float4_e2m1fn_x2;
}

/** Whether a dimension is cut to its first and last `edge` elements. */
function isCut(size: number, edge: number): boolean {
  return size > 2 * edge;
}

/** The elements that will be printed, in that order. */
function shownElements(elements: StridedElements, edge: number): Scalar[] {
  const { shape, strides } = elements;
  const shown = countOf(shape.map((size) => (isCut(size, edge) ? 2 * edge : size)));
  if (shown > LARGEST_SHOWN) {
    throw new LimitError(
      `printing a tensor: ${shown} elements would be shown, at most ${LARGEST_SHOWN} can be`,
      {
        code: "print-elements",
        hint: "Print a part of it, or set a lower threshold with setPrintoptions.",
      },
    );
  }
  const values: Scalar[] = [];
  const collect = (dimension: number, position: number): void => {
    if (dimension === shape.length) {
      values.push(elements.element(position));
      return;
    }
    const size = shape[dimension]!;
    const step = strides[dimension]!;
    const cut = isCut(size, edge);
    for (let index = 0; index < size; index++) {
      if (cut && index === edge) index = size - edge;
      if (index < size) collect(dimension + 1, position + index * step);
    }
  };
  collect(0, elements.offset);
  return values;
}

/** Integers and bools: the width is that of the longest. */
function plainColumn(values: readonly Scalar[]): Column {
  return padded(
    values.map((value) => (typeof value === "boolean" ? (value ? "True" : "False") : String(value))),
  );
}

function padded(texts: readonly string[]): Column {
  let width = 1;
  for (const text of texts) width = Math.max(width, text.length);
  return { texts: texts.map((text) => text.padStart(width)), width };
}

/** Which floats decide how all are written. */
type Counts = (value: number) => boolean;

const isFiniteNonzero: Counts = (value) => value !== 0 && Number.isFinite(value);

/** In float8_e8m0fnu PyTorch takes NaN for finite, and the smallest power of two, whose code is 0, for zero. */
const isNonzeroPower: Counts = (value) => value !== 2 ** -127;

/**
 * Floats. Those that count, as a rule the finite ones other than 0, decide the notation (all integral: `1.`; far
 * apart, large or small: `1.0000e+05`) and the width; zeros, NaN and infinities may stick out of it.
 */
function floatColumn(values: readonly number[], settings: PrintSettings, counts: Counts): Column {
  let counted = 0;
  let smallest = Infinity;
  let largest = 0;
  let isIntegral = true;
  for (const value of values) {
    if (!counts(value)) continue;
    counted++;
    smallest = Math.min(smallest, Math.abs(value));
    largest = Math.max(largest, Math.abs(value));
    isIntegral &&= Number.isInteger(value);
  }
  const { precision, sciMode } = settings;
  const isScientific =
    counted > 0 && (sciMode ?? (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4));
  const format = isScientific
    ? (value: number) => formatExponent(value, precision)
    : isIntegral
      ? (value: number) => formatFixed(value, 0) + (Number.isFinite(value) ? "." : "")
      : (value: number) => formatFixed(value, precision);
  const texts = values.map(format);
  let width = 1;
  for (let index = 0; index < values.length; index++) {
    if (counts(values[index]!)) width = Math.max(width, texts[index]!.length);
  }
  return { texts: texts.map((text) => text.padStart(width)), width };
}

/** Complex numbers: real and imaginary parts are two columns, each with its own notation. */
function complexColumn(values: readonly Complex[], settings: PrintSettings): Column {
  const column = (part: "re" | "im"): Column =>
    floatColumn(
      values.map((value) => value[part]),
      settings,
      isFiniteNonzero,
    );
  const real = column("re");
  const imaginary = column("im");
  const texts = real.texts.map((text, index) => {
    const imaginaryText = imaginary.texts[index]!.trimStart();
    return `${text}${imaginaryText.startsWith("-") ? "" : "+"}${imaginaryText}j`;
  });
  return { texts, width: real.width + imaginary.width + 1 };
}

/** Lays texts out in brackets, taking them in order. */
class Layout {
  readonly #shape: readonly number[];
  readonly #edge: number;
  readonly #column: Column;
  readonly #linewidth: number;
  #taken = 0;

  constructor(shape: readonly number[], edge: number, column: Column, linewidth: number) {
    this.#shape = shape;
    this.#edge = edge;
    this.#column = column;
    this.#linewidth = linewidth;
  }

  /** The text of the next sub-tensor that starts at `dimension`. */
  text(dimension: number, indent: number): string {
    const rank = this.#shape.length - dimension;
    if (rank === 0) return this.#column.texts[0]!;
    if (rank === 1) return this.#vector(this.#shape[dimension]!, indent);
    const size = this.#shape[dimension]!;
    const cut = isCut(size, this.#edge);
    const parts: string[] = [];
    for (let count = cut ? 2 * this.#edge : size; count > 0; count--) {
      parts.push(this.text(dimension + 1, indent + 1));
    }
    if (cut) parts.splice(this.#edge, 0, "...");
    return `[${parts.join(`,${"\n".repeat(rank - 1)}${" ".repeat(indent + 1)}`)}]`;
  }

  #vector(size: number, indent: number): string {
    const cut = isCut(size, this.#edge);
    const end = this.#taken + (cut ? 2 * this.#edge : size);
    const items = this.#column.texts.slice(this.#taken, end);
    this.#taken = end;
    // The dots take part in the wrapping as if they were an element.
    if (cut) items.splice(this.#edge, 0, this.#edge === 0 ? "..." : " ...");
    const perLine = Math.max(1, Math.floor((this.#linewidth - indent) / (this.#column.width + 2)));
    const lines: string[] = [];
    for (let start = 0; start < items.length; start += perLine) {
      lines.push(items.slice(start, start + perLine).join(", "));
    }
    return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  }
}
