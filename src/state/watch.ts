/**
 * `watch`: records what the steps of an optimizer do to a network. Hooks on the optimizer measure every nth step;
 * the lines go to whoever takes them. Synchronous, for use in a training loop; writing to files is `watch-file.ts`.
 */

import { gradientNodeOf } from "../autograd/history.ts";
import type { HookHandle } from "../autograd/node.ts";
import { quote, UsageError } from "../errors.ts";
import type { NoGradientReason } from "../inspect/gradient-report.ts";
import type { WatchEnd, WatchHeader, WatchPathEnd, WatchRecord } from "../inspect/watch-log.ts";
import type { LineText } from "../inspect/line-text.ts";
import { endLine, headerLine, recordLine, writeRecord } from "../inspect/watch-log.ts";
import type { ModuleProtocol } from "../nn/module-record.ts";
import type { Parameter } from "../nn/parameter.ts";
import { namedParameters } from "../nn/traversal.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { isOptimizer } from "../optim/optimizer.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { pathEndOf, reasonOf } from "./gradient-facts.ts";
import { reachOf } from "./graph-reach.ts";
import type { Reach } from "./graph-reach.ts";
import { outputWeightsOf } from "./silent-outputs.ts";
import type { FigureColumns, FigureSheet } from "./figure-sheet.ts";
import { StepFigures } from "./step-figures.ts";
import { isComplete, knownShape, numbersOf } from "./tensor-statistics.ts";

/** How a run is watched. */
export interface WatchOptions {
  /** Steps from record to record. Default 10. */
  readonly every?: number;
  /** Records from histogram to histogram; 0 for none. Default 20. */
  readonly histograms?: number;
  /** Takes each line of the log, without its end. Default: no log. */
  readonly log?: (line: string) => void;
  /** Takes what writes each line, for who writes several at once: that is faster than one between two steps. */
  readonly deferredLog?: (write: (text: LineText) => void) => void;
  /** Sees each record, with the header that it belongs to. */
  readonly onRecord?: (record: WatchRecord, header: WatchHeader) => void;
  /** Called once when the run is closed. */
  readonly onClose?: (end: WatchEnd) => void;
  /** Steps that were made before, where a run is resumed. Default 0. */
  readonly step?: number;
}

/** What a step is recorded with: its loss, and other numbers by their names. */
export interface RecordedValues {
  readonly loss?: Tensor | number;
  readonly [name: string]: Tensor | number | undefined;
}

/** The step that was measured last, until its loss is known. */
interface Measured {
  readonly record: Writable<Omit<WatchRecord, keyof FigureColumns>>;
  readonly sheet: FigureSheet;
  /** The parameters without a gradient. */
  readonly without: readonly number[];
}

/** The same with fields that can be set. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Why some parameters have no gradient. */
type Reasons = Pick<WatchRecord, "missing" | "ends">;

/** Steps after which it is looked again whether the network still has the parameters of the header. */
const lookEvery = 20;

const noValues: ReadonlyMap<string, number> = new Map();

const nothingMissing: Reasons = { missing: new Map(), ends: [] };

/**
 * Watches a network while it trains: every nth step of the optimizer its gradients, weights, updates and learning rates
 * become a line of a log (`docs/watch-log.md`). Costs a copy of the trained parameters, and one pass over parameters and
 * gradients for each record.
 *
 * Call `record` after each step, before the next; `close` at the end.
 *
 * Throws: `UsageError` for options out of their range, what is no optimizer, and a network without parameters.
 *
 * @example
 * const lines: string[] = [];
 * const run = watch(model, optimizer, { every: 10, log: (line) => lines.push(line) });
 * for (const [x, y] of loader) {
 *   optimizer.zeroGrad();
 *   const loss = crossEntropy(model(x), y);
 *   loss.backward();
 *   optimizer.step();
 *   run.record({ loss });
 * }
 * run.close();
 */
export function watch(model: ModuleProtocol, optimizer: Optimizer, options: WatchOptions = {}): WatchRun {
  return new WatchRun(model, optimizer, options);
}

function requireCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new UsageError(
    `watching a network: found ${name} ${String(value)}, expected a whole number of ${least} or more`,
    {
      code: "watch-option",
    },
  );
}

