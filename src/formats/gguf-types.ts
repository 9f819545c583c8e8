/**
 * The element types of GGUF by number: plain ones, which are PyTorch's, and blocks of elements that share a scale, with
 * what decodes them.
 *
 * Source: the enum `ggml_type` and the structs `block_*` of ggml (ggml/include/ggml.h, ggml/src/ggml-common.h).
 */

import type { DTypeName } from "../dtype.ts";
import type { BlockDecoder } from "./gguf-blocks.ts";
import {
  decodeIQ4NL,
  decodeIQ4XS,
  decodeMXFP4,
  decodeNVFP4,
  decodeQ2K,
  decodeQ3K,
  decodeQ4,
  decodeQ4K,
  decodeQ4WithMinimum,
  decodeQ5,
  decodeQ5K,
  decodeQ5WithMinimum,
  decodeQ6K,
  decodeQ8,
  decodeTQ1,
  decodeTQ2,
} from "./gguf-blocks.ts";

/** One element after another. */
export interface PlainType {
  readonly name: string;
  readonly dtype: DTypeName;
}

/** Elements in blocks. */
export interface BlockType {
  readonly name: string;
  readonly dtype: null;
  readonly elements: number;
  readonly byteLength: number;
  /** Null where decoding takes tables that this package does not have. */
  readonly decode: BlockDecoder | null;
}

function plain(name: string, dtype: DTypeName): PlainType {
  return { name, dtype };
}

function block(
  name: string,
  elements: number,
  byteLength: number,
  decode: BlockDecoder | null = null,
): BlockType {
  return { name, dtype: null, elements, byteLength, decode };
}

/** The types by their numbers. Numbers between them were given up again, and no file should have them. */
export const ggufTypes: ReadonlyMap<number, PlainType | BlockType> = new Map<number, PlainType | BlockType>([
  [0, plain("F32", "float32")],
  [1, plain("F16", "float16")],
  [2, block("Q4_0", 32, 18, decodeQ4)],
  [3, block("Q4_1", 32, 20, decodeQ4WithMinimum)],
  [6, block("Q5_0", 32, 22, decodeQ5)],
  [7, block("Q5_1", 32, 24, decodeQ5WithMinimum)],
  [8, block("Q8_0", 32, 34, decodeQ8)],
  [9, block("Q8_1", 32, 36)],
  [10, block("Q2_K", 256, 84, decodeQ2K)],
  [11, block("Q3_K", 256, 110, decodeQ3K)],
  [12, block("Q4_K", 256, 144, decodeQ4K)],
  [13, block("Q5_K", 256, 176, decodeQ5K)],
  [14, block("Q6_K", 256, 210, decodeQ6K)],
  [15, block("Q8_K", 256, 292)],
  [16, block("IQ2_XXS", 256, 66)],
  [17, block("IQ2_XS", 256, 74)],
  [18, block("IQ3_XXS", 256, 98)],
  [19, block("IQ1_S", 256, 50)],
  [20, block("IQ4_NL", 32, 18, decodeIQ4NL)],
  [21, block("IQ3_S", 256, 110)],
  [22, block("IQ2_S", 256, 82)],
  [23, block("IQ4_XS", 256, 136, decodeIQ4XS)],
  [24, plain("I8", "int8")],
  [25, plain("I16", "int16")],
  [26, plain("I32", "int32")],
  [27, plain("I64", "int64")],
  [28, plain("F64", "float64")],
  [29, block("IQ1_M", 256, 56)],
  [30, plain("BF16", "bfloat16")],
  [34, block("TQ1_0", 256, 54, decodeTQ1)],
  [35, block("TQ2_0", 256, 66, decodeTQ2)],
  [39, block("MXFP4", 32, 17, decodeMXFP4)],
  [40, block("NVFP4", 64, 36, decodeNVFP4)],
  [41, block("Q1_0", 128, 18)],
]);
