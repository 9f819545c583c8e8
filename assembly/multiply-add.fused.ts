/** a · b + c in each lane, with one rounding where the machine has it: relaxed SIMD. */

export function madd32(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

export function madd64(a: v128, b: v128, c: v128): v128 {
  return f64x2.relaxed_madd(a, b, c);
}
