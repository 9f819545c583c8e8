/**
 * Anomaly detection: `torch.autograd.set_detect_anomaly`. While it is on, every node remembers where it was recorded, a
 * backward pass that fails says which op's gradient failed, and one that makes a NaN is an error.
 */

/// <reference lib="esnext.disposable" preserve="true" />

import type { DType, ItemArray } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { convertItems, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";

/** The state; every node that is recorded reads `isOn`. */
export const anomalyMode: { isOn: boolean; checksNaN: boolean } = { isOn: false, checksNaN: true };

/** Options of anomaly detection. */
export interface AnomalyOptions {
  /** Whether a NaN in a gradient is an error. Default true. */
  readonly checkNan?: boolean;
}

/** Where nodes were recorded, while anomalies are looked for. */
const traces = new WeakMap<object, string>();

/** Whether anomalies are looked for at this moment. */
export function isAnomalyEnabled(): boolean {
  return anomalyMode.isOn;
}

/** A mode that lasts until it is disposed of: by `using`, at the end of the block, or by `restore()`. */
export class AnomalyScope {
  readonly #former: { readonly isOn: boolean; readonly checksNaN: boolean };

  constructor(isOn: boolean, checksNaN: boolean) {
    this.#former = { ...anomalyMode };
    Object.assign(anomalyMode, { isOn, checksNaN });
  }

  /** Puts the former mode back. */
  restore(): void {
    Object.assign(anomalyMode, this.#former);
  }

  /** What `using` calls. */
  [Symbol.dispose](): void {
    this.restore();
  }
}

/**
 * Turns anomaly detection on or off from here on, or until the scope that is returned is disposed of. It makes recording
 * several times slower.
 *
 * @example
 * { using _ = setDetectAnomaly(true); model(x).sum().backward(); }
 */
export function setDetectAnomaly(mode: boolean, { checkNan = true }: AnomalyOptions = {}): AnomalyScope {
  return new AnomalyScope(mode, checkNan);
}

/** What V8 adds to `Error`: how many calls a stack shows. */
const stacks: ErrorConstructor & { stackTraceLimit?: number } = Error;

/** Remembers from where a node is recorded. */
export function traceNode(node: object): void {
  // A call of an op is six calls deep before the program's own lines begin, and V8 keeps ten.
  const former = stacks.stackTraceLimit;
  stacks.stackTraceLimit = 50;
  const lines = (new Error().stack ?? "").split("\n").slice(1);
  if (former !== undefined) stacks.stackTraceLimit = former;
  // The lines of this function and of the node's constructors tell nothing.
  traces.set(node, lines.filter((line) => !/traceNode|new \w*Node\b/.test(line)).join("\n"));
}

/** Warns which op's gradient failed, and from where that op was called. */
function reportNode(node: object, name: string): void {
  const trace = traces.get(node);
  warn(
    trace === undefined
      ? `Error detected in ${name}. No forward pass information available. Enable detect anomaly during forward pass for more information.`
      : `Error detected in ${name}. Traceback of forward call that caused the error:\n${trace}\n`,
  );
}

function hasNaN(
  { dtype, items }: { readonly dtype: DType; readonly items: ItemArray },
  count: number,
): boolean {
  if (dtype.kind !== "float" && dtype.kind !== "complex") return false;
  const isPlain = dtype.kind === "complex" || dtype.bits >= 32;
  const numbers = (isPlain ? items : convertItems(items, dtype, dtypes.float32, count)) as Float64Array;
  return numbers.some((each) => each !== each);
}

/**
 * Computes a node's gradients with an eye on anomalies.
 *
 * Throws: what the node throws, and PyTorch's RuntimeError for a NaN, after a warning that names the op.
 */
export function watched<Results extends readonly (Tensor | null | undefined)[]>(
  node: { readonly name: string },
  apply: () => Results,
): Results {
  let results: Results;
  try {
    results = apply();
  } catch (error) {
    reportNode(node, node.name);
    throw error;
  }
  if (!anomalyMode.checksNaN) return results;
  results.forEach((result, k) => {
    if (result === null || result === undefined || result.device === "meta") return;
    if (!hasNaN({ dtype: result.dtype, items: denseItems(result) }, result.count)) return;
    reportNode(node, node.name);
    throw torchError("RuntimeError", `Function '${node.name}' returned nan values in its ${k}th output.`);
  });
  return results;
}
