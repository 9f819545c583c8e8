/**
 * What RNN, LSTM and GRU share: options, parameters, checks, and running their layers over padded and packed sequences. The
 * steps of their cells are in `functional/recurrent.ts`.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { CellKind, CellWeights, RecurrentResult } from "../functional/recurrent.ts";
import { recurrentLayers } from "../functional/recurrent.ts";
import { empty, zeros } from "../ops/creation.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe, float } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, takeFloat } from "./float-option.ts";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { PackedSequence } from "./packed-sequence.ts";
import { isPackedSequence } from "./packed-sequence.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import { warn } from "../warnings.ts";

/** Options of GRU. */
export interface RecurrentOptions extends FactoryOptions {
  /** How many layers are stacked, each fed by the one before. Default 1. */
  readonly numLayers?: number;
  /** Whether there are biases. Default true. */
  readonly bias?: boolean;
  /** Whether input and output are (samples, length, features) instead of (length, samples, features). Default false. */
  readonly batchFirst?: boolean;
  /** The probability, in training, of an output of all layers but the last to become 0. Default 0. */
  readonly dropout?: FloatOption;
  /** Whether each layer also runs backwards. Default false. */
  readonly bidirectional?: boolean;
}

/** Options of RNN. */
export interface RNNOptions extends RecurrentOptions {
  /** Default `"tanh"`. */
  readonly nonlinearity?: "tanh" | "relu";
}

/** Options of LSTM. */
export interface LSTMOptions extends RecurrentOptions {
  /** The length that outputs are projected to; 0 (default) for outputs of the hidden length. */
  readonly projSize?: number;
}

const gateCounts: Readonly<Record<CellKind, number>> = { tanh: 1, relu: 1, lstm: 4, gru: 3 };

/**
 * What RNN, LSTM and GRU share: parameters, checks, and running the layers.
 *
 * For layer k: `weight_ih_lk` (gates · hidden, input), `weight_hh_lk` (gates · hidden, output), `bias_ih_lk` and
 * `bias_hh_lk` (gates · hidden), `weight_hr_lk` (output, hidden) where outputs are projected; the same once more with
 * `_reverse` for the backward direction.
 */
