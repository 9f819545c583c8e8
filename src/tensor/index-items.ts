/**
 * The grammar of indices, one everywhere: `at(0, ":3")`, `at("0, :3")`, `'fc.weight[0, :3]'`. Reads arguments and text
 * as items; what they mean for a shape is said in `index-plan.ts`.
 */

import { dtypes } from "../dtype.ts";
import { UsageError, quote, torchError } from "../errors.ts";
import { toSize } from "../shape.ts";
import type { Tensor } from "./tensor.ts";
import { isTensor, newTensor } from "./tensor.ts";

/** What stands for `start:end:step`, where the numbers are at hand: `slice(0, 3)`. */
export interface IndexSlice {
  readonly kind: "slice";
  /** Negative numbers count from the end, null is the beginning. */
  readonly start: number | null;
  /** The first place that is not taken; null is the end. */
  readonly end: number | null;
  /** At least 1; null is 1. */
  readonly step: number | null;
}

/** Integers or booleans in lists: an index tensor written out. */
export type IndexList = readonly (number | bigint | boolean | IndexList)[];

/**
 * One index, or several in one text: an integer, a slice, `null` (PyTorch's `None`) for a new dimension, a boolean, an
 * integer tensor, a mask, a list of integers or booleans, or text such as `"0, 1:-1, ..., None, [0, 2]"`.
 */
export type Index = number | bigint | boolean | string | null | IndexSlice | IndexList | Tensor;

/** One part of an index, as read. */
export type IndexItem =
  | { readonly kind: "integer"; readonly value: number }
  | IndexSlice
  | { readonly kind: "ellipsis" }
  | { readonly kind: "none" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "tensor"; readonly tensor: Tensor };

/**
 * A slice of a dimension: `slice(1, 4)` is Python's `1:4`, `slice(null, null, 2)` is `::2`.
 *
 * @example
 * arange(6).at(slice(1, 4)); // tensor([1, 2, 3])
 */
export function slice(
  start: number | null = null,
  end: number | null = null,
  step: number | null = null,
): IndexSlice {
  return { kind: "slice", start, end, step };
}

const integerText = /^[+-]?\d+$/;
const sliceText = /^([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?)?$/;

function unreadable(text: string, found: string): UsageError {
  return new UsageError(`reading the index ${quote(text)}: found ${quote(found)}, expected an index`, {
    code: "index-text",
    torchType: "IndexError",
    hint: 'Write integers, slices such as 1:-1 or ::2, "...", None, True, False, or lists such as [0, 2], with commas between.',
  });
}

/** The parts of a text between commas that are in no bracket. */
function splitText(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "[") depth++;
    else if (character === "]") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
    if (depth < 0) throw unreadable(text, "]");
  }
  if (depth > 0) throw unreadable(text, "[");
  const last = text.slice(start).trim();
  // Python allows a comma at the end, and nothing at all.
  if (last !== "") parts.push(last);
  return parts;
}

function readList(text: string, part: string): IndexList {
  return splitText(part.slice(1, -1)).map((each) => {
    if (integerText.test(each)) return Number(each);
    if (each === "True") return true;
    if (each === "False") return false;
    if (each.startsWith("[") && each.endsWith("]")) return readList(text, each);
    throw unreadable(text, each);
  });
}

/**
 * Reads an index as text, without its outer brackets.
 *
 * Throws: `UsageError` for what is no index.
 *
 * @example
 * readIndex("0, :3"); // an integer and a slice
 */
export function readIndex(text: string): IndexItem[] {
  return splitText(text).map((part): IndexItem => {
    if (integerText.test(part)) return { kind: "integer", value: Number(part) };
    if (part === "...") return { kind: "ellipsis" };
    if (part === "None") return { kind: "none" };
    if (part === "True" || part === "False") return { kind: "boolean", value: part === "True" };
    if (part.startsWith("[") && part.endsWith("]")) return listItem(readList(text, part));
    const found = sliceText.exec(part);
    if (found === null) throw unreadable(text, part);
    const [start, end, step] = [1, 2, 3].map((group) => {
      const digits = found[group];
      return digits === undefined ? null : Number(digits);
    });
    return slice(start, end, step);
  });
}

function notAnIndex(found: string): Error {
  return torchError(
    "IndexError",
    `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${found})`,
  );
}

function lengthsOf(list: IndexList): number[] {
  const lengths: number[] = [];
  for (let level: IndexList[number] | undefined = list; Array.isArray(level); level = level[0]) {
    lengths.push(level.length);
  }
  return lengths;
}

function flatten(
  list: IndexList,
  lengths: readonly number[],
  depth: number,
  flat: (bigint | boolean)[],
): void {
  if (list.length !== lengths[depth]) {
    throw torchError(
      "ValueError",
      `expected sequence of length ${lengths[depth]} at dim ${depth} (got ${list.length})`,
    );
  }
  for (const each of list) {
    if (Array.isArray(each)) {
      if (depth + 1 === lengths.length) throw torchError("TypeError", "not a sequence");
      flatten(each as IndexList, lengths, depth + 1, flat);
    } else if (depth + 1 < lengths.length) throw torchError("TypeError", "not a sequence");
    else if (typeof each === "boolean" || typeof each === "bigint") flat.push(each);
    else if (Number.isSafeInteger(each)) flat.push(BigInt(each as number));
    else throw notAnIndex(typeof each === "number" ? "float" : typeof each);
  }
}

/** A list as a tensor: a mask where all is boolean, else integers. */
function listItem(list: IndexList): IndexItem {
  const lengths = lengthsOf(list);
  const flat: (bigint | boolean)[] = [];
  flatten(list, lengths, 0, flat);
  const isMask = flat.length > 0 && flat.every((each) => typeof each === "boolean");
  const tensor = newTensor(isMask ? dtypes.bool : dtypes.int64, toSize(lengths));
  flat.forEach((each, k) => {
    tensor.items[k] = isMask ? Number(each) : BigInt(each);
  });
  return { kind: "tensor", tensor };
}

/**
 * The items that the arguments of `at` are.
 *
 * Throws: PyTorch's IndexError for what is no index; `UsageError` for text that is none, and for one list of lists.
 */
export function indexItems(indices: readonly Index[]): IndexItem[] {
  const [only] = indices;
  if (indices.length === 1 && Array.isArray(only) && only.some((each) => typeof each === "object")) {
    throw new UsageError("indexing a tensor: found one list of lists, expected one list for each dimension", {
      code: "index-list",
      torchType: "IndexError",
      hint: "PyTorch 2.13 takes at([[0, 1], [1, 0]]) for at([0, 1], [1, 0]) and warns; write that, or at(tensor([[0, 1], [1, 0]])).",
    });
  }
  return indices.flatMap((index): IndexItem[] => {
    switch (typeof index) {
      case "number":
        if (!Number.isInteger(index)) throw notAnIndex("float");
        return [{ kind: "integer", value: index }];
      case "bigint":
        return [{ kind: "integer", value: Number(index) }];
      case "boolean":
        return [{ kind: "boolean", value: index }];
      case "string":
        return readIndex(index);
      default:
        if (index === null) return [{ kind: "none" }];
        if (isTensor(index)) return [{ kind: "tensor", tensor: index }];
        if (Array.isArray(index)) return [listItem(index as IndexList)];
        if (typeof index === "object" && (index as IndexSlice).kind === "slice") return [index as IndexSlice];
        throw notAnIndex(index === undefined ? "undefined" : typeof index);
    }
  });
}
