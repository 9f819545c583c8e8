/**
 * Matrix products over typed arrays with offsets and strides, in plain JavaScript: the shortest way for small products,
 * and what the other kernels are compared with.
 */

/** A matrix in memory: element (i, j) is `items[offset + i·row + j·column]`. */
export interface MatrixItems {
  readonly items: Float32Array | Float64Array;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/** `c = alpha · a · b + beta · c` for a (m, k), b (k, n) and c (m, n); with beta 0, c is not read. */
export type Gemm = (
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: MatrixItems,
  b: MatrixItems,
  beta: number,
  c: MatrixItems,
) => void;

let sums = new Float64Array(256);

/** The plain kernel. Sums are kept in double precision and rounded once, so it is also the reference for others. */
export const plainGemm: Gemm = (m, n, k, alpha, a, b, beta, c) => {
  // Columns of b that lie densely are multiplied as dot products, else rows of b are added up.
  if (k === 1 && beta === 0) outerProduct(m, n, alpha, a, b, c);
  else if (b.row === 1) dotRows(m, n, k, alpha, a, b, beta, c);
  else addRows(m, n, k, alpha, a, b, beta, c);
};

function outerProduct(
  m: number,
  n: number,
  alpha: number,
  a: MatrixItems,
  b: MatrixItems,
  c: MatrixItems,
): void {
  const x = a.items as Float64Array;
  const y = b.items as Float64Array;
  const z = c.items as Float64Array;
  for (let i = 0; i < m; i++) {
    const factor = alpha * x[a.offset + i * a.row]!;
    let at = c.offset + i * c.row;
    let q = b.offset;
    for (let j = 0; j < n; j++, at += c.column, q += b.column) z[at] = factor * y[q]!;
  }
}

const dotRows: Gemm = (m, n, k, alpha, a, b, beta, c) => {
  const x = a.items as Float64Array;
  const y = b.items as Float64Array;
  const z = c.items as Float64Array;
  const step = a.column;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let p = a.offset + i * a.row;
      let q = b.offset + j * b.column;
      let sum = 0;
      for (let l = 0; l < k; l++, p += step, q++) sum += x[p]! * y[q]!;
      const at = c.offset + i * c.row + j * c.column;
      z[at] = beta === 0 ? alpha * sum : alpha * sum + beta * z[at]!;
    }
  }
};

const addRows: Gemm = (m, n, k, alpha, a, b, beta, c) => {
  if (sums.length < n) sums = new Float64Array(n);
  const row = sums;
  const x = a.items as Float64Array;
  const y = b.items as Float64Array;
  const z = c.items as Float64Array;
  for (let i = 0; i < m; i++) {
    row.fill(0, 0, n);
    for (let l = 0; l < k; l++) {
      const factor = x[a.offset + i * a.row + l * a.column]!;
      let q = b.offset + l * b.row;
      for (let j = 0; j < n; j++, q += b.column) row[j]! += factor * y[q]!;
    }
    let at = c.offset + i * c.row;
    for (let j = 0; j < n; j++, at += c.column) {
      z[at] = beta === 0 ? alpha * row[j]! : alpha * row[j]! + beta * z[at]!;
    }
  }
};