export abstract class RNNBase extends Module {
  /** Parameters by the number of their layer; there are those that the options ask for. */
  [name: `${"weight" | "bias"}_${"ih" | "hh"}_l${number}`]: Parameter;
  [name: `${"weight" | "bias"}_${"ih" | "hh"}_l${number}_reverse`]: Parameter;
  [name: `weight_hr_l${number}`]: Parameter;
  [name: `weight_hr_l${number}_reverse`]: Parameter;
  declare weight_ih_l0: Parameter;
  declare weight_hh_l0: Parameter;
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  bias: boolean;
  batchFirst: boolean;
  dropout: number;
  bidirectional: boolean;
  projSize: number;

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = options.numLayers ?? 1;
    this.bias = options.bias ?? true;
    this.batchFirst = options.batchFirst ?? false;
    this.dropout = takeFloat(this, "dropout", options.dropout, 0);
    this.bidirectional = options.bidirectional ?? false;
    this.projSize = options.projSize ?? 0;
    this.checkHyperparameters();
    this.makeParameters(gateCounts[kind] * hiddenSize, options);
    this.resetParameters();
  }

  /** Which cell the layers run. */
  protected abstract get cellKind(): CellKind;

  private checkHyperparameters(): void {
    const { inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, projSize } = this;
    if (typeof dropout !== "number" || !(dropout >= 0 && dropout <= 1)) {
      throw torchError(
        "ValueError",
        "dropout should be a number in range [0, 1] representing the probability of an element being zeroed",
      );
    }
    if (dropout > 0 && numLayers === 1) {
      warn(
        `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${pythonRepr(asGiven(this, "dropout"))} and num_layers=1`,
      );
    }
    for (const [name, value, type] of [
      ["bias", bias, "bool"],
      ["batch_first", batchFirst, "bool"],
      ["input_size", inputSize, "int"],
      ["hidden_size", hiddenSize, "int"],
    ] as const) {
      const isRight = type === "bool" ? typeof value === "boolean" : Number.isInteger(value);
      if (!isRight) {
        throw torchError("TypeError", `${name} should be of type ${type}, got: ${pythonTypeName(value)}`);
      }
    }
    if (inputSize <= 0) throw torchError("ValueError", "input_size must be greater than zero");
    if (hiddenSize <= 0) throw torchError("ValueError", "hidden_size must be greater than zero");
    if (numLayers <= 0) throw torchError("ValueError", "num_layers must be greater than zero");
    if (projSize < 0) {
      throw torchError("ValueError", "proj_size should be a positive integer or zero to disable projections");
    }
    if (projSize >= hiddenSize) {
      throw torchError("ValueError", "proj_size has to be smaller than hidden_size");
    }
  }

  private get outputSize(): number {
    return this.projSize > 0 ? this.projSize : this.hiddenSize;
  }

  /** The suffixes of the parameters' names, by layer and direction. */
  private suffixes(): string[] {
    const directions = this.bidirectional ? ["", "_reverse"] : [""];
    return Array.from({ length: this.numLayers }, (_, layer) =>
      directions.map((direction) => `l${layer}${direction}`),
    ).flat();
  }

  private makeParameters(gates: number, options: FactoryOptions): void {
    const directions = this.bidirectional ? 2 : 1;
    this.suffixes().forEach((suffix, place) => {
      const inputs = place < directions ? this.inputSize : this.outputSize * directions;
      const shapes: [string, number[]][] = [
        ["weight_ih", [gates, inputs]],
        ["weight_hh", [gates, this.outputSize]],
      ];
      if (this.bias) shapes.push(["bias_ih", [gates]], ["bias_hh", [gates]]);
      if (this.projSize > 0) shapes.push(["weight_hr", [this.projSize, this.hiddenSize]]);
      for (const [name, shape] of shapes) {
        this.registerParameter(`${name}_${suffix}`, new Parameter(empty(...shape, options)));
      }
    });
  }

  /** Draws fresh parameters: all evenly from ±1/√hiddenSize, in the order of their names. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** The parameters of each layer and direction. */
  private weights(): CellWeights[] {
    const fields = this as unknown as Readonly<Record<string, Parameter | undefined>>;
    return this.suffixes().map((suffix) => ({
      weightIh: fields[`weight_ih_${suffix}`]!,
      weightHh: fields[`weight_hh_${suffix}`]!,
      biasIh: fields[`bias_ih_${suffix}`] ?? null,
      biasHh: fields[`bias_hh_${suffix}`] ?? null,
      weightHr: fields[`weight_hr_${suffix}`] ?? null,
    }));
  }

  /** Runs the layers; `states` are the parts of the first state, null for zeros. */
  protected run<Input extends Tensor | PackedSequence>(
    input: Input,
    states: readonly Tensor[] | null,
  ): { output: Input; state: readonly Tensor[] };
  protected run(
    input: Tensor | PackedSequence,
    states: readonly Tensor[] | null,
  ): { output: Tensor | PackedSequence; state: readonly Tensor[] } {
    return isPackedSequence(input) ? this.runPacked(input, states) : this.runPadded(input, states);
  }

  private runPadded(
    input: Tensor,
    states: readonly Tensor[] | null,
  ): { output: Tensor; state: readonly Tensor[] } {
    const isBatched = input.ndim === 3;
    const batchAxis = this.batchFirst ? 0 : 1;
    if (input.ndim !== 2 && !isBatched) {
      // The text of RNN differs from that of its sisters.
      const dimensions =
        this.cellKind === "lstm" || this.cellKind === "gru" ? `${input.ndim}D` : `${input.ndim}D tensor`;
      throw torchError(
        "ValueError",
        `${this.cellName}: Expected input to be 2D or 3D, got ${dimensions} instead`,
      );
    }
    const batch = isBatched ? input : input.unsqueeze(batchAxis);
    if (states !== null) this.checkRanks(states, isBatched);
    const samples = batch.shape[batchAxis]!;
    const first =
      states === null
        ? this.zeroState(batch, samples)
        : isBatched
          ? states
          : states.map((part) => part.unsqueeze(1));
    this.checkInput(batch, 3);
    this.checkShapes(first, samples);
    const sequence = this.batchFirst ? batch.transpose(0, 1) : batch;
    const { output, state } = this.runLayers(sequence, first, null);
    const result = this.batchFirst ? output.transpose(0, 1) : output;
    if (isBatched) return { output: result, state };
    return { output: result.squeeze(batchAxis), state: state.map((part) => part.squeeze(1)) };
  }

  /** Samples of different lengths, sorted by length; states go in and come out in the order of before the sorting. */
  private runPacked(
    packed: PackedSequence,
    states: readonly Tensor[] | null,
  ): { output: PackedSequence; state: readonly Tensor[] } {
    const { data, sortedIndices, unsortedIndices } = packed;
    const batchSizes = packed.batchSizes.tolist() as number[];
    const samples = batchSizes[0]!;
    const inOrder = (parts: readonly Tensor[], order: Tensor | null): readonly Tensor[] =>
      order === null ? parts : parts.map((part) => part.indexSelect(1, order));
    this.checkInput(data, 2);
    if (states !== null) this.checkShapes(states, samples);
    const first = states === null ? this.zeroState(data, samples) : inOrder(states, sortedIndices);
    const { output, state } = this.runLayers(data, first, batchSizes);
    return { output: packed.withData(output), state: inOrder(state, unsortedIndices) };
  }

  private runLayers(
    input: Tensor,
    first: readonly Tensor[],
    batchSizes: readonly number[] | null,
  ): RecurrentResult {
    const { bidirectional, dropout, training } = this;
    const options = { bidirectional, dropout, training, batchSizes };
    return recurrentLayers(this.cellKind, input, first, this.weights(), options);
  }

  private zeroState({ dtype, device }: Tensor, samples: number): readonly Tensor[] {
    return this.stateShapes(samples).map((shape) => zeros(...shape, { dtype, device }));
  }

  private get cellName(): string {
    return { tanh: "RNN", relu: "RNN", lstm: "LSTM", gru: "GRU" }[this.cellKind];
  }

  /** The shapes of the parts of the state. */
  private stateShapes(samples: number): number[][] {
    const count = this.numLayers * (this.bidirectional ? 2 : 1);
    const output = [count, samples, this.outputSize];
    return this.cellKind === "lstm" ? [output, [count, samples, this.hiddenSize]] : [output];
  }

  private checkRanks(states: readonly Tensor[], isBatched: boolean): void {
    const rank = isBatched ? 3 : 2;
    if (states.every((part) => part.ndim === rank)) return;
    const found = states.map((part) => `${part.ndim}-D`);
    const what = this.cellKind === "lstm" ? "hx and cx" : "hx";
    const got = this.cellKind === "lstm" ? `(${found.join(", ")}) tensors` : `${found[0]!} tensor`;
    const input = isBatched ? "For batched 3-D input" : "For unbatched 2-D input";
    throw torchError("RuntimeError", `${input}, ${what} should also be ${rank}-D but got ${got}`);
  }

  private checkInput(batch: Tensor, rank: number): void {
    const { dtype } = this.weight_ih_l0;
    if (batch.dtype !== dtype) {
      throw torchError(
        "ValueError",
        `RNN input dtype (${String(batch.dtype)}) does not match weight dtype (${String(dtype)}). Convert input: input.to(${String(dtype)}), or convert model: model.to(${String(batch.dtype)})`,
      );
    }
    if (batch.ndim !== rank) {
      throw torchError("RuntimeError", `input must have ${rank} dimensions, got ${batch.ndim}`);
    }
    if (batch.size(-1) !== this.inputSize) {
      throw torchError(
        "RuntimeError",
        `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${batch.size(-1)}`,
      );
    }
  }

  private checkShapes(states: readonly Tensor[], samples: number): void {
    this.stateShapes(samples).forEach((expected, part) => {
      const { shape } = states[part]!;
      if (sameShape(shape, expected)) return;
      const which = this.cellKind === "lstm" ? `hidden[${part}]` : "hidden";
      throw torchError(
        "RuntimeError",
        `Expected ${which} size (${expected.join(", ")}), got [${shape.join(", ")}]`,
      );
    });
  }

  override extraRepr(): string {
    return describe([this.inputSize, this.hiddenSize], {
      proj_size: this.projSize === 0 ? undefined : this.projSize,
      num_layers: this.numLayers === 1 ? undefined : this.numLayers,
      bias: this.bias ? undefined : false,
      batch_first: this.batchFirst ? true : undefined,
      dropout: this.dropout === 0 ? undefined : float(this.dropout),
      bidirectional: this.bidirectional ? true : undefined,
    });
  }
}
