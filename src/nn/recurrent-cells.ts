/**
 * Cells of recurrent networks, which run one step: RNNCell, LSTMCell, GRUCell.
 */

import { torchError } from "../errors.ts";
import type { CellKind, CellState } from "../functional/recurrent.ts";
import { recurrentCell } from "../functional/recurrent.ts";
import { empty, zeros } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe, plain } from "./extra-repr.ts";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of LSTMCell and GRUCell. */
export interface CellOptions extends FactoryOptions {
  /** Whether there are biases. Default true. */
  readonly bias?: boolean;
}

/** Options of RNNCell. */
export interface RNNCellOptions extends CellOptions {
  /** Default `"tanh"`. */
  readonly nonlinearity?: "tanh" | "relu";
}

/** What the cells share: parameters and checks. */
export abstract class RNNCellBase extends Module {
  inputSize: number;
  hiddenSize: number;
  bias: boolean;
  weight_ih: Parameter;
  weight_hh: Parameter;
  bias_ih: Parameter | null;
  bias_hh: Parameter | null;

  constructor(inputSize: number, hiddenSize: number, gateCount: number, options: CellOptions) {
    super();
    const gates = gateCount * hiddenSize;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = options.bias ?? true;
    this.weight_ih = new Parameter(empty(gates, inputSize, options));
    this.weight_hh = new Parameter(empty(gates, hiddenSize, options));
    this.bias_ih = this.bias ? new Parameter(empty(gates, options)) : null;
    this.bias_hh = this.bias ? new Parameter(empty(gates, options)) : null;
    this.resetParameters();
  }

  /** Draws fresh parameters: all evenly from ±1/√hiddenSize, in the order of their names. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** Runs one step; `names` are those of the parts of the state in errors. */
  protected step(
    kind: CellKind,
    input: Tensor,
    state: CellState | null,
    names: readonly string[],
  ): CellState {
    this.requireRank("input", input);
    state?.forEach((part, place) => {
      this.requireRank(names[place]!, part);
    });
    const isBatched = input.ndim === 2;
    const batch = isBatched ? input : input.unsqueeze(0);
    const { weight_ih: weightIh, weight_hh: weightHh, bias_ih: biasIh, bias_hh: biasHh } = this;
    const weights = { weightIh, weightHh, biasIh, biasHh };
    const first =
      state === null
        ? this.noState(batch, names.length)
        : isBatched
          ? state
          : state.map((part) => part.unsqueeze(0));
    const next = recurrentCell(kind, batch, first as CellState, weights);
    return isBatched ? next : (next.map((part) => part.squeeze(0)) as unknown as CellState);
  }

  private noState(batch: Tensor, parts: number): readonly Tensor[] {
    const { dtype, device } = batch;
    const nothing = zeros(batch.shape[0]!, this.hiddenSize, { dtype, device });
    return Array.from({ length: parts }, () => nothing);
  }

  private requireRank(name: string, tensor: Tensor): void {
    if (tensor.ndim === 1 || tensor.ndim === 2) return;
    throw torchError(
      "ValueError",
      `${this.cellName}: Expected ${name} to be 1D or 2D, got ${tensor.ndim}D instead`,
    );
  }

  /** The name of the class in errors. */
  protected abstract get cellName(): string;

  override extraRepr(): string {
    return describe([this.inputSize, this.hiddenSize], { bias: this.bias ? undefined : false });
  }
}

const rnnCellArguments = signature<[inputSize: number, hiddenSize: number], RNNCellOptions>()(
  ["inputSize", "hiddenSize"],
  ["bias", "nonlinearity", "device", "dtype"],
);

/**
 * One step of a simple recurrent network: h' = f(x·Wᵢᵀ + bᵢ + h·Wₕᵀ + bₕ), f = tanh or ReLU.
 *
 * Shape: input (samples, inputSize), h (samples, hiddenSize) → (samples, hiddenSize); or all without samples.
 * Throws: PyTorch's errors for inputs and states that do not fit.
 *
 * @example
 * const cell = new RNNCell(10, 20);
 * let h = zeros(2, 20);
 * for (const x of randn(5, 2, 10)) h = cell(x, h);
 */
export class RNNCell extends RNNCellBase {
  nonlinearity: "tanh" | "relu";

  constructor(...args: ArgumentsOf<typeof rnnCellArguments>) {
    const [inputSize, hiddenSize, options] = rnnCellArguments.take("RNNCell", args);
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  protected override get cellName(): string {
    return "RNNCell";
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const { nonlinearity } = this;
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw torchError("RuntimeError", `Unknown nonlinearity: ${String(nonlinearity)}`);
    }
    return this.step(nonlinearity, input, hx === null ? null : [hx], ["hidden"])[0];
  }

  override extraRepr(): string {
    return describe([this.inputSize, this.hiddenSize], {
      bias: this.bias ? undefined : false,
      nonlinearity: this.nonlinearity === "tanh" ? undefined : plain(this.nonlinearity),
    });
  }
}

const gatedCellArguments = signature<[inputSize: number, hiddenSize: number], CellOptions>()(
  ["inputSize", "hiddenSize"],
  ["bias", "device", "dtype"],
);

/**
 * One step of a long short-term memory; see `LSTM` for the formula. Shape: as `RNNCell`; the state is a pair.
 *
 * @example
 * const cell = new LSTMCell(10, 20);
 * let [h, c] = [zeros(2, 20), zeros(2, 20)];
 * for (const x of randn(5, 2, 10)) [h, c] = cell(x, [h, c]);
 */
export class LSTMCell extends RNNCellBase {
  constructor(...args: ArgumentsOf<typeof gatedCellArguments>) {
    const [inputSize, hiddenSize, options] = gatedCellArguments.take("LSTMCell", args);
    super(inputSize, hiddenSize, 4, options);
  }

  protected override get cellName(): string {
    return "LSTMCell";
  }

  override forward(input: Tensor, hx: readonly [h: Tensor, c: Tensor] | null = null): [h: Tensor, c: Tensor] {
    return this.step("lstm", input, hx, ["hx[0]", "hx[1]"]) as [Tensor, Tensor];
  }
}

/** One step of a gated recurrent unit; see `GRU` for the formula. Shape: as `RNNCell`. */
export class GRUCell extends RNNCellBase {
  constructor(...args: ArgumentsOf<typeof gatedCellArguments>) {
    const [inputSize, hiddenSize, options] = gatedCellArguments.take("GRUCell", args);
    super(inputSize, hiddenSize, 3, options);
  }

  protected override get cellName(): string {
    return "GRUCell";
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    return this.step("gru", input, hx === null ? null : [hx], ["hidden"])[0];
  }
}
