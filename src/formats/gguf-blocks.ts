/**
 * Decoding of GGUF's blocks to float32, element for element what ggml's own `dequantize_row_*` give. `d` is the scale of a
 * block, `m` its minimum; every product and sum is rounded to float32.
 *
 * Source: the structs `block_*` of ggml (ggml/src/ggml-common.h) and ggml/src/ggml-quants.c.
 */

import { dtypes } from "../dtype.ts";

/** Decodes the block that starts at byte `at` of `view` to `out`, from the element `to` on. */
export type BlockDecoder = (view: DataView, at: number, out: Float32Array, to: number) => void;

const { fround } = Math;

/** The float16 at byte `at`, which is even in all blocks that have one. */
function half(view: DataView, at: number): number {
  return dtypes.float16.get(view, at / 2) as number;
}

/** The low or the high four bits of a byte. */
function nibble(view: DataView, at: number, isHigh: boolean): number {
  const byte = view.getUint8(at);
  return isHigh ? byte >> 4 : byte & 15;
}

/** The 32 elements of a small block: 16 bytes, first all low nibbles, then all high ones. */
function small(view: DataView, at: number, place: (index: number, nibble: number) => void): void {
  for (let i = 0; i < 16; i += 1) {
    const byte = view.getUint8(at + i);
    place(i, byte & 15);
    place(i + 16, byte >> 4);
  }
}

/** Q4_0 `[d][16 nibbles × 2]`: (q - 8) d */
export const decodeQ4: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  small(view, at + 2, (i, q) => {
    out[to + i] = (q - 8) * d;
  });
};

/** Q4_1 `[d][m][…]`: q d + m */
export const decodeQ4WithMinimum: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  const m = half(view, at + 2);
  small(view, at + 4, (i, q) => {
    out[to + i] = fround(q * d) + m;
  });
};

/** Q5_0 `[d][32 fifth bits][…]`: (q - 16) d */
export const decodeQ5: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  const high = view.getUint32(at + 2, true);
  small(view, at + 6, (i, q) => {
    out[to + i] = ((q | (((high >>> i) & 1) << 4)) - 16) * d;
  });
};

/** Q5_1 `[d][m][32 fifth bits][…]`: q d + m */
export const decodeQ5WithMinimum: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  const m = half(view, at + 2);
  const high = view.getUint32(at + 4, true);
  small(view, at + 8, (i, q) => {
    out[to + i] = fround((q | (((high >>> i) & 1) << 4)) * d) + m;
  });
};

/** Q8_0 `[d][32 × int8]`: q d */
export const decodeQ8: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  for (let i = 0; i < 32; i += 1) out[to + i] = view.getInt8(at + 2 + i) * d;
};

/**
 * Q2_K `[16 × scale and minimum][64 × 4 quants][d][dmin]`. Elements go in 2 parts of 128; in a part, 32 bytes hold 4 runs
 * of 32 elements, two bits each. Every 16 elements have a scale (low nibble) and a minimum (high): q (d s) - dmin m
 */
export const decodeQ2K: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at + 80);
  const dmin = half(view, at + 82);
  for (let i = 0; i < 256; i += 1) {
    const scale = view.getUint8(at + (i >> 4));
    const q = (view.getUint8(at + 16 + (i >> 7) * 32 + (i & 31)) >> (((i >> 5) & 3) * 2)) & 3;
    out[to + i] = fround(fround(d * (scale & 15)) * q) - fround(dmin * (scale >> 4));
  }
};

/** The 6-bit scale of Q3_K: the low four bits in 8 bytes, nibble after nibble, the high two in 4 bytes, pair after pair. */
function scaleOfQ3K(view: DataView, at: number, index: number): number {
  const low = nibble(view, at + (index & 7), index > 7);
  const high = (view.getUint8(at + 8 + (index & 3)) >> ((index >> 2) * 2)) & 3;
  return (low | (high << 4)) - 32;
}

/** Q3_K `[32 × 8 third bits][64 × 4 quants][12 scales][d]`; a third bit of 0 subtracts 4: (q - 4 h) (d s) */
export const decodeQ3K: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at + 108);
  for (let i = 0; i < 256; i += 1) {
    const scale = fround(d * scaleOfQ3K(view, at + 96, i >> 4));
    const low = (view.getUint8(at + 32 + (i >> 7) * 32 + (i & 31)) >> (((i >> 5) & 3) * 2)) & 3;
    const high = (view.getUint8(at + (i & 31)) >> (i >> 5)) & 1;
    out[to + i] = scale * (low - (high === 1 ? 0 : 4));
  }
};

/** The 6-bit scale and minimum of the run `index` of Q4_K and Q5_K, which share 12 bytes. */
function scaleOfQ4K(view: DataView, at: number, index: number): readonly [number, number] {
  const scale = view.getUint8(at + (index & 3));
  const minimum = view.getUint8(at + 4 + (index & 3));
  if (index < 4) return [scale & 63, minimum & 63];
  const rest = view.getUint8(at + 8 + (index & 3));
  return [(rest & 15) | ((scale >> 6) << 4), (rest >> 4) | ((minimum >> 6) << 4)];
}

/** Q4_K `[d][dmin][12 scales][128 × 2 nibbles]`: 8 runs of 32, two to 32 bytes: q (d s) - dmin m */
export const decodeQ4K: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  const dmin = half(view, at + 2);
  for (let run = 0; run < 8; run += 1) {
    const [scale, minimum] = scaleOfQ4K(view, at + 4, run);
    const s = fround(d * scale);
    const m = fround(dmin * minimum);
    const quants = at + 16 + (run >> 1) * 32;
    for (let i = 0; i < 32; i += 1) {
      out[to + run * 32 + i] = fround(s * nibble(view, quants + i, run % 2 === 1)) - m;
    }
  }
};

