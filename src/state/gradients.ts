/** The gradients of a network as a report: `gradients`. Synchronous, for use in a training loop. */

import { UsageError } from "../errors.ts";
import { findingsOf } from "../inspect/gradient-findings.ts";
import type {
  GradientModuleRow,
  GradientReport,
  GradientRow,
  NoGradientReason,
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
import { isTensor } from "../tensor/tensor.ts";
import { updateRatio } from "./comparison.ts";
import { pathEndOf, reasonOf } from "./gradient-facts.ts";
import { reachOf } from "./graph-reach.ts";
import type { Reach } from "./graph-reach.ts";
import type { OutputWeights } from "./silent-outputs.ts";
import { outputWeightsOf, silentOutputs } from "./silent-outputs.ts";
import type { Snapshot } from "./snapshot.ts";
import { isComplete, knownShape, numbersOf, reduceDifference, reduceTensor } from "./tensor-statistics.ts";

/** What `gradients` may use beside the network. */
export interface GradientOptions {
  /** The loss: tells which parameters it reaches, and where a path ends that reaches them not. */
  readonly loss?: Tensor | null | undefined;
  /** The network before the last step: gives the ratio of the update to the weight. */
  readonly before?: Snapshot | null | undefined;
}

/**
 * Says what gradient each parameter and module has, or why it has none, and what stands out: NaN, exploding, vanishing
 * and dead ones. Reads parameters and gradients once; changes nothing.
 *
 * A parameter without gradient that an op used since the last backward pass is "detached", any other "not reached"; the
 * op where the path ends is known with `loss` only.
 *
 * Throws: `UsageError` for a loss that is no tensor, such as what `loss.item()` gave.
 *
 * @example
 * const loss = crossEntropy(model(x), y);
 * loss.backward();
 * console.log(renderGradientText(gradients(model, { loss })).join("\n"));
 */
export function gradients(model: ModuleProtocol, options: GradientOptions = {}): GradientReport {
  const { loss = null } = options;
  if (loss !== null && !isTensor(loss)) {
    throw new UsageError(`reporting gradients: found a loss of type ${typeof loss}, expected a tensor`, {
      code: "loss",
      hint: "Pass what backward() is called on.",
    });
  }
  const named = [...namedParameters(model)];
  const reader = new Reader(model, named, options);
  const readings = new Map(named.map(([name, parameter]) => [parameter, reader.read(name, parameter)]));
  const rows = Array.from(readings.values(), ({ row }) => row);
  const ordered = Array.from(readings.values(), ({ row, off }, k) => ({
    row,
    off,
    order: reader.orderOf(named[k]![1], k),
  }));
  const isNumber = loss !== null && isComplete(loss) && loss.count === 1;
  return {
    source: model.getName(),
    parameters: rows,
    modules: Array.from(namedModules(model), ([name, module]) => moduleRow(name, module, readings)),
    findings: findingsOf(ordered, isNumber ? numbersOf(loss)[0]! : null),
  };
}

/** A row, and what merges into those of the modules. */
interface Reading {
  readonly row: GradientRow;
  readonly gradient: PartialStatistics | null;
  /** Squared norms of the update and of what was updated; null where no update is known. */
  readonly update: { readonly squares: number; readonly before: number } | null;
  /** Silent outputs that hardly any input can wake. */
  readonly off: number;
}

class Reader {
  readonly #names: ReadonlyMap<Tensor, string>;
  readonly #reach: Reach | null;
  readonly #before: Snapshot | null;
  readonly #hasAny: boolean;
  readonly #outputs: OutputWeights;

  constructor(
    model: ModuleProtocol,
    named: readonly (readonly [string, Parameter])[],
    { loss = null, before = null }: GradientOptions,
  ) {
    this.#outputs = outputWeightsOf(model);
    this.#names = new Map(named.map(([name, parameter]) => [parameter, name]));
    this.#reach = loss === null ? null : reachOf(loss);
    this.#before = before;
    this.#hasAny = named.some(([, { grad }]) => grad !== null);
  }

  read(name: string, parameter: Parameter): Reading {
    const { grad } = parameter;
    const isReadable = grad !== null && isComplete(grad);
    const gradient = isReadable ? reduceTensor(grad) : null;
    const reason = grad === null ? reasonOf(parameter, this.#reach, this.#hasAny) : null;
    const statistics = gradient === null ? null : statisticsOf(gradient);
    const update = this.#updateOf(name, parameter);
    const bias = this.#outputs.get(parameter);
    const silent = isReadable && bias !== undefined ? silentOutputs(parameter, bias, grad) : null;
    const row: GradientRow = {
      name,
      module: name.slice(0, Math.max(0, name.lastIndexOf("."))),
      shape: knownShape(parameter),
      gradient: statistics,
      largest: largest(statistics),
      reason,
      pathEnd:
        reason === "detached" || reason === "not-reached"
          ? pathEndOf(parameter, this.#reach, this.#names)
          : null,
      weight: isComplete(parameter) ? statisticsOf(reduceTensor(parameter)) : null,
      updateRatio: ratioOf(update),
      silent: silent === null ? null : { outputs: silent.outputs, of: silent.of },
    };
    return { row, gradient, update, off: silent?.off ?? 0 };
  }

  /** When the pass back has a parameter's gradient, as far as it is known: else the last ones first. */
  orderOf(parameter: Tensor, position: number): number {
    return this.#reach?.leaves.get(parameter) ?? position - Number.MAX_SAFE_INTEGER;
  }

  #updateOf(name: string, parameter: Parameter): Reading["update"] {
    const former = this.#before?.tensors.get(name)?.values ?? null;
    if (former === null || !isComplete(parameter) || former.length !== parameter.count) return null;
    const { squares } = reduceDifference(former, numbersOf(parameter));
    return { squares, before: reduceValues(former).squares };
  }
}

function largest(statistics: Statistics | null): number | null {
  return statistics === null || statistics.count === 0 ? null : largestOf(statistics);
}

function ratioOf(update: Reading["update"]): number | null {
  return update === null ? null : updateRatio(Math.sqrt(update.squares), Math.sqrt(update.before));
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
    reasons: reasonCounts(inside),
    gradient,
    largest: largest(gradient),
    updateRatio: updates.length === 0 ? null : ratioOf(update),
  };
}

/** How many parameters lack a gradient for each reason. */
function reasonCounts(readings: readonly Reading[]): GradientModuleRow["reasons"] {
  const counts: Partial<Record<NoGradientReason, number>> = {};
  for (const { row } of readings) {
    if (row.reason !== null) counts[row.reason] = (counts[row.reason] ?? 0) + 1;
  }
  return counts;
}
