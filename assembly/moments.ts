/**
 * What a training step left in float32 elements, compiled to WebAssembly by `scripts/kernels.js`: sums in float64, over
 * blocks whose length is a multiple of 8. The results are written to `out`, eight bytes each.
 *
 * Each sum has two accumulators, because an addition takes four cycles until the next can use it.
 */

/** The sums of all lanes. */
function total(a: v128, b: v128): f64 {
  const lanes = f64x2.add(a, b);
  return f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

/** The upper two float32 lanes as float64. */
function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0));
}

/** a · a + b · b in each lane. */
function squared(a: v128, b: v128): v128 {
  return f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b));
}

/** Of the elements from `at` up to `end`: Σx, Σx², the largest |x| but for NaN, and how many are zero. */
export function moments(at: usize, end: usize, out: usize): void {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  let squares0 = f64x2.splat(0);
  let squares1 = f64x2.splat(0);
  let largest = f32x4.splat(0);
  let zeros = i32x4.splat(0);
  while (at < end) {
    const x = v128.load(at);
    const y = v128.load(at, 16);
    const x0 = f64x2.promote_low_f32x4(x);
    const x1 = upper(x);
    const y0 = f64x2.promote_low_f32x4(y);
    const y1 = upper(y);
    sum0 = f64x2.add(sum0, f64x2.add(x0, x1));
    sum1 = f64x2.add(sum1, f64x2.add(y0, y1));
    squares0 = f64x2.add(squares0, squared(x0, x1));
    squares1 = f64x2.add(squares1, squared(y0, y1));
    // pmax is one instruction; max, which would keep NaN, is seven.
    largest = f32x4.pmax(f32x4.pmax(largest, f32x4.abs(x)), f32x4.abs(y));
    // A comparison that holds is -1.
    zeros = i32x4.sub(zeros, i32x4.add(f32x4.eq(x, f32x4.splat(0)), f32x4.eq(y, f32x4.splat(0))));
    at += 32;
  }
  const pairs = f32x4.pmax(largest, v128.shuffle<i64>(largest, largest, 1, 0));
  const some = i32x4.add(zeros, v128.shuffle<i64>(zeros, zeros, 1, 0));
  store<f64>(out, total(sum0, sum1));
  store<f64>(out, total(squares0, squares1), 8);
  store<f64>(out, max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1)), 16);
  store<f64>(out, i32x4.extract_lane(some, 0) + i32x4.extract_lane(some, 1), 24);
}

/** Of elements b before and a after a change, `distance` bytes apart: Σ(a - b)², Σb² and Σa². */
export function change(at: usize, end: usize, distance: usize, out: usize): void {
  let update0 = f64x2.splat(0);
  let update1 = f64x2.splat(0);
  let before0 = f64x2.splat(0);
  let before1 = f64x2.splat(0);
  let after0 = f64x2.splat(0);
  let after1 = f64x2.splat(0);
  while (at < end) {
    const b = v128.load(at);
    const a = v128.load(at + distance);
    const b0 = f64x2.promote_low_f32x4(b);
    const b1 = upper(b);
    const a0 = f64x2.promote_low_f32x4(a);
    const a1 = upper(a);
    const d0 = f64x2.sub(a0, b0);
    const d1 = f64x2.sub(a1, b1);
    update0 = f64x2.add(update0, f64x2.mul(d0, d0));
    update1 = f64x2.add(update1, f64x2.mul(d1, d1));
    before0 = f64x2.add(before0, f64x2.mul(b0, b0));
    before1 = f64x2.add(before1, f64x2.mul(b1, b1));
    after0 = f64x2.add(after0, f64x2.mul(a0, a0));
    after1 = f64x2.add(after1, f64x2.mul(a1, a1));
    at += 16;
  }
  store<f64>(out, total(update0, update1));
  store<f64>(out, total(before0, before1), 8);
  store<f64>(out, total(after0, after1), 16);
}