/** Q5_K `[d][dmin][12 scales][32 × 8 fifth bits][128 × 2 nibbles]`: q (d s) - dmin m */
export const decodeQ5K: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  const dmin = half(view, at + 2);
  for (let run = 0; run < 8; run += 1) {
    const [scale, minimum] = scaleOfQ4K(view, at + 4, run);
    const s = fround(d * scale);
    const m = fround(dmin * minimum);
    const quants = at + 48 + (run >> 1) * 32;
    for (let i = 0; i < 32; i += 1) {
      const high = (view.getUint8(at + 16 + i) >> run) & 1;
      out[to + run * 32 + i] = fround(s * (nibble(view, quants + i, run % 2 === 1) | (high << 4))) - m;
    }
  }
};

/** Q6_K `[128 × 2 nibbles][64 × 4 high pairs][16 × int8 scales][d]`: (q - 32) (d s) */
export const decodeQ6K: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at + 208);
  for (let i = 0; i < 256; i += 1) {
    const part = i >> 7;
    const run = (i >> 5) & 3;
    // In a part of 128 elements, 64 bytes hold 2 runs of 32 in their low nibbles and then 2 in their high ones.
    const low = nibble(view, at + part * 64 + (run & 1) * 32 + (i & 31), run > 1);
    const high = (view.getUint8(at + 128 + part * 32 + (i & 31)) >> (run * 2)) & 3;
    const scale = fround(d * view.getInt8(at + 192 + (i >> 4)));
    out[to + i] = scale * ((low | (high << 4)) - 32);
  }
};

/** The sixteen levels of IQ4, which are not evenly spaced. */
const levelsOfIQ4: readonly number[] = [
  -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
];

/** IQ4_NL `[d][16 nibbles × 2]`: d level */
export const decodeIQ4NL: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  small(view, at + 2, (i, q) => {
    out[to + i] = d * levelsOfIQ4[q]!;
  });
};

/** IQ4_XS `[d][8 × high pair of a scale][8 × low nibble of a scale][128 × 2 nibbles]`: level (d (s - 32)) */
export const decodeIQ4XS: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at);
  const high = view.getUint16(at + 2, true);
  for (let run = 0; run < 8; run += 1) {
    const low = nibble(view, at + 4 + (run >> 1), run % 2 === 1);
    const s = fround(d * ((low | (((high >> (run * 2)) & 3) << 4)) - 32));
    small(view, at + 8 + run * 16, (i, q) => {
      out[to + run * 32 + i] = s * levelsOfIQ4[q]!;
    });
  }
};

/** The values of a 4-bit float (E2M1), doubled. */
const levelsOfE2M1: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** MXFP4 `[exponent][16 nibbles × 2]`: 2^(e - 128) × the doubled value */
export const decodeMXFP4: BlockDecoder = (view, at, out, to) => {
  const d = 2 ** (view.getUint8(at) - 128);
  small(view, at + 1, (i, q) => {
    out[to + i] = d * levelsOfE2M1[q]!;
  });
};

/** A scale of four exponent and three mantissa bits without a sign, halved: the levels of E2M1 are doubled. */
function scaleOfNVFP4(byte: number): number {
  const exponent = (byte >> 3) & 15;
  const mantissa = byte & 7;
  if (byte === 0x7f) return 0;
  return exponent === 0 ? mantissa * 2 ** -10 : (1 + mantissa / 8) * 2 ** (exponent - 8);
}

/** NVFP4 `[4 scales][4 × 8 × 2 nibbles]`: 4 runs of 16, each first all low nibbles and then all high ones: s × the doubled value */
export const decodeNVFP4: BlockDecoder = (view, at, out, to) => {
  for (let i = 0; i < 64; i += 1) {
    const run = i >> 4;
    const q = nibble(view, at + 4 + run * 8 + (i & 7), (i & 8) !== 0);
    out[to + i] = scaleOfNVFP4(view.getUint8(at + run)) * levelsOfE2M1[q]!;
  }
};

/** The digit in base 3 that stands first when a byte is a fraction of 256 and is multiplied by `power`, less 1. */
function trit(byte: number, power: number): number {
  return ((((byte * power) & 255) * 3) >> 8) - 1;
}

/**
 * TQ1_0 `[48 × 5 trits][4 × 4 trits][d]`: 32 bytes hold five runs of 32 elements, the next 16 five of 16, the last 4 four of
 * 4: d (t - 1)
 */
export const decodeTQ1: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at + 52);
  let next = to;
  const place = (start: number, count: number, digits: number): void => {
    for (let digit = 0, power = 1; digit < digits; digit += 1, power *= 3) {
      for (let i = 0; i < count; i += 1) out[next++] = d * trit(view.getUint8(at + start + i), power);
    }
  };
  place(0, 32, 5);
  place(32, 16, 5);
  place(48, 4, 4);
};

/** TQ2_0 `[64 × 4 pairs of bits][d]`: 32 bytes hold four runs of 32 elements: d (q - 1) */
export const decodeTQ2: BlockDecoder = (view, at, out, to) => {
  const d = half(view, at + 64);
  for (let i = 0; i < 256; i += 1) {
    const byte = view.getUint8(at + (i >> 7) * 32 + (i & 31));
    out[to + i] = d * (((byte >> (((i >> 5) & 3) * 2)) & 3) - 1);
  }
};
