/** Elements of ONNX that take less than a byte, the first in the lowest bits: unpacked to whole elements as they are read. */

import type { ByteSource } from "../bytes/source.ts";
import { checkRead } from "../bytes/source.ts";
import type { DTypeName } from "../dtype.ts";

/** A type of elements of which several share a byte. */
export interface OnnxPackedType {
  readonly name: string;
  /** Elements that a byte holds. */
  readonly perByte: number;
  /** The type that they are unpacked to. */
  readonly dtype: DTypeName;
  /** What each pattern of bits stands for. */
  readonly values: readonly number[];
}

function unsigned(bits: number): number[] {
  return Array.from({ length: 2 ** bits }, (_, code) => code);
}

function signed(bits: number): number[] {
  return unsigned(bits).map((code) => (code < 2 ** (bits - 1) ? code : code - 2 ** bits));
}

const magnitudesOfE2M1: readonly number[] = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

/** By their numbers in TensorProto.DataType. Source: onnx/onnx.proto of ONNX 1.23. */
export const onnxPackedTypes: ReadonlyMap<number, OnnxPackedType> = new Map([
  [21, { name: "UINT4", perByte: 2, dtype: "uint8", values: unsigned(4) }],
  [22, { name: "INT4", perByte: 2, dtype: "int8", values: signed(4) }],
  [
    23,
    {
      name: "FLOAT4E2M1",
      perByte: 2,
      dtype: "float32",
      values: [...magnitudesOfE2M1, ...magnitudesOfE2M1.map((value) => -value)],
    },
  ],
  [25, { name: "UINT2", perByte: 4, dtype: "uint8", values: unsigned(2) }],
  [26, { name: "INT2", perByte: 4, dtype: "int8", values: signed(2) }],
]);

/** Reads packed elements from `source`, which is nothing but them, and gives `numel` of them in a row. */
export class UnpackedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #type: OnnxPackedType;
  /** Bytes of an unpacked element. */
  readonly #itemByteLength: number;

  constructor(source: ByteSource, type: OnnxPackedType, numel: number) {
    this.#itemByteLength = type.dtype === "float32" ? 4 : 1;
    this.size = numel * this.#itemByteLength;
    this.#source = source;
    this.#type = type;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const { perByte, values } = this.#type;
    const item = this.#itemByteLength;
    const firstByte = Math.floor(start / item / perByte);
    const packed = await this.#source.read(firstByte, Math.ceil(end / item / perByte), signal);
    const bits = 8 / perByte;
    const out = new DataView(new ArrayBuffer(packed.length * perByte * item));
    for (const [at, byte] of packed.entries()) {
      for (let place = 0; place < perByte; place += 1) {
        const value = values[(byte >> (place * bits)) & (values.length - 1)]!;
        const to = (at * perByte + place) * item;
        if (item === 4) out.setFloat32(to, value, true);
        else out.setInt8(to, value);
      }
    }
    return new Uint8Array(out.buffer, start - firstByte * perByte * item, end - start);
  }
}
