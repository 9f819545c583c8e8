/**
 * Functions of complex numbers in double precision. Each takes the real and the imaginary part and leaves its result in
 * a cell that the caller brings, so that no element makes an object.
 */

/** Where a function leaves its result. */
export interface ComplexCell {
  re: number;
  im: number;
}

/** A function of one complex number. */
export type Complex1 = (out: ComplexCell, re: number, im: number) => void;

/** A function of two complex numbers. */
export type Complex2 = (out: ComplexCell, a: number, b: number, c: number, d: number) => void;

/** |z|, where the squares leave the range by another way. */
export function magnitude(re: number, im: number): number {
  const squares = re * re + im * im;
  return squares > 1e-280 && squares < Infinity ? Math.sqrt(squares) : Math.hypot(re, im);
}

/** (a + bi)·(c + di). */
export function multiply(out: ComplexCell, a: number, b: number, c: number, d: number): void {
  out.re = a * c - b * d;
  out.im = a * d + b * c;
}

/** (a + bi)/(c + di), scaled by the larger part of the divisor, whose square may be out of range. */
export function divide(out: ComplexCell, a: number, b: number, c: number, d: number): void {
  const scale = Math.max(Math.abs(c), Math.abs(d));
  if (scale === 0) {
    out.re = a / scale;
    out.im = b / scale;
    return;
  }
  const s = Number.isFinite(scale) ? scale : 1;
  const [p, q] = [c / s, d / s];
  const size = p * p + q * q;
  out.re = (a * p + b * q) / size / s;
  out.im = (b * p - a * q) / size / s;
}

/** 1/z. */
export function reciprocal(out: ComplexCell, re: number, im: number): void {
  divide(out, 1, 0, re, im);
}

/** eᶻ = eʳᵉ·(cos im + i·sin im). */
export function exp(out: ComplexCell, re: number, im: number): void {
  const size = Math.exp(re);
  out.re = im === 0 ? size : size * Math.cos(im);
  out.im = im === 0 ? im : size * Math.sin(im);
}

/** eᶻ − 1: eʳᵉ·cos im − 1 = expm1(re)·cos im − 2·sin²(im/2). */
export function expm1(out: ComplexCell, re: number, im: number): void {
  const half = Math.sin(im / 2);
  out.re = Math.expm1(re) * Math.cos(im) - 2 * half * half;
  out.im = Math.exp(re) * Math.sin(im);
}

/** ln z = ln |z| + i·arg z. */
export function log(out: ComplexCell, re: number, im: number): void {
  out.re = Math.log(Math.hypot(re, im));
  out.im = Math.atan2(im, re);
}

/** ln(1 + z): ln |1 + z| = ½·ln(1 + re·(2 + re) + im²). */
export function log1p(out: ComplexCell, re: number, im: number): void {
  out.im = Math.atan2(im, 1 + re);
  out.re = 0.5 * Math.log1p(re * (2 + re) + im * im);
}

/** √z, the root on the right: its larger part from |z| + |re|, the other by division, so that nothing cancels. */
export function sqrt(out: ComplexCell, re: number, im: number): void {
  if (re === 0 && im === 0) {
    out.re = 0;
    out.im = im;
    return;
  }
  if (im === Infinity || im === -Infinity) {
    out.re = Infinity;
    out.im = im;
    return;
  }
  const large = Math.sqrt((Math.hypot(re, im) + Math.abs(re)) / 2);
  const small = Math.abs(im) / (2 * large);
  const isRight = re >= 0;
  out.re = isRight ? large : small;
  out.im = im < 0 || Object.is(im, -0) ? -(isRight ? small : large) : isRight ? small : large;
}

/** 1/√z. */
export function rsqrt(out: ComplexCell, re: number, im: number): void {
  sqrt(out, re, im);
  reciprocal(out, out.re, out.im);
}

/** zʷ = e^(w·ln z); whole powers up to the fourth by multiplication, and 0 to a power with a real part above 0 is 0. */
export function power(out: ComplexCell, a: number, b: number, c: number, d: number): void {
  if (d === 0 && (c === 0 || c === 1 || c === 2 || c === 3 || c === 4)) {
    out.re = 1;
    out.im = 0;
    for (let k = 0; k < c; k++) multiply(out, out.re, out.im, a, b);
    return;
  }
  if (d === 0 && c === 0.5) return sqrt(out, a, b);
  if (d === 0 && c === -0.5) return rsqrt(out, a, b);
  if (d === 0 && c === -1) return reciprocal(out, a, b);
  if (a === 0 && b === 0) {
    out.re = c > 0 ? 0 : d === 0 && c < 0 ? Infinity : NaN;
    out.im = c > 0 ? 0 : NaN;
    return;
  }
  log(out, a, b);
  multiply(out, out.re, out.im, c, d);
  exp(out, out.re, out.im);
}

