/** The gradients of a network as a report: `gradients`. Synchronous, for use in a training loop. */

import { recordOf } from "../autograd/history.ts";
import { findingsOf } from "../inspect/gradient-findings.ts";
import type {
  GradientModuleRow,
  GradientReport,
  GradientRow,
  NoGradientReason,
  PathEnd,
} from "../inspect/gradient-report.ts";
import {
  emptyStatistics,
  largestOf,
  mergeStatistics,
  reduceValues,
  statisticsOf,
} from "../inspect/statistics.ts";
import type { PartialStatistics, Statistics } from "../inspect/statistics.ts";
import type { ModuleProtocol } from "../nn/module-record.ts";
import type { Parameter } from "../nn/parameter.ts";
import { qualifiedName } from "../nn/python-classes.ts";
import { namedModules, namedParameters } from "../nn/traversal.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { updateRatio } from "./comparison.ts";
import { reachOf } from "./graph-reach.ts";
import type { Reach } from "./graph-reach.ts";
import type { Snapshot } from "./snapshot.ts";
import { isComplete, numbersOf, reduceDifference, reduceTensor } from "./tensor-statistics.ts";

/** What `gradients` may use beside the network. */
export interface GradientOptions {
  /** The loss: tells which parameters it reaches, and where a path ends that reaches them not. */
  readonly loss?: Tensor | null;
  /** The network before the last step: gives the ratio of the update to the weight. */
  readonly before?: Snapshot | null;
}

/**
 * Says what gradient each parameter and module has, or why it has none, and what stands out: NaN, exploding, vanishing
 * and dead ones. Reads parameters and gradients once; changes nothing.
 *
 * Without `loss` a parameter that took no part in any recorded computation is "not reached", and one that did is
 * "detached"; the op where the path ends is known with `loss` only.
 *
 * @example
 * const loss = crossEntropy(model(x), y);
 * loss.backward();
 * console.log(renderGradientText(gradients(model, { loss })).join("\n"));
 */
export function gradients(model: ModuleProtocol, options: GradientOptions = {}): GradientReport {
  const named = [...namedParameters(model)];
  const reader = new Reader(model, named, options);
  const readings = new Map(named.map(([name, parameter]) => [parameter, reader.read(name, parameter)]));
  const rows = Array.from(readings.values(), ({ row }) => row);
  const { loss = null } = options;
  const ordered = rows.map((row, k) => ({ row, order: reader.orderOf(named[k]![1], k) }));
  const lossIsNan = loss !== null && isComplete(loss) && loss.count === 1 && Number.isNaN(numbersOf(loss)[0]);
  return {
    source: model.getName(),
    parameters: rows,
    modules: Array.from(namedModules(model), ([name, module]) => moduleRow(name, module, readings)),
    findings: findingsOf(ordered, lossIsNan),
  };
}

/** A row, and what merges into those of the modules. */
interface Reading {
  readonly row: GradientRow;
  readonly gradient: PartialStatistics | null;
  /** Squared norms of the update and of what was updated; null where no update is known. */
  readonly update: { readonly squares: number; readonly before: number } | null;
}

class Reader {
  readonly #names: ReadonlyMap<Tensor, string>;
  readonly #reach: Reach | null;
  readonly #before: Snapshot | null;
  readonly #hasAny: boolean;
  /** Tables of which a batch uses some rows: rows without gradient are no fault there. */
  readonly #tables: ReadonlySet<Tensor>;

  constructor(
    model: ModuleProtocol,
    named: readonly (readonly [string, Parameter])[],
    { loss = null, before = null }: GradientOptions,
  ) {
    this.#tables = tablesOf(model);
    this.#names = new Map(named.map(([name, parameter]) => [parameter, name]));
    this.#reach = loss === null ? null : reachOf(loss);
    this.#before = before;
    this.#hasAny = named.some(([, { grad }]) => grad !== null);
  }

