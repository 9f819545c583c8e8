/**
 * Writes safetensors as version 0.8 of the reference does, byte for byte: tensors by dtype and then by name, the header
 * padded to eight bytes. Reading is in `safetensors.ts`.
 *
 * Source: safetensors/src/tensor.rs; files are compared whole. (The reference writes the metadata in a random order,
 * here it keeps the order it has.)
 */

import type { Document, StoredTensor } from "../catalog/document.ts";
import type { Plan, PlanStep } from "../catalog/plan.ts";
import { planOf } from "../catalog/plan.ts";
import { isInRow, startOf, storedByteLength } from "../catalog/stored-tensor.ts";
import { stridedBlocks } from "../catalog/strided.ts";
import { quote, StateError, UsageError } from "../errors.ts";
import type { NamedTensor, Ties } from "./named-tensors.ts";
import { namedTensors } from "./named-tensors.ts";

/** How to write safetensors. */
export interface SafetensorsOptions {
  /** Texts for the header's `__metadata__`. Default: those that the document has. */
  readonly metadata?: ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined;
  /** What to do with names that share elements. Default `"refuse"`. */
  readonly ties?: Ties | undefined;
  /** What to do with values that are no tensors, which safetensors cannot hold. Default `"refuse"`. */
  readonly others?: "refuse" | "drop" | undefined;
}

/** Tags from the lowest to the highest, as the reference orders them; a file begins with the highest. */
const tagOrder = [
  "BOOL",
  "F4",
  "F6_E2M3",
  "F6_E3M2",
  "U8",
  "I8",
  "F8_E5M2",
  "F8_E4M3",
  "F8_E8M0",
  "F8_E4M3FNUZ",
  "F8_E5M2FNUZ",
  "I16",
  "U16",
  "F16",
  "BF16",
  "I32",
  "U32",
  "F32",
  "C64",
  "F64",
  "I64",
  "U64",
] as const;

const rankOfTag: ReadonlyMap<string, number> = new Map(tagOrder.map((tag, rank) => [tag, rank]));

/** Bytes of one piece of a view that is gathered. */
const blockBytes = 4 * 2 ** 20;
const gatherBytes = 256 * 2 ** 20;

/** Compares texts by code points, as Rust and Python do; JavaScript's own order is that of UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    const isPair = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;
    return isPair(left) === isPair(right) ? left - right : isPair(left) ? 1 : -1;
  }
  return a.length - b.length;
}

function rankOf({ name, tensor }: NamedTensor): number {
  const { dtype } = tensor;
  const rank = rankOfTag.get(dtype.safetensors ?? "");
  if (rank !== undefined) return rank;
  throw new StateError(
    `writing safetensors: ${quote(name)} is ${dtype.name}, which safetensors does not have`,
    {
      code: "safetensors-dtype",
      hint: "Convert it to another dtype, or save the file as .pt.",
    },
  );
}

/** The step that writes a tensor's elements: a range of its storage where they lie in one run. */
function stepOf(tensor: StoredTensor): PlanStep {
  const { dtype, storage, shape, stride, offset } = tensor;
  const byteLength = storedByteLength(tensor);
  const start = startOf(tensor);
  const isAsIs = storage.byteOrder === "little" || dtype.swap === 1;
  if (byteLength === 0) return { step: "bytes", bytes: new Uint8Array(0) };
  if (isAsIs && isInRow(tensor) && Number.isInteger(start)) {
    return { step: "copy", open: storage.open, start, end: start + byteLength };
  }
  return {
    step: "blocks",
    byteLength,
    async *blocks(signal) {
      const source = await storage.open();
      const { byteOrder } = storage;
      yield* stridedBlocks(
        { source, byteOrder, gatherBytes, signal },
        { dtype, shape, stride, offset },
        blockBytes,
      );
    },
  };
}

/** The shape as the file has it: F4 counts values, of which PyTorch's element holds two. */
function writtenShape({ dtype, shape }: StoredTensor): readonly number[] {
  if (dtype.safetensors !== "F4") return shape;
  return shape.length === 0 ? [2] : [...shape.slice(0, -1), shape.at(-1)! * 2];
}

function textOf(text: string): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw new UsageError(
      `writing safetensors: ${quote(text)} has half of a surrogate pair, which is no text`,
      {
        code: "safetensors-name",
      },
    );
  }
  return JSON.stringify(text);
}

/** Pairs of a map, or of an object that the program itself wrote. */
function pairsOf(metadata: NonNullable<SafetensorsOptions["metadata"]>): [string, string][] {
  const pairs: [string, string][] = metadata instanceof Map ? [...metadata] : Object.entries(metadata);
  const other = pairs.find((pair: readonly unknown[]) => pair.some((text) => typeof text !== "string"));
  if (other === undefined) return pairs;
  const [name, value] = other;
  throw new UsageError(
    `writing safetensors: the metadata ${quote(String(name))} is of type ${typeof value}, expected a string`,
    { code: "safetensors-metadata", hint: "Pass texts: JSON.stringify(value) makes one of anything." },
  );
}

/** The plan of one safetensors file of these tensors. */
export function encodeTensors(tensors: readonly NamedTensor[], metadata: ReadonlyMap<string, string>): Plan {
  const ordered = tensors
    .map((named) => ({ ...named, rank: rankOf(named) }))
    .sort((a, b) => b.rank - a.rank || compareCodePoints(a.name, b.name));
  const fields: string[] = [];
  if (metadata.size > 0) {
    const texts = [...metadata].map(([key, text]) => `${textOf(key)}:${textOf(text)}`);
    fields.push(`"__metadata__":{${texts.join(",")}}`);
  }
  let end = 0;
  for (const { name, tensor } of ordered) {
    if (name === "__metadata__") {
      throw new StateError('writing safetensors: no tensor can be called "__metadata__"', {
        code: "safetensors-name",
      });
    }
    const start = end;
    end += storedByteLength(tensor);
    fields.push(
      `${textOf(name)}:{"dtype":"${tensor.dtype.safetensors}","shape":[${writtenShape(tensor).join(",")}],"data_offsets":[${start},${end}]}`,
    );
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return planOf([{ step: "bytes", bytes: header }, ...ordered.map(({ tensor }) => stepOf(tensor))]);
}

/** The tensors and texts of a document as safetensors has them. */
export function safetensorsContent(
  document: Document,
  options: SafetensorsOptions = {},
): { readonly tensors: readonly NamedTensor[]; readonly metadata: Map<string, string> } {
  const { ties = "refuse", others = "refuse" } = options;
  const { tensors, dropped } = namedTensors(document, ties, others);
  const metadata = new Map(options.metadata === undefined ? document.metadata : pairsOf(options.metadata));
  for (const [name, kept] of dropped) if (!metadata.has(name)) metadata.set(name, kept);
  return { tensors, metadata };
}

/**
 * The plan of a safetensors file. Views that are not contiguous are packed.
 *
 * Throws: `StateError` for names that share elements (unless `ties` says what to do), values that are no tensors
 * (unless `others` is `"drop"`), and dtypes that safetensors does not have.
 */
export function encodeSafetensors(document: Document, options: SafetensorsOptions = {}): Plan {
  const { tensors, metadata } = safetensorsContent(document, options);
  return encodeTensors(tensors, metadata);
}