/** A network that is watched; made by `watch`. */
export class WatchRun {
  readonly #model: ModuleProtocol;
  readonly #optimizer: Optimizer;
  readonly #options: Required<Pick<WatchOptions, "every" | "histograms">> & WatchOptions;
  readonly #hooks: readonly HookHandle[];
  readonly #began = performance.now();
  readonly #started = new Date().toISOString();
  /** The step after which the next header's records come. */
  #since: number;
  #step: number;
  #records = 0;
  #named: readonly (readonly [string, Parameter])[] = [];
  #figures: StepFigures = new StepFigures([], new Map());
  #header: WatchHeader | null = null;
  #measured: Measured | null = null;
  #isClosed = false;
  /** The step at which the parameters were compared with the header. */
  #lookedAt = -Infinity;
  /** Whether a parameter had no gradient at the last record: it may have left the network. */
  #isIncomplete = false;

  constructor(model: ModuleProtocol, optimizer: Optimizer, options: WatchOptions) {
    const { every = 10, histograms = 20, step = 0 } = options;
    requireCount("every", every, 1);
    requireCount("histograms", histograms, 0);
    requireCount("step", step, 0);
    if (!isOptimizer(optimizer)) {
      throw new UsageError("watching a network: found something else in the place of its optimizer", {
        code: "watch-optimizer",
        hint: "Expected watch(model, optimizer, options).",
      });
    }
    if (namedParameters(model).next().done === true) {
      throw new UsageError(`watching a network: ${quote(model.getName())} has no parameters`, {
        code: "watch-parameters",
      });
    }
    this.#model = model;
    this.#optimizer = optimizer;
    this.#options = { ...options, every, histograms };
    this.#step = step;
    this.#since = step;
    this.#hooks = [
      optimizer.registerStepPreHook(() => this.#before()),
      optimizer.registerStepPostHook(() => this.#after()),
    ];
  }

  /** Steps of the optimizer so far. */
  get step(): number {
    return this.#step;
  }

  /**
   * Completes the record of the step that was just made, if it is one of those that are recorded: with its loss and
   * whatever other numbers are worth keeping. Reads them only then, so calling it after every step costs nothing.
   *
   * A step is completed once: a second call before the next step does nothing, nor does one before the first. Where the
   * call is forgotten, the next step or `close` writes the record without a loss. Called before `optimizer.step()` instead
   * of after it, it would give each record the loss of the step that follows.
   *
   * Throws: `UsageError` for a tensor of several elements; what the log throws.
   *
   * @example
   * run.record({ loss, accuracy: 0.97 });
   */
  record(values: RecordedValues = {}): void {
    const measured = this.#measured;
    if (measured === null) return;
    this.#measured = null;
    const { record, sheet, without } = measured;
    for (const name in values) {
      const value = values[name];
      if (value === undefined || !Object.hasOwn(values, name)) continue;
      if (name === "loss") record.loss = scalarOf(name, value);
      else record.values = new Map(record.values).set(name, scalarOf(name, value));
    }
    const { loss } = values;
    // The graph of the loss tells more than the parameters themselves.
    if (without.length > 0 && isTensor(loss) && gradientNodeOf(loss) !== null) {
      Object.assign(record, this.#reasons(without, reachOf(loss)));
    }
    const { log, deferredLog, onRecord } = this.#options;
    const whole = (): WatchRecord => ({ ...record, ...sheet.columns() });
    log?.(recordLine(whole()));
    deferredLog?.((text) => writeRecord(whole(), text));
    onRecord?.(whole(), this.#header!);
  }

  /** Writes what is still to be written and the end, and takes the hooks off. Closing twice does no harm. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const hook of this.#hooks) hook.remove();
    this.record();
    // A run without a step has its header too: the log says of what it would have been.
    if (this.#header === null) this.#describe();
    const end: WatchEnd = { step: this.#step, time: this.#seconds() };
    this.#writeLine(endLine(end));
    this.#options.onClose?.(end);
  }

  #writeLine(line: string): void {
    this.#options.log?.(line);
    this.#options.deferredLog?.((text) => text.text(line));
  }

  #seconds(): number {
    return Math.round(performance.now() - this.#began) / 1000;
  }

  #isRecorded(step: number): boolean {
    return step % this.#options.every === 0;
  }

  #before(): void {
    this.record();
    if (!this.#isRecorded(this.#step + 1)) return;
    if (this.#isToBeLookedAt() && !this.#isDescribed()) {
      if (this.#header !== null) this.#since = this.#step;
      this.#describe();
    }
    this.#figures.keep();
  }

  #after(): void {
    this.#step++;
    if (!this.#isRecorded(this.#step)) return;
    const { histograms: period } = this.#options;
    const hasHistograms = period > 0 && this.#records % period === 0;
    const without: number[] = [];
    for (let k = 0; k < this.#named.length; k++) if (this.#named[k]![1].grad === null) without.push(k);
    this.#isIncomplete = without.length > 0;
    const { sheet, histograms } = this.#figures.read(hasHistograms);
    const { missing, ends } = this.#reasons(without, null);
    const rates = this.#optimizer.paramGroups.map(({ lr }) => rateOf(lr));
    const record = {
      step: this.#step,
      time: this.#seconds(),
      loss: null,
      rates,
      values: noValues,
      missing,
      ends,
      histograms,
    };
    this.#measured = { record, sheet, without };
    this.#records++;
  }

  /** A walk over the network takes as long as the rest: not for every record, unless something has no gradient. */
  #isToBeLookedAt(): boolean {
    if (this.#step - this.#lookedAt < lookEvery && !this.#isIncomplete) return false;
    this.#lookedAt = this.#step;
    return true;
  }

  /** Whether the header still says which parameters the network has. */
  #isDescribed(): boolean {
    if (this.#header === null) return false;
    let position = 0;
    for (const [, parameter] of namedParameters(this.#model)) {
      if (this.#named[position++]?.[1] !== parameter) return false;
    }
    return position === this.#named.length;
  }

  #describe(): void {
    this.#named = [...namedParameters(this.#model)];
    const parameters = this.#named.map(([, parameter]) => parameter);
    this.#figures = new StepFigures(parameters, outputWeightsOf(this.#model));
    const groups = this.#optimizer.paramGroups;
    this.#header = {
      model: this.#model.getName(),
      optimizer: this.#optimizer.name,
      every: this.#options.every,
      step: this.#since,
      started: this.#started,
      parameters: this.#named.map(([name, parameter]) => {
        const group = groups.findIndex(({ params }) => params.includes(parameter));
        return {
          name,
          shape: knownShape(parameter),
          dtype: parameter.dtype.name,
          group: group < 0 ? null : group,
        };
      }),
    };
    this.#writeLine(headerLine(this.#header));
  }

  #reasons(without: readonly number[], reach: Reach | null): Reasons {
    if (without.length === 0) return nothingMissing;
    const missing = new Map<NoGradientReason, number[]>();
    const ends = new Map<string, WatchPathEnd & { readonly of: number[] }>();
    const hasAny = without.length < this.#named.length;
    const names = new Map<Tensor, string>(this.#named.map(([name, parameter]) => [parameter, name]));
    for (const position of without) {
      const parameter = this.#named[position]![1];
      const reason = reasonOf(parameter, reach, hasAny);
      const alike = missing.get(reason);
      if (alike === undefined) missing.set(reason, [position]);
      else alike.push(position);
      if (reason !== "detached" && reason !== "not-reached") continue;
      const end = pathEndOf(parameter, reach, names);
      if (end === null) continue;
      const key = `${end.op} ${end.parameter ?? ""}`;
      const known = ends.get(key);
      if (known === undefined) ends.set(key, { ...end, of: [position] });
      else known.of.push(position);
    }
    return { missing, ends: [...ends.values()] };
  }
}

function scalarOf(name: string, value: Tensor | number): number {
  if (typeof value === "number") return value;
  if (isTensor(value) && value.count === 1 && isComplete(value)) return numbersOf(value)[0]!;
  const found = isTensor(value) ? `a tensor of shape [${value.shape.join(", ")}]` : `a ${typeof value}`;
  throw new UsageError(
    `recording ${quote(name)}: found ${found}, expected a number or a tensor of one element`,
    {
      code: "watch-value",
      hint: "Record its mean() or item().",
    },
  );
}

/** A learning rate may be a tensor. */
function rateOf(rate: unknown): number {
  return isTensor(rate) ? numbersOf(rate)[0]! : Number(rate);
}
