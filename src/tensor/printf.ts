/**
 * C's `%.{p}f` and `%.{p}e`, as Python and PyTorch print floats: the exact binary value, rounded half to even.
 *
 * JavaScript's `toFixed` and `toExponential` are exact too, but round halves up (2.5 to "3" where C says "2"), lose
 * the sign of -0 and switch notation at 1e21. They do the work here whenever the value is no tie; ties are
 * recognised exactly, without expanding the number. What they cannot do goes through integers of any size.
 */

/** Digits that `toFixed` is asked for at most; its own limit is 100, one more than this. */
const LARGEST_FAST_FIXED = 99;
/** Digits that `toExponential` is asked for at most; beyond it the powers of ten below would not be exact. */
const LARGEST_FAST_EXPONENT = 20;
/** 10^22 is the largest power of ten that a double holds exactly. */
const LARGEST_EXACT_POWER = 22;

/**
 * `%.{precision}f`; `nan`, `inf` and `-inf` as Python writes them.
 *
 * @example
 * // toFixed says "0.0313".
 * formatFixed(0.03125, 4); // "0.0312"
 * formatFixed(-0, 1); // "-0.0"
 */
export function formatFixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  if (value === 0) return signOf(value) + (0).toFixed(0) + fraction("", precision);
  if (precision > LARGEST_FAST_FIXED || Math.abs(value) >= 1e21) return exactFixed(value, precision);
  const text = value.toFixed(precision);
  if (!isHalf(value, precision)) return text;
  // A tie has precision + 1 decimals, the last of them 5: dropping that rounds down, `text` is rounded up.
  const down = value.toFixed(precision + 1).slice(0, precision === 0 ? -2 : -1);
  return isEvenDigit(down) ? down : text;
}

/**
 * `%.{precision}e`, the exponent with its sign and at least two digits; `nan`, `inf` and `-inf` as Python writes them.
 *
 * @example
 * formatExponent(1e-5, 4); // "1.0000e-05"
 * // toExponential says "3e+0".
 * formatExponent(2.5, 0); // "2e+00"
 */
export function formatExponent(value: number, precision: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  if (value === 0) return `${signOf(value)}0${fraction("", precision)}e+00`;
  if (precision > LARGEST_FAST_EXPONENT) return exactExponent(value, precision);
  const text = value.toExponential(precision);
  const exponent = Number(text.slice(text.indexOf("e") + 1));
  return isHalf(value, precision - exponent) ? exactExponent(value, precision) : withTwoDigitExponent(text);
}

/** Rewrites the exponent of a JavaScript number's text as C writes it: `1e-7` becomes `1e-07`. */
export function withTwoDigitExponent(text: string): string {
  return text.charCodeAt(text.length - 2) < 0x30 ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
}

/** How Python prints what has no digits. */
function nonFiniteText(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** A dot and the digits, filled up with zeros; nothing where no decimals are wanted. */
function fraction(digits: string, precision: number): string {
  return precision === 0 ? "" : `.${digits.padEnd(precision, "0")}`;
}

function isEvenDigit(text: string): boolean {
  return (text.charCodeAt(text.length - 1) & 1) === 0;
}

/**
 * Whether `value` lies exactly halfway between two multiples of 10^-decimals.
 *
 * With decimals ≥ 0: x·2·10^d is odd exactly when the lowest bit of the binary fraction x is 2^-(d+1), for 5^d is odd.
 * So x·2^(d+1), which a double holds exactly, has to be an odd integer. With d < 0: x ends in 5 and -d-1 zeros.
 */
function isHalf(value: number, decimals: number): boolean {
  if (decimals >= 0) {
    // The lowest bit of a double is 2^-1074 at most; the scale stays finite.
    return decimals < 1023 && Math.abs(value * 2 ** (decimals + 1)) % 2 === 1;
  }
  if (-decimals <= LARGEST_EXACT_POWER)
    return Math.abs(value) % 10 ** -decimals === 5 * 10 ** (-decimals - 1);
  const unit = 10n ** BigInt(-decimals);
  return (BigInt(value) % unit) * 2n === (value < 0 ? -unit : unit);
}

/** A finite number other than 0 as `mantissa · 10^-decimals`, exactly; the mantissa without sign. */
function expand(value: number): { mantissa: bigint; decimals: number } {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!;
  const field = Number((bits >> 52n) & 0x7ffn);
  const significand = (bits & 0xfffffffffffffn) | (field === 0 ? 0n : 1n << 52n);
  const exponent = Math.max(field, 1) - 1075;
  // m·2^-k is m·5^k·10^-k.
  return exponent >= 0
    ? { mantissa: significand << BigInt(exponent), decimals: 0 }
    : { mantissa: significand * 5n ** BigInt(-exponent), decimals: -exponent };
}

/** `mantissa / 10^places`, rounded half to even. */
function dropDigits(mantissa: bigint, places: number): bigint {
  const unit = 10n ** BigInt(places);
  const quotient = mantissa / unit;
  const twice = (mantissa % unit) * 2n;
  const up = twice > unit || (twice === unit && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** `%.{precision}f` of any finite number other than 0, through its whole decimal expansion. */
export function exactFixed(value: number, precision: number): string {
  const { mantissa, decimals } = expand(value);
  const kept = Math.min(decimals, precision);
  const digits = dropDigits(mantissa, decimals - kept)
    .toString()
    .padStart(kept + 1, "0");
  const whole = digits.slice(0, digits.length - kept);
  return signOf(value) + whole + fraction(digits.slice(whole.length), precision);
}

/** `%.{precision}e` of any finite number other than 0, through its whole decimal expansion. */
export function exactExponent(value: number, precision: number): string {
  const { mantissa, decimals } = expand(value);
  const length = mantissa.toString().length;
  const digits = dropDigits(mantissa, Math.max(0, length - precision - 1)).toString();
  // 9.99 rounded to 10.0 has one digit more, a zero, and a larger exponent.
  const carried = length > precision + 1 && digits.length > precision + 1 ? 1 : 0;
  const exponent = length - 1 - decimals + carried;
  const tail = digits.slice(1, precision + 1);
  const size = Math.abs(exponent).toString().padStart(2, "0");
  return `${signOf(value)}${digits[0]!}${fraction(tail, precision)}e${exponent < 0 ? "-" : "+"}${size}`;
}
