/**
 * Random chains of views and in-place writes, compared with a slow model: memory as cells, each with its value and with
 * its derivatives with respect to the leaf, tensors as lists of cells.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad } from "../autograd/backward.ts";
import { slice } from "../tensor/index-items.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { tensor } from "./creation.ts";

interface Cell {
  value: number;
  /** By element of the leaf: ∂value/∂element. */
  derivatives: number[];
}

/** A tensor of the model, beside the real one. */
interface Twin {
  readonly real: Tensor;
  readonly shape: readonly number[];
  readonly cells: readonly Cell[];
  readonly version: { value: number };
  /** Whether it is in the graph: writes to what is not change values, not derivatives. */
  readonly isRecorded: boolean;
  /** Whether PyTorch lets it be written while gradients are recorded. */
  readonly isWritable: boolean;
}

/** What may happen in one step: numbers that pick the tensor and its parts. */
interface Step {
  readonly kind: string;
  readonly target: number;
  readonly a: number;
  readonly b: number;
}

function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, length) => all.flatMap((index) => Array.from({ length }, (_, k) => [...index, k])),
    [[]],
  );
}

function place(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((flat, k, axis) => flat * shape[axis]! + k, 0);
}

/** A view: for each index of the new shape, the index in the old one. */
function viewed(
  twin: Twin,
  real: Tensor,
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[],
): Twin {
  const cells = indicesOf(shape).map((index) => twin.cells[place(from(index), twin.shape)]!);
  return { ...twin, real, shape, cells };
}

type View = (twin: Twin, axis: number, step: Step) => Twin | null;

const views: Readonly<Record<string, View>> = {
  select(twin, axis, { b }) {
    const length = twin.shape[axis];
    if (length === undefined || length === 0) return null;
    const at = b % length;
    return viewed(twin, twin.real.select(axis, at), twin.shape.toSpliced(axis, 1), (index) =>
      index.toSpliced(axis, 0, at),
    );
  },
  slice(twin, axis, { a, b }) {
    const length = twin.shape[axis];
    if (length === undefined) return null;
    const [start, step] = [b % (length + 1), 1 + (a % 3)];
    const whole = Array.from({ length: axis }, () => ":");
    const shape = twin.shape.with(axis, Math.ceil((length - start) / step));
    return viewed(twin, twin.real.at(...whole, slice(start, null, step)), shape, (index) =>
      index.with(axis, start + index[axis]! * step),
    );
  },
  turn(twin) {
    const { length } = twin.shape;
    const order = twin.shape.map((_, axis) => (axis + 1) % length);
    const shape = order.map((axis) => twin.shape[axis]!);
    return viewed(twin, twin.real.permute(order), shape, (index) =>
      twin.shape.map((_, axis) => index[order.indexOf(axis)]!),
    );
  },
  unsqueeze(twin, axis) {
    if (twin.shape.length > 3) return null;
    return viewed(twin, twin.real.unsqueeze(axis), twin.shape.toSpliced(axis, 0, 1), (index) =>
      index.toSpliced(axis, 1),
    );
  },
  squeeze(twin) {
    const kept = twin.shape.flatMap((length, axis) => (length === 1 ? [] : [axis]));
    return viewed(
      twin,
      twin.real.squeeze(),
      kept.map((axis) => twin.shape[axis]!),
      (index) => twin.shape.map((_, axis) => (kept.includes(axis) ? index[kept.indexOf(axis)]! : 0)),
    );
  },
  diagonal(twin, _, { b }) {
    const [rows, columns, ...rest] = twin.shape;
    if (rows === undefined || columns === undefined) return null;
    const offset = (b % 3) - 1;
    const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
    const length = Math.max(Math.min(rows - row, columns - column), 0);
    return viewed(twin, twin.real.diagonal(offset), [...rest, length], (index) => {
      const k = index.at(-1)!;
      return [k + row, k + column, ...index.slice(0, -1)];
    });
  },
  windows(twin, axis, { b }) {
    const length = twin.shape[axis];
    if (length === undefined || length === 0 || twin.shape.length > 3) return null;
    const size = 1 + (b % length);
    const shape = [...twin.shape.with(axis, Math.floor(length / size)), size];
    return viewed(twin, twin.real.unfold(axis, size, size), shape, (index) =>
      index.slice(0, -1).with(axis, index[axis]! * size + index.at(-1)!),
    );
  },
  repeat(twin) {
    if (twin.shape.length > 2) return null;
    const shape = [2, ...twin.shape];
    return viewed(twin, twin.real.expand(shape), shape, (index) => index.slice(1));
  },
  half(twin, axis, { b }) {
    const length = twin.shape[axis];
    if (length === undefined || length < 2) return null;
    const first = 1 + (b % (length - 1));
    const part = twin.real.split([first, length - first], axis)[1]!;
    const shape = twin.shape.with(axis, length - first);
    const made = viewed(twin, part, shape, (index) => index.with(axis, index[axis]! + first));
    return { ...made, isWritable: false };
  },
  detach(twin) {
    return { ...twin, real: twin.real.detach(), isRecorded: false, isWritable: true };
  },
  data(twin) {
    return { ...twin, real: twin.real.data, isRecorded: false, isWritable: true, version: { value: 0 } };
  },
};

