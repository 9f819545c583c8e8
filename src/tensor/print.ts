/**
 * A tensor as PyTorch prints it, character for character: `tensor(…)` with its elements and what is said after them.
 *
 * The printer reads a `Printable`, a plain description, so that live tensors and tensors in files print alike.
 * `String(tensor)` is this text for every tensor. Differs from PyTorch: an f-string prints a 0-d tensor as a bare
 * number; in a template literal write `${t.item()}` for that.
 */

import { dtypes } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { printable } from "../errors.ts";
import { countOf } from "../shape.ts";
import { elementsText } from "./print-elements.ts";
import type { StridedElements } from "./print-elements.ts";
import { getPrintoptions } from "./print-options.ts";
import type { PrintSettings } from "./print-options.ts";
import { dequantized, quantizerFacts } from "./print-quantizer.ts";
import type { Quantizer } from "./print-quantizer.ts";
import { tupleRepr } from "./python-repr.ts";

/** What of a tensor shows when it is printed. */
export interface Printable {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** `"cpu"`, `"meta"`, or what a file recorded, as `"cuda:0"`. */
  readonly device: string;
  readonly requiresGrad: boolean;
  /** The name of the node that made it (`"AddBackward0"`); null for a leaf. */
  readonly gradFn: string | null;
  readonly isParameter: boolean;
  readonly content: PrintableContent;
}

/** Where the values of a printed tensor are. The elements of a sparse tensor on `meta` are not asked for. */
export type PrintableContent =
  | { readonly kind: "strided"; readonly elements: StridedElements }
  /** A tensor on `meta`: there is a shape, but no elements. */
  | { readonly kind: "absent" }
  | { readonly kind: "quantized"; readonly codes: StridedElements; readonly quantizer: Quantizer }
  | { readonly kind: "sparse_coo"; readonly indices: StridedElements; readonly values: StridedElements }
  | {
      readonly kind: "sparse_csr" | "sparse_csc" | "sparse_bsr" | "sparse_bsc";
      /** Where each compressed row (or column) starts among the plain indices. */
      readonly compressed: StridedElements;
      readonly plain: StridedElements;
      readonly values: StridedElements;
    };

const OPENING = "tensor(";

/**
 * The text of a tensor: PyTorch's `repr(t)`, under the options `setPrintoptions` set.
 *
 * `defaultDtype` is the program's default float dtype, which goes without saying. Costs what the shown elements cost:
 * of a summarised tensor no other element is read.
 *
 * Throws: `LimitError` when more elements would be shown than a text can hold.
 */
export function tensorText(tensor: Printable, defaultDtype: DType = dtypes.float32): string {
  const settings = getPrintoptions();
  const indent = OPENING.length;
  const { body, facts } = describe(tensor, defaultDtype, settings);
  const suffixes = tensor.device === "cpu" ? facts : [`device='${printable(tensor.device)}'`, ...facts];
  const { kind } = tensor.content;
  if (kind.startsWith("sparse")) suffixes.push(`layout=torch.${kind}`);
  if (tensor.gradFn !== null) suffixes.push(`grad_fn=<${tensor.gradFn}>`);
  else if (tensor.requiresGrad) suffixes.push("requires_grad=True");
  const text = withSuffixes(OPENING + body, suffixes, indent, settings.linewidth, kind === "sparse_coo");
  return tensor.isParameter ? `Parameter containing:\n${text}` : text;
}

/** The elements' text and what is said of their shape and dtype. */
interface Description {
  readonly body: string;
  readonly facts: string[];
}