/** sin z. */
export function sin(out: ComplexCell, re: number, im: number): void {
  out.re = Math.sin(re) * Math.cosh(im);
  out.im = Math.cos(re) * Math.sinh(im);
}

/** sin(πz)/(πz), and 1 at 0. */
export function sinc(out: ComplexCell, re: number, im: number): void {
  if (re === 0 && im === 0) {
    out.re = 1;
    out.im = 0;
    return;
  }
  sin(out, Math.PI * re, Math.PI * im);
  divide(out, out.re, out.im, Math.PI * re, Math.PI * im);
}

/** cos z. */
export function cos(out: ComplexCell, re: number, im: number): void {
  out.re = Math.cos(re) * Math.cosh(im);
  out.im = -Math.sin(re) * Math.sinh(im);
}

/** tan z = −i·tanh(iz). */
export function tan(out: ComplexCell, re: number, im: number): void {
  tanh(out, -im, re);
  turnBack(out);
}

/** sinh z. */
export function sinh(out: ComplexCell, re: number, im: number): void {
  out.re = Math.sinh(re) * Math.cos(im);
  out.im = Math.cosh(re) * Math.sin(im);
}

/** cosh z. */
export function cosh(out: ComplexCell, re: number, im: number): void {
  out.re = Math.cosh(re) * Math.cos(im);
  out.im = Math.sinh(re) * Math.sin(im);
}

/** tanh z = (sinh re·cosh re + i·sin im·cos im)/(sinh² re + cos² im); ±1 from where the hyperbolic ones overflow. */
export function tanh(out: ComplexCell, re: number, im: number): void {
  if (Math.abs(re) > 22) {
    out.re = Math.sign(re);
    out.im = 4 * Math.sin(im) * Math.cos(im) * Math.exp(-2 * Math.abs(re));
    return;
  }
  const [s, c] = [Math.sinh(re), Math.cos(im)];
  const size = s * s + c * c;
  out.re = (s * Math.cosh(re)) / size;
  out.im = (Math.sin(im) * c) / size;
}

/** −i·w of what lies in the cell. */
function turnBack(out: ComplexCell): void {
  const { re } = out;
  out.re = out.im;
  out.im = -re;
}

const minus: ComplexCell = { re: 0, im: 0 };
const plus: ComplexCell = { re: 0, im: 0 };

/** The roots of 1 − z and 1 + z, of which the inverse functions are made. Source: Kahan, "Branch Cuts". */
function rootsAroundOne(re: number, im: number): void {
  sqrt(minus, 1 - re, -im);
  sqrt(plus, 1 + re, im);
}

/** The inverse of the sine. */
export function asin(out: ComplexCell, re: number, im: number): void {
  rootsAroundOne(re, im);
  out.re = Math.atan2(re, minus.re * plus.re - minus.im * plus.im);
  out.im = Math.asinh(minus.re * plus.im - minus.im * plus.re);
}

/** The inverse of the cosine. */
export function acos(out: ComplexCell, re: number, im: number): void {
  rootsAroundOne(re, im);
  out.re = 2 * Math.atan2(minus.re, plus.re);
  out.im = Math.asinh(plus.re * minus.im - plus.im * minus.re);
}

/** The inverse of the tangent: −i·atanh(iz). */
export function atan(out: ComplexCell, re: number, im: number): void {
  atanh(out, -im, re);
  turnBack(out);
}

/** The inverse of the hyperbolic sine: −i·asin(iz). */
export function asinh(out: ComplexCell, re: number, im: number): void {
  asin(out, -im, re);
  turnBack(out);
}

/** The inverse of the hyperbolic cosine. */
export function acosh(out: ComplexCell, re: number, im: number): void {
  sqrt(minus, re - 1, im);
  sqrt(plus, re + 1, im);
  out.re = Math.asinh(minus.re * plus.re + minus.im * plus.im);
  out.im = 2 * Math.atan2(minus.im, plus.re);
}

/** The inverse of the hyperbolic tangent: ¼·ln(|1 + z|²/|1 − z|²) + ½i·arg((1 + z)/(1 − z)). */
export function atanh(out: ComplexCell, re: number, im: number): void {
  const size = (1 - re) * (1 - re) + im * im;
  out.re = 0.25 * Math.log1p((4 * re) / size);
  out.im = 0.5 * Math.atan2(2 * im, (1 - re) * (1 + re) - im * im);
}

/** 1/(1 + e⁻ᶻ). */
export function sigmoid(out: ComplexCell, re: number, im: number): void {
  exp(out, -re, -im);
  reciprocal(out, 1 + out.re, out.im);
}

/** z/|z|, and 0 at 0. */
export function direction(out: ComplexCell, re: number, im: number): void {
  const size = Math.hypot(re, im);
  out.re = size === 0 ? 0 : re / size;
  out.im = size === 0 ? 0 : im / size;
}