/** Writes by what becomes of a value, `factor · value + term`, which is the derivative's rule too. */
const writes: Readonly<
  Record<string, { readonly factor: number; readonly term: number; run(real: Tensor): void }>
> = {
  add: { factor: 1, term: 2, run: (real) => real.add_(2) },
  double: { factor: 2, term: 0, run: (real) => real.mul_(2) },
  negate: { factor: -1, term: 0, run: (real) => real.mul_(-1) },
  fill: { factor: 0, term: 5, run: (real) => real.fill_(5) },
  zero: { factor: 0, term: 0, run: (real) => real.zero_() },
  assign: { factor: 0, term: 7, run: (real) => real.setAt("...", 7) },
};

function write(twin: Twin, kind: string): void {
  const { factor, term, run } = writes[kind]!;
  const distinct = new Set(twin.cells);
  // A view in the graph of one of several views, or of repeated elements, may not be written.
  if (twin.isRecorded && !twin.isWritable) {
    expect(() => run(twin.real)).toThrow("This view is the output of a function that returns multiple views");
    return;
  }
  if (distinct.size < twin.cells.length) {
    // A plain number may be put into repeated elements, which then have no gradient.
    const isPlain = kind === "fill" || kind === "zero";
    if (!isPlain) {
      expect(() => run(twin.real)).toThrow(
        "more than one element of the written-to tensor refers to a single",
      );
    }
    if (!isPlain || twin.isRecorded) return;
  }
  run(twin.real);
  twin.version.value++;
  for (const cell of distinct) {
    cell.value = factor * cell.value + term;
    if (twin.isRecorded) cell.derivatives = cell.derivatives.map((each) => factor * each);
  }
}

/** Whether a write leaves repeated elements alone: dimensions of stride 0 are noticed even where they are empty. */
function isSimple(twin: Twin): boolean {
  return twin.real.count > 0;
}

/** Elements in order; both zeros are one here. */
function flat(value: Tensor): number[] {
  return ([value.reshape(-1).tolist()].flat() as number[]).map((each) => each + 0);
}

function check(twin: Twin, leaf: Tensor): void {
  expect(twin.real.shape.slice()).toEqual(twin.shape.slice());
  expect(flat(twin.real.detach())).toEqual(twin.cells.map(({ value }) => value + 0));
  expect(twin.real.version.value).toBe(twin.version.value);
  if (!twin.isRecorded) return;
  const weights = twin.cells.map((_, k) => k + 1);
  const gradOutputs = tensor(weights, { dtype: "float64" }).reshape(twin.shape);
  const [gradient] = grad(twin.real, leaf, { gradOutputs, retainGraph: true });
  const expected = Array.from({ length: leaf.count }, (_, element) =>
    twin.cells.reduce((sum, cell, k) => sum + weights[k]! * cell.derivatives[element]!, 0),
  );
  expect(flat(gradient!)).toEqual(expected.map((each) => each + 0));
}

function run(shape: readonly number[], steps: readonly Step[]): void {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: count }, (_, k) => k + 1);
  const leaf = tensor(values, { dtype: "float64" }).reshape(shape).detach().requiresGrad_();
  const base: Twin = {
    real: leaf.mul(1),
    shape,
    cells: values.map((value, k) => ({
      value,
      derivatives: values.map((_, element) => Number(element === k)),
    })),
    version: { value: 0 },
    isRecorded: true,
    isWritable: true,
  };
  const twins = [base];
  for (const step of steps) {
    const twin = twins[step.target % twins.length]!;
    if (step.kind in writes) {
      if (isSimple(twin)) write(twin, step.kind);
      continue;
    }
    const axis = step.a % Math.max(twin.shape.length, 1);
    const made = views[step.kind]!(twin, axis, step);
    if (made !== null) twins.push(made);
  }
  for (const twin of twins) check(twin, leaf);
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...Object.keys(views), ...Object.keys(writes), ...Object.keys(writes)),
  target: fc.nat(20),
  a: fc.nat(20),
  b: fc.nat(20),
});

describe("chains of views and writes", () => {
  test("show the values, versions and gradients of a model that knows no strides", () => {
    const holds = fc.property(
      fc.constantFrom([3, 4], [6], [2, 3, 2], [1, 3], []),
      fc.array(step, { maxLength: 14 }),
      (shape, steps) => {
        run(shape, steps);
      },
    );
    expect(() => {
      fc.assert(holds, { numRuns: 400, seed: 20_260_913 });
    }).not.toThrow();
  });
});
