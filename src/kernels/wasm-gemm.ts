/**
 * Matrix products in WebAssembly SIMD. Blocks of both factors are packed into panels in WebAssembly memory, multiplied by
 * the loops of `assembly/gemm.ts`, and the result is copied out; so the arrays may lie anywhere, with any strides.
 */

import { fusedKernels, plainKernels } from "./gemm.wasm.ts";
import type { Gemm, MatrixItems } from "./plain-gemm.ts";
import { plainGemm } from "./plain-gemm.ts";
import { wasmBytes } from "./wasm-bytes.ts";

/** Lengths of the blocks that are packed at once; multiples of the panels' widths. */
const blockRows = 256;
const blockColumns = 512;
const blockDepth = 256;

/** Lanes of a panel of a. */
const rowLanes = 4;

/** Memory for one block of a, of b and of the result, in float64. */
const startB = blockRows * blockDepth * 8;
const startC = startB + blockDepth * blockColumns * 8;
const byteLength = startC + blockRows * blockColumns * 8;

type Multiply = (
  rows: number,
  columns: number,
  k: number,
  a: number,
  b: number,
  c: number,
  stride: number,
) => void;

type Items = Float32Array | Float64Array;

/** What multiplies the panels of one dtype, and a view of the memory in it. */
interface Engine {
  readonly multiply: Multiply;
  readonly memory: Items;
  /** Lanes of a panel of b. */
  readonly columnLanes: number;
}

let kernel: Gemm | null = null;

/** The kernel; where an engine or a policy of a page allows no WebAssembly SIMD, the plain one. */
export function wasmGemm(): Gemm {
  kernel ??= madeKernel() ?? plainGemm;
  return kernel;
}

function madeKernel(): Gemm | null {
  try {
    const fused = wasmBytes(fusedKernels);
    const bytes = WebAssembly.validate(fused) ? fused : wasmBytes(plainKernels);
    return kernelOf(bytes);
  } catch {
    return null;
  }
}

/** The kernel that a compiled module makes; exported to compare both modules in tests. */
export function kernelOf(bytes: Uint8Array<ArrayBuffer>): Gemm {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(byteLength / 65536) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const single = blockwise({
    multiply: exports["multiply32"] as Multiply,
    memory: new Float32Array(memory.buffer),
    columnLanes: 8,
  });
  const double = blockwise({
    multiply: exports["multiply64"] as Multiply,
    memory: new Float64Array(memory.buffer),
    columnLanes: 4,
  });
  return (m, n, k, alpha, a, b, beta, c) => {
    const kernel = c.items instanceof Float32Array ? single : double;
    kernel(m, n, k, alpha, a, b, beta, c);
  };
}

/** The kernel of one dtype: block by block, packed, multiplied and copied out. */
function blockwise({ memory, multiply, columnLanes }: Engine): Gemm {
  const width = memory.BYTES_PER_ELEMENT;
  const itemB = startB / width;
  const itemC = startC / width;
  return (m, n, k, alpha, a, b, beta, c) => {
    for (let column = 0; column < n; column += blockColumns) {
      const columns = Math.min(blockColumns, n - column);
      const columnPanels = Math.ceil(columns / columnLanes);
      const stride = columnPanels * columnLanes;
      for (let row = 0; row < m; row += blockRows) {
        const rows = Math.min(blockRows, m - row);
        const rowPanels = Math.ceil(rows / rowLanes);
        memory.fill(0, itemC, itemC + rowPanels * rowLanes * stride);
        for (let deep = 0; deep < k; deep += blockDepth) {
          const depth = Math.min(blockDepth, k - deep);
          const placeA = a.offset + row * a.row + deep * a.column;
          const placeB = b.offset + deep * b.row + column * b.column;
          pack(a.items, placeA, a.row, a.column, rows, depth, rowLanes, memory, 0);
          pack(b.items, placeB, b.column, b.row, columns, depth, columnLanes, memory, itemB);
          multiply(rowPanels, columnPanels, depth, 0, startB, startC, stride * width);
        }
        const placeC = c.offset + row * c.row + column * c.column;
        copyOut(memory, itemC, stride, rows, columns, alpha, beta, c, placeC);
      }
    }
  };
}

/**
 * Packs lines into panels of `lanes`: for each k the elements of the panel's lines side by side. Missing lines are zeros.
 * `across` leads from line to line, `along` from k to k.
 */
function pack(
  items: Items,
  place: number,
  across: number,
  along: number,
  lines: number,
  k: number,
  lanes: number,
  memory: Items,
  start: number,
): void {
  const from = items as Float64Array;
  const to = memory as Float64Array;
  for (let line = 0; line < lines; line += 4) {
    const panel = start + (line - (line % lanes)) * k + (line % lanes);
    if (line + 4 <= lines) {
      let at = panel;
      let p = place + line * across;
      let q = p + across;
      let r = q + across;
      let s = r + across;
      for (let l = 0; l < k; l++, at += lanes) {
        to[at] = from[p]!;
        to[at + 1] = from[q]!;
        to[at + 2] = from[r]!;
        to[at + 3] = from[s]!;
        p += along;
        q += along;
        r += along;
        s += along;
      }
    } else {
      for (let lane = 0; lane < 4; lane++) {
        const isThere = line + lane < lines;
        let at = panel + lane;
        let p = place + (line + lane) * across;
        for (let l = 0; l < k; l++, at += lanes, p += along) to[at] = isThere ? from[p]! : 0;
      }
    }
  }
  // A panel of eight whose second half has no line at all.
  if (lanes === 8 && (lines - 1) % 8 < 4) {
    const panel = start + (lines - 1 - ((lines - 1) % 8)) * k + 4;
    for (let l = 0, at = panel; l < k; l++, at += 8) to.fill(0, at, at + 4);
  }
}

/** Writes a block of the result: `c = alpha · block + beta · c`. */
function copyOut(
  memory: Items,
  start: number,
  stride: number,
  rows: number,
  columns: number,
  alpha: number,
  beta: number,
  c: MatrixItems,
  place: number,
): void {
  const to = c.items as Float64Array;
  const from = memory as Float64Array;
  const isPlain = alpha === 1 && beta === 0 && c.column === 1;
  for (let i = 0; i < rows; i++) {
    const first = start + i * stride;
    let at = place + i * c.row;
    if (isPlain && columns >= 32) to.set(from.subarray(first, first + columns), at);
    else if (beta === 0) {
      for (let j = 0; j < columns; j++, at += c.column) to[at] = alpha * from[first + j]!;
    } else {
      for (let j = 0; j < columns; j++, at += c.column) to[at] = alpha * from[first + j]! + beta * to[at]!;
    }
  }
}
