/**
 * Elementwise arithmetic on float32 by SIMD: long runs go through a small WebAssembly module in blocks. Copying blocks in
 * and out is several times faster than a loop of JavaScript over them: `bench/overhead`, "add 4096".
 *
 * The module has one loop for each op and differs by a handful of bytes between them, so it is put together here; opcodes
 * are those of the WebAssembly specification, "Vector Instructions".
 */

/** The ops. `gate` is the first operand where the second is above 0 or NaN, else 0. */
export type LaneOp = "add" | "sub" | "mul" | "div" | "max" | "min" | "gate" | "neg" | "abs" | "sqrt" | "relu";

/** Elements of a block; three blocks lie in one page of memory. */
const blockLength = 4096;
const blockBytes = 4 * blockLength;

/** Runs shorter than this are done sooner by a plain loop. */
const leastLength = 192;

/** An unsigned LEB128 number. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...unsigned(bytes.length), ...bytes];
}

/** A vector instruction. */
function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)];
}

/** `v128.load` of an operand's block (1 or 2) at local 1. */
function load(block: number): number[] {
  return [0x20, 1, ...simd(0), 4, ...unsigned(block * blockBytes)];
}

/** `v128.const 0`. */
const zeros: readonly number[] = [...simd(12), ...Array.from({ length: 16 }, () => 0)];

const bodies: Readonly<Record<LaneOp, readonly number[]>> = {
  add: [...load(1), ...load(2), ...simd(0xe4)],
  sub: [...load(1), ...load(2), ...simd(0xe5)],
  mul: [...load(1), ...load(2), ...simd(0xe6)],
  div: [...load(1), ...load(2), ...simd(0xe7)],
  min: [...load(1), ...load(2), ...simd(0xe8)],
  max: [...load(1), ...load(2), ...simd(0xe9)],
  // a and not (b <= 0)
  gate: [...load(1), ...load(2), ...zeros, ...simd(0x45), ...simd(0x4f)],
  abs: [...load(1), ...simd(0xe0)],
  neg: [...load(1), ...simd(0xe1)],
  sqrt: [...load(1), ...simd(0xe3)],
  relu: [...load(1), ...zeros, ...simd(0xe9)],
};

const unaryOps: ReadonlySet<LaneOp> = new Set(["neg", "abs", "sqrt", "relu"]);

const ops = Object.keys(bodies) as readonly LaneOp[];

/** A function of the bytes to do: stores `body` at local 1, which goes up in steps of 16 bytes. */
function loopOf(body: readonly number[]): number[] {
  const step = [0x20, 1, 0x41, 16, 0x6a, 0x22, 1];
  const again = [0x20, 0, 0x49, 0x0d, 0];
  const store = [...simd(11), 4, 0];
  const code = [1, 1, 0x7f, 0x03, 0x40, 0x20, 1, ...body, ...store, ...step, ...again, 0x0b, 0x0b];
  return [...unsigned(code.length), ...code];
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const name = (text: string): number[] => vector([...text].map((letter) => [letter.charCodeAt(0)]));
  return new Uint8Array([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    // One type, (i32) → (), for all functions; one page of memory.
    ...section(1, vector([[0x60, 1, 0x7f, 0]])),
    ...section(3, vector(ops.map(() => [0]))),
    ...section(5, [1, 0, 1]),
    ...section(
      7,
      vector([...ops.map((op, index) => [...name(op), 0, ...unsigned(index)]), [...name("memory"), 2, 0]]),
    ),
    ...section(10, vector(ops.map((op) => loopOf(bodies[op])))),
  ]);
}

/** The module's memory in parts, and its functions. */
interface Lanes {
  readonly result: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly run: Readonly<Record<LaneOp, (byteLength: number) => void>>;
}

/** Undefined before it is first needed, null where the platform has no WebAssembly or forbids it. */
let lanes: Lanes | null | undefined;

function started(): Lanes | null {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
    const memory = new Float32Array((exports["memory"] as WebAssembly.Memory).buffer);
    const block = (k: number): Float32Array => memory.subarray(k * blockLength, (k + 1) * blockLength);
    const run = exports as unknown as Lanes["run"];
    return { result: block(0), first: block(1), second: block(2), run };
  } catch {
    return null;
  }
}

function fill(block: Float32Array, items: Float32Array, start: number, step: number, length: number): void {
  if (step === 0) block.fill(items[start]!, 0, length);
  else if (length === items.length) block.set(items);
  else block.set(items.subarray(start, start + length));
}

/**
 * `out[o + k] = op(a[i + k·is], b[j + k·js])` for k in [0, n), where the steps are 0 or 1. Gives false, and does
 * nothing, where a plain loop is as good or the only way. For ops of one operand `b` is not looked at.
 */
export function runLanes(
  op: LaneOp,
  out: Float32Array,
  o: number,
  a: Float32Array,
  i: number,
  is: number,
  b: Float32Array,
  j: number,
  js: number,
  n: number,
): boolean {
  if (n < leastLength) return false;
  lanes ??= lanes === undefined ? started() : null;
  if (lanes === null) return false;
  const { first, second, result } = lanes;
  const run = lanes.run[op];
  const isBinary = !unaryOps.has(op);
  for (let done = 0; done < n; done += blockLength) {
    const length = Math.min(blockLength, n - done);
    fill(first, a, i + done * is, is, length);
    if (isBinary) fill(second, b, j + done * js, js, length);
    run(4 * length);
    out.set(length === blockLength ? result : result.subarray(0, length), o + done);
  }
  return true;
}