  read(name: string, parameter: Parameter): Reading {
    const { grad } = parameter;
    const isReadable = grad !== null && isComplete(grad);
    const gradient = isReadable ? reduceTensor(grad) : null;
    const reason = grad === null ? this.#reasonOf(parameter) : null;
    const statistics = gradient === null ? null : statisticsOf(gradient);
    const update = this.#updateOf(name, parameter);
    const row: GradientRow = {
      name,
      module: name.slice(0, Math.max(0, name.lastIndexOf("."))),
      shape: [...parameter.shape],
      gradient: statistics,
      largest: largest(statistics),
      reason,
      pathEnd: reason === "detached" || reason === "not-reached" ? this.#pathEnd() : null,
      weight: isComplete(parameter) ? statisticsOf(reduceTensor(parameter)) : null,
      updateRatio: ratioOf(update),
      silent: isReadable && !this.#tables.has(parameter) ? silentOutputs(grad) : null,
    };
    return { row, gradient, update };
  }

  /** When the pass back comes to a parameter, as far as it is known: else the last ones first. */
  orderOf(parameter: Tensor, position: number): number {
    return this.#reach?.leaves.get(parameter) ?? position - Number.MAX_SAFE_INTEGER;
  }

  #reasonOf(parameter: Parameter): NoGradientReason {
    if (!parameter.requiresGrad) return "frozen";
    if (this.#reach === null ? !this.#hasAny : this.#reach.leaves.has(parameter)) return "backward-not-run";
    return recordOf(parameter).accumulator === null ? "not-reached" : "detached";
  }

  #pathEnd(): PathEnd | null {
    const end = this.#reach?.end ?? null;
    if (end === null) return null;
    return { op: end.op, parameter: end.leaf === null ? null : (this.#names.get(end.leaf) ?? null) };
  }

  #updateOf(name: string, parameter: Parameter): Reading["update"] {
    const former = this.#before?.tensors.get(name)?.values ?? null;
    if (former === null || !isComplete(parameter) || former.length !== parameter.count) return null;
    const { squares } = reduceDifference(former, numbersOf(parameter));
    return { squares, before: reduceValues(former).squares };
  }
}

function tablesOf(model: ModuleProtocol): Set<Tensor> {
  const tables = new Set<Tensor>();
  for (const [, module] of namedModules(model)) {
    if (!module.getName().startsWith("Embedding")) continue;
    for (const [, table] of namedParameters(module)) tables.add(table);
  }
  return tables;
}

function largest(statistics: Statistics | null): number | null {
  return statistics === null || statistics.count === 0 ? null : largestOf(statistics);
}

function ratioOf(update: Reading["update"]): number | null {
  return update === null ? null : updateRatio(Math.sqrt(update.squares), Math.sqrt(update.before));
}

/** Of a weight, along its first dimension: the outputs that get no gradient. */
function silentOutputs(gradient: Tensor): GradientRow["silent"] {
  const [of = 0] = gradient.shape;
  if (gradient.ndim < 2 || gradient.count === 0) return null;
  const values = numbersOf(gradient);
  const length = gradient.count / of;
  let outputs = 0;
  for (let start = 0; start < values.length; start += length) {
    let at = start;
    while (at < start + length && values[at] === 0) at++;
    if (at === start + length) outputs++;
  }
  return { outputs, of };
}

function moduleRow(
  name: string,
  module: ModuleProtocol,
  readings: ReadonlyMap<Tensor, Reading>,
): GradientModuleRow {
  const inside = Array.from(namedParameters(module), ([, parameter]) => readings.get(parameter)).filter(
    (reading) => reading !== undefined,
  );
  const having = inside.flatMap(({ gradient }) => (gradient === null ? [] : [gradient]));
  const gradient = having.length === 0 ? null : statisticsOf(having.reduce(mergeStatistics, emptyStatistics));
  const updates = inside.flatMap(({ update }) => (update === null ? [] : [update]));
  const update = {
    squares: updates.reduce((sum, { squares }) => sum + squares, 0),
    before: updates.reduce((sum, { before }) => sum + before, 0),
  };
  return {
    name,
    class: qualifiedName(module.getName()),
    parameters: inside.length,
    withGradient: inside.filter(({ row }) => row.reason === null).length,
    gradient,
    largest: largest(gradient),
    updateRatio: updates.length === 0 ? null : ratioOf(update),
  };
}
