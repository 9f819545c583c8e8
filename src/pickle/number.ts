/**
 * Numbers in a pickle: integers of any size, as bytes and as digits, and floats as text. Integers come out as a number
 * where that is exact and else as a bigint.
 */

/** A safe number where it is one, else the bigint itself. */
export function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** An integer in two's complement, lowest byte first, of any number of bytes; none of them is 0. */
export function integerOfBytes(bytes: Uint8Array): number | bigint {
  const length = bytes.length;
  if (length === 0) return 0;
  if (length <= 6) {
    let value = 0;
    for (let index = length - 1; index >= 0; index--) value = value * 256 + bytes[index]!;
    return bytes[length - 1]! > 0x7f ? value - 256 ** length : value;
  }
  let digits = "0x";
  for (let index = length - 1; index >= 0; index--) digits += bytes[index]!.toString(16).padStart(2, "0");
  return narrow(BigInt.asIntN(8 * length, BigInt(digits)));
}

/**
 * An integer in Python's spelling: decimal, `0x`, `0o`, `0b`, or octal after a leading zero as C has it. Undefined for
 * text that is none.
 */
export function integerOfText(text: string): number | bigint | undefined {
  const [, sign, digits] =
    /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)\s*$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return narrow(sign === "-" ? -magnitude : magnitude);
}

/** A float in Python's spelling, with `inf` and `nan`; undefined for text that is none. */
export function floatOfText(text: string): number | undefined {
  const bare = text.trim().toLowerCase();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(bare)) return Number(bare);
  const [, sign, word] = /^([+-]?)(inf|infinity|nan)$/.exec(bare) ?? [];
  if (word === undefined) return undefined;
  const value = word === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
  return sign === "-" ? -value : value;
}