function describe(tensor: Printable, defaultDtype: DType, settings: PrintSettings): Description {
  const { shape, dtype, content } = tensor;
  const size = `size=${tupleRepr(shape)}`;
  const named = [`dtype=${String(dtype)}`];
  const unlessPlain = goesWithoutSaying(dtype, defaultDtype) ? [] : named;
  // Without elements to tell an integer by, every dtype but the default one is named.
  const unlessDefault = dtype === defaultDtype ? [] : named;
  switch (content.kind) {
    case "absent":
      return { body: "...", facts: [size, ...unlessDefault] };
    case "strided": {
      if (countOf(shape) === 0) {
        return { body: "[]", facts: [...(shape.length === 1 ? [] : [size]), ...unlessDefault] };
      }
      const body = elementsText(content.elements, OPENING.length, settings);
      return { body, facts: [...(settings.edgeitems === 0 ? [size] : []), ...unlessPlain] };
    }
    case "quantized": {
      const { codes, quantizer } = content;
      const body = elementsText(dequantized(codes, quantizer), OPENING.length, settings);
      const partText = (part: StridedElements): string => tensorText(plain(part), defaultDtype);
      return { body, facts: [size, ...unlessPlain, ...quantizerFacts(quantizer, partText)] };
    }
    default: {
      const isMeta = tensor.device === "meta";
      const body = sparseParts(content)
        .map(([name, elements]) => partText(name, elements, isMeta, settings))
        .join(`,\n${" ".repeat(OPENING.length)}`);
      return { body, facts: [size, ...(isMeta ? [] : [`nnz=${nonZeros(content)}`]), ...unlessPlain] };
    }
  }
}

/** Whether the elements' text tells the dtype: the default float, its complex twin, int64 and bool. */
function goesWithoutSaying(dtype: DType, defaultDtype: DType): boolean {
  const defaultComplex = defaultDtype === dtypes.float64 ? dtypes.complex128 : dtypes.complex64;
  return (
    dtype === defaultDtype || dtype === defaultComplex || dtype === dtypes.int64 || dtype === dtypes.bool
  );
}

type SparseContent = Exclude<PrintableContent, { readonly kind: "strided" | "absent" | "quantized" }>;

/** The dense tensors a sparse one consists of, under PyTorch's names. */
function sparseParts(content: SparseContent): readonly (readonly [string, StridedElements])[] {
  switch (content.kind) {
    case "sparse_coo":
      return [
        ["indices", content.indices],
        ["values", content.values],
      ];
    case "sparse_csr":
    case "sparse_bsr":
      return [
        ["crow_indices", content.compressed],
        ["col_indices", content.plain],
        ["values", content.values],
      ];
    case "sparse_csc":
    case "sparse_bsc":
      return [
        ["ccol_indices", content.compressed],
        ["row_indices", content.plain],
        ["values", content.values],
      ];
  }
}

/** How many elements (or blocks) a sparse tensor writes down. */
function nonZeros(content: SparseContent): number {
  const { shape } = content.kind === "sparse_coo" ? content.indices : content.plain;
  return shape.at(-1) ?? 0;
}

function partText(name: string, elements: StridedElements, isMeta: boolean, settings: PrintSettings): string {
  const opening = `${name}=${OPENING}`;
  const body = isMeta ? "..." : elementsText(elements, OPENING.length + opening.length, settings);
  const size = isMeta || countOf(elements.shape) === 0 ? `, size=${tupleRepr(elements.shape)}` : "";
  return `${opening}${body}${size})`;
}

/** Elements as a tensor of their own. */
function plain(elements: StridedElements): Printable {
  return {
    shape: elements.shape,
    dtype: elements.dtype,
    device: "cpu",
    requiresGrad: false,
    gradFn: null,
    isParameter: false,
    content: { kind: "strided", elements },
  };
}

/** Puts the suffixes after the text, each on the last line if it fits there and else on a new one, and closes it. */
function withSuffixes(
  text: string,
  suffixes: readonly string[],
  indent: number,
  linewidth: number,
  breaksFirst: boolean,
): string {
  let result = text;
  // PyTorch counts two characters more than the last line has.
  let length = text.length - text.lastIndexOf("\n") + 1;
  for (const [index, suffix] of suffixes.entries()) {
    if ((index === 0 && breaksFirst) || length + suffix.length + 2 > linewidth) {
      result += `,\n${" ".repeat(indent)}${suffix}`;
      length = indent + suffix.length;
    } else {
      result += `, ${suffix}`;
      length += suffix.length + 2;
    }
  }
  return `${result})`;
}
