/**
 * The inner loops of matrix products, compiled to WebAssembly by `scripts/kernels.js`. Works on packed panels: of a, four
 * rows side by side for each k; of b, eight (float32) or four (float64) columns. The result lies row-major in whole
 * tiles, `stride` bytes from row to row, and is added to.
 */

import { madd32, madd64 } from "./multiply-add";

/** c += a · b for float32 panels: `rows` panels of 4 rows, `columns` panels of 8 columns. */
export function multiply32(
  rows: i32,
  columns: i32,
  k: i32,
  a: usize,
  b: usize,
  c: usize,
  stride: usize,
): void {
  for (let j = 0; j < columns; j++) {
    let panelA = a;
    for (let i = 0; i < rows; i++) {
      let at = panelA;
      let from = b;
      const end = from + <usize>k * 32;
      const row0 = c + <usize>i * 4 * stride + <usize>j * 32;
      const row1 = row0 + stride;
      const row2 = row1 + stride;
      const row3 = row2 + stride;
      let c00 = v128.load(row0);
      let c01 = v128.load(row0, 16);
      let c10 = v128.load(row1);
      let c11 = v128.load(row1, 16);
      let c20 = v128.load(row2);
      let c21 = v128.load(row2, 16);
      let c30 = v128.load(row3);
      let c31 = v128.load(row3, 16);
      while (from < end) {
        const b0 = v128.load(from);
        const b1 = v128.load(from, 16);
        const a0 = v128.load_splat<f32>(at);
        c00 = madd32(a0, b0, c00);
        c01 = madd32(a0, b1, c01);
        const a1 = v128.load_splat<f32>(at, 4);
        c10 = madd32(a1, b0, c10);
        c11 = madd32(a1, b1, c11);
        const a2 = v128.load_splat<f32>(at, 8);
        c20 = madd32(a2, b0, c20);
        c21 = madd32(a2, b1, c21);
        const a3 = v128.load_splat<f32>(at, 12);
        c30 = madd32(a3, b0, c30);
        c31 = madd32(a3, b1, c31);
        at += 16;
        from += 32;
      }
      v128.store(row0, c00);
      v128.store(row0, c01, 16);
      v128.store(row1, c10);
      v128.store(row1, c11, 16);
      v128.store(row2, c20);
      v128.store(row2, c21, 16);
      v128.store(row3, c30);
      v128.store(row3, c31, 16);
      panelA += <usize>k * 16;
    }
    b += <usize>k * 32;
  }
}

/** c += a · b for float64 panels: `rows` panels of 4 rows, `columns` panels of 4 columns. */
export function multiply64(
  rows: i32,
  columns: i32,
  k: i32,
  a: usize,
  b: usize,
  c: usize,
  stride: usize,
): void {
  for (let j = 0; j < columns; j++) {
    let panelA = a;
    for (let i = 0; i < rows; i++) {
      let at = panelA;
      let from = b;
      const end = from + <usize>k * 32;
      const row0 = c + <usize>i * 4 * stride + <usize>j * 32;
      const row1 = row0 + stride;
      const row2 = row1 + stride;
      const row3 = row2 + stride;
      let c00 = v128.load(row0);
      let c01 = v128.load(row0, 16);
      let c10 = v128.load(row1);
      let c11 = v128.load(row1, 16);
      let c20 = v128.load(row2);
      let c21 = v128.load(row2, 16);
      let c30 = v128.load(row3);
      let c31 = v128.load(row3, 16);
      while (from < end) {
        const b0 = v128.load(from);
        const b1 = v128.load(from, 16);
        const a0 = v128.load_splat<f64>(at);
        c00 = madd64(a0, b0, c00);
        c01 = madd64(a0, b1, c01);
        const a1 = v128.load_splat<f64>(at, 8);
        c10 = madd64(a1, b0, c10);
        c11 = madd64(a1, b1, c11);
        const a2 = v128.load_splat<f64>(at, 16);
        c20 = madd64(a2, b0, c20);
        c21 = madd64(a2, b1, c21);
        const a3 = v128.load_splat<f64>(at, 24);
        c30 = madd64(a3, b0, c30);
        c31 = madd64(a3, b1, c31);
        at += 32;
        from += 32;
      }
      v128.store(row0, c00);
      v128.store(row0, c01, 16);
      v128.store(row1, c10);
      v128.store(row1, c11, 16);
      v128.store(row2, c20);
      v128.store(row2, c21, 16);
      v128.store(row3, c30);
      v128.store(row3, c31, 16);
      panelA += <usize>k * 32;
    }
    b += <usize>k * 32;
  }
}
