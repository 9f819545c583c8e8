/**
 * Recurrent layers: RNN, LSTM, GRU. What they share is in `recurrent-base.ts`.
 */

import { torchError } from "../errors.ts";
import type { CellKind } from "../functional/recurrent.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PackedSequence } from "./packed-sequence.ts";
import type { LSTMOptions, RNNOptions, RecurrentOptions } from "./recurrent-base.ts";
import { RNNBase } from "./recurrent-base.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

function refuseProjection(options: object): void {
  if (!("projSize" in options)) return;
  throw torchError("ValueError", "proj_size argument is only supported for LSTM, not RNN or GRU");
}

const rnnArguments = signature<[inputSize: number, hiddenSize: number], RNNOptions>()(
  ["inputSize", "hiddenSize"],
  [
    "numLayers",
    "nonlinearity",
    "bias",
    "batchFirst",
    "dropout",
    "bidirectional",
    "projSize",
    "device",
    "dtype",
  ],
  [],
  2,
);

/** A packed sequence gives a packed sequence. (`forward`'s last overload alone would be what a call takes.) */
export interface RNN {
  (input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hn: Tensor];
}

/**
 * A stack of simple recurrent layers: h' = f(x·Wᵢᵀ + bᵢ + h·Wₕᵀ + bₕ), f = tanh or ReLU.
 *
 * Shape: input (length, samples, inputSize), or with `batchFirst` (samples, length, inputSize), or without samples; the
 * first state (layers · directions, samples, hiddenSize). Gives the output (length, samples, directions · hiddenSize)
 * and the last state. A packed sequence (`nn.utils.rnn`) gives a packed sequence.
 * Throws: PyTorch's errors for hyper-parameters, inputs and states that do not fit.
 *
 * @example
 * const [output, hn] = new RNN(10, 20, { numLayers: 2 })(randn(5, 3, 10));
 */
export class RNN extends RNNBase {
  nonlinearity: "tanh" | "relu";

  constructor(...args: ArgumentsOf<typeof rnnArguments>) {
    const [inputSize, hiddenSize, options] = rnnArguments.take("RNNBase", args);
    refuseProjection(options);
    const { nonlinearity = "tanh" } = options;
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw torchError(
        "ValueError",
        `Unknown nonlinearity '${String(nonlinearity)}'. Select from 'tanh' or 'relu'.`,
      );
    }
    super(nonlinearity, inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  protected override get cellKind(): CellKind {
    return this.nonlinearity;
  }

  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hn: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hn: Tensor];
  override forward<Input extends Tensor | PackedSequence>(
    input: Input,
    hx: Tensor | null = null,
  ): [output: Input, hn: Tensor] {
    const { output, state } = this.run(input, hx === null ? null : [hx]);
    return [output, state[0]!];
  }
}

const lstmArguments = signature<[inputSize: number, hiddenSize: number], LSTMOptions>()(
  ["inputSize", "hiddenSize"],
  ["numLayers", "bias", "batchFirst", "dropout", "bidirectional", "projSize", "device", "dtype"],
  [],
  2,
);

/** A packed sequence gives a packed sequence. */
export interface LSTM {
  (
    input: PackedSequence,
    hx?: readonly [h: Tensor, c: Tensor] | null,
  ): [output: PackedSequence, state: [hn: Tensor, cn: Tensor]];
}

/**
 * A stack of long short-term memories: c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c'), where i, f, g, o are the quarters of
 * x·Wᵢᵀ + bᵢ + h·Wₕᵀ + bₕ. With `projSize` h' is projected: h'·Wₚᵀ.
 *
 * Shape: as `RNN`; the state is a pair, of which the second part has the length hiddenSize also where outputs are
 * projected.
 * Throws: as `RNN`.
 *
 * @example
 * const [output, [hn, cn]] = new LSTM(10, 20, { bidirectional: true })(randn(5, 3, 10));
 */
export class LSTM extends RNNBase {
  constructor(...args: ArgumentsOf<typeof lstmArguments>) {
    const [inputSize, hiddenSize, options] = lstmArguments.take("RNNBase", args);
    super("lstm", inputSize, hiddenSize, options);
  }

  protected override get cellKind(): CellKind {
    return "lstm";
  }

  override forward(
    input: PackedSequence,
    hx?: readonly [h: Tensor, c: Tensor] | null,
  ): [output: PackedSequence, state: [hn: Tensor, cn: Tensor]];
  override forward(
    input: Tensor,
    hx?: readonly [h: Tensor, c: Tensor] | null,
  ): [output: Tensor, state: [hn: Tensor, cn: Tensor]];
  override forward<Input extends Tensor | PackedSequence>(
    input: Input,
    hx: readonly [h: Tensor, c: Tensor] | null = null,
  ): [output: Input, state: [hn: Tensor, cn: Tensor]] {
    const { output, state } = this.run(input, hx);
    return [output, state as [Tensor, Tensor]];
  }
}

const gruArguments = signature<[inputSize: number, hiddenSize: number], RecurrentOptions>()(
  ["inputSize", "hiddenSize"],
  ["numLayers", "bias", "batchFirst", "dropout", "bidirectional", "projSize", "device", "dtype"],
  [],
  2,
);

/** A packed sequence gives a packed sequence. (`forward`'s last overload alone would be what a call takes.) */
export interface GRU {
  (input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hn: Tensor];
}

/**
 * A stack of gated recurrent units: n' = tanh(nₓ + σ(rₓ + rₕ)·nₕ), h' = n' + σ(zₓ + zₕ)·(h − n'), where r, z, n are the
 * thirds of x·Wᵢᵀ + bᵢ and of h·Wₕᵀ + bₕ.
 *
 * Shape: as `RNN`.
 * Throws: as `RNN`.
 *
 * @example
 * const [output, hn] = new GRU(10, 20)(randn(5, 3, 10));
 */
export class GRU extends RNNBase {
  constructor(...args: ArgumentsOf<typeof gruArguments>) {
    const [inputSize, hiddenSize, options] = gruArguments.take("RNNBase", args);
    refuseProjection(options);
    super("gru", inputSize, hiddenSize, options);
  }

  protected override get cellKind(): CellKind {
    return "gru";
  }

  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hn: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hn: Tensor];
  override forward<Input extends Tensor | PackedSequence>(
    input: Input,
    hx: Tensor | null = null,
  ): [output: Input, hn: Tensor] {
    const { output, state } = this.run(input, hx === null ? null : [hx]);
    return [output, state[0]!];
  }
}
