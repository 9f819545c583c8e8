/**
 * Recurrent networks: one step of each kind of cell, and stacks of layers that run cells over sequences.
 */

import { torchError } from "../errors.ts";
import { cat, stack } from "../ops/joining.ts";
import { addmm, mm } from "../ops/matrix.ts";
import { dropout } from "../ops/random-draws.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { linear } from "./linear.ts";

/** The weights of one cell, or of one direction of one layer. */
export interface CellWeights {
  /** (gates · hidden, input) */
  readonly weightIh: Tensor;
  /** (gates · hidden, output) */
  readonly weightHh: Tensor;
  /** (gates · hidden) */
  readonly biasIh?: Tensor | null;
  /** (gates · hidden) */
  readonly biasHh?: Tensor | null;
  /** Of an LSTM that projects its output: (output, hidden) */
  readonly weightHr?: Tensor | null;
}

/** What a cell remembers: its output, and of an LSTM the cell state too. */
export type CellState = readonly [h: Tensor] | readonly [h: Tensor, c: Tensor];

/** The kinds of cells. */
export type CellKind = "tanh" | "relu" | "lstm" | "gru";

/** The step of a cell, given what the gates get from the input; `weightHh` is transposed. */
type Step = (inputGates: Tensor, state: CellState, weights: PreparedWeights) => CellState;

/** Weights as the steps need them: those of the recurrence transposed, once for all steps. */
interface PreparedWeights {
  readonly hiddenToGates: Tensor;
  readonly biasHh: Tensor | null;
  readonly projection: Tensor | null;
}

function prepared({ weightHh, biasHh, weightHr }: CellWeights): PreparedWeights {
  return { hiddenToGates: weightHh.t(), biasHh: biasHh ?? null, projection: weightHr?.t() ?? null };
}

/** What the gates get from the former output: h·Wᵀ + b. */
function hiddenGates(h: Tensor, { hiddenToGates, biasHh }: PreparedWeights): Tensor {
  return biasHh === null ? mm(h, hiddenToGates) : addmm(biasHh, h, hiddenToGates);
}

/** h' = f(x·Wᵢᵀ + bᵢ + h·Wₕᵀ + bₕ), f the hyperbolic tangent or ReLU. */
const steps: Readonly<Record<CellKind, Step>> = {
  tanh: (inputGates, [h], weights) => [hiddenGates(h, weights).add(inputGates).tanh()],
  relu: (inputGates, [h], weights) => [hiddenGates(h, weights).add(inputGates).relu()],
  lstm: lstmStep,
  gru: gruStep,
};

/** Gates i, f, g, o: c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c'), projected if there is a projection. */
function lstmStep(inputGates: Tensor, [h, c]: CellState, weights: PreparedWeights): CellState {
  const gates = hiddenGates(h, weights).add(inputGates);
  const [i, f, g, o] = gates.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const cell = f.sigmoid().mul(c!).add(i.sigmoid().mul(g.tanh()));
  const output = o.sigmoid().mul(cell.tanh());
  return [weights.projection === null ? output : mm(output, weights.projection), cell];
}

/** Gates r, z, n: n' = tanh(nₓ + σ(r)·nₕ), h' = n' + σ(z)·(h − n'). */
function gruStep(inputGates: Tensor, [h]: CellState, weights: PreparedWeights): CellState {
  const [rx, zx, nx] = inputGates.chunk(3, 1) as [Tensor, Tensor, Tensor];
  const [rh, zh, nh] = hiddenGates(h, weights).chunk(3, 1) as [Tensor, Tensor, Tensor];
  const reset = rh.add(rx).sigmoid();
  const update = zh.add(zx).sigmoid();
  const candidate = nx.add(nh.mul(reset)).tanh();
  return [h.sub(candidate).mul(update).add(candidate)];
}

/**
 * One step of a cell.
 *
 * Shape: input (samples, input); h and c (samples, hidden), as are those of the new state.
 * Throws: PyTorch's RuntimeErrors for lengths that do not fit.
 *
 * @example
 * const { weight_ih: weightIh, weight_hh: weightHh, bias_ih: biasIh, bias_hh: biasHh } = new LSTMCell(2, 3);
 * const state = [zeros(1, 3), zeros(1, 3)];
 * const [h, c] = recurrentCell("lstm", zeros(1, 2), state, { weightIh, weightHh, biasIh, biasHh });
 */
export function recurrentCell(
  kind: CellKind,
  input: Tensor,
  state: CellState,
  weights: CellWeights,
): CellState {
  const { weightIh, weightHh, biasIh } = weights;
  if (input.shape[1] !== weightIh.shape[1]) {
    throw torchError(
      "RuntimeError",
      `input has inconsistent input_size: got ${input.shape[1]} expected ${weightIh.shape[1]}`,
    );
  }
  const hidden = weightHh.shape[1]!;
  state.forEach((tensor, place) => {
    if (tensor.shape[0] !== input.shape[0]) {
      throw torchError(
        "RuntimeError",
        `Input batch size ${input.shape[0]} doesn't match hidden${place} batch size ${tensor.shape[0]}`,
      );
    }
    if (tensor.size(1) !== hidden) {
      throw torchError(
        "RuntimeError",
        `hidden${place} has inconsistent hidden_size: got ${tensor.shape[1]}, expected ${hidden}`,
      );
    }
  });
  return steps[kind](linear(input, weightIh, biasIh ?? null), state, prepared(weights));
}

/** How a stack of layers runs. */
export interface RecurrentOptions {
  /** Whether each layer also runs backwards; its weights follow those of the forward direction. Default false. */
  readonly bidirectional?: boolean;
  /** The probability of an output of all layers but the last to become 0. Default 0. */
  readonly dropout?: number;
  /** Whether outputs are dropped at all. Default true. */
  readonly training?: boolean;
  /** Of packed input (rows, input): how many samples each step has, never more than the step before. */
  readonly batchSizes?: readonly number[] | null;
}

/** What a stack of layers gives: its output, and the last state of each layer and direction. */
export interface RecurrentResult {
  /** (length, samples, directions · output), or (rows, directions · output) of packed input */
  readonly output: Tensor;
  /** For each part of the state: (layers · directions, samples, output or hidden) */
  readonly state: readonly Tensor[];
}

/**
 * Runs a stack of recurrent layers over a sequence.
 *
 * Shape: input (length, samples, input), or packed (rows, input); each part of the state (layers · directions, samples, output or hidden).
 * `weights` holds those of each layer, for both directions one after the other.
 * Throws: PyTorch's RuntimeError for a sequence of no length.
 */
export function recurrentLayers(
  kind: CellKind,
  input: Tensor,
  state: readonly Tensor[],
  weights: readonly CellWeights[],
  options: RecurrentOptions = {},
): RecurrentResult {
  const { bidirectional = false, dropout: p = 0, training = true, batchSizes = null } = options;
  if (input.shape[0] === 0) {
    throw torchError("RuntimeError", "Expected sequence length to be larger than 0 in RNN");
  }
  const directions = bidirectional ? 2 : 1;
  const first = state.map((part) => part.unbind(0));
  const last: CellState[] = [];
  let output = input;
  for (let start = 0; start < weights.length; start += directions) {
    const sequences: Tensor[] = [];
    for (let direction = 0; direction < directions; direction++) {
      const place = start + direction;
      const former = first.map((parts) => parts[place]!) as unknown as CellState;
      const ran = recurrentLayer(kind, output, former, weights[place]!, direction === 1, batchSizes);
      sequences.push(ran.output);
      last.push(ran.state);
    }
    output = directions === 1 ? sequences[0]! : cat(sequences, -1);
    const isLast = start + directions >= weights.length;
    if (!isLast && p > 0) output = dropout(output, { p, training });
  }
  return {
    output,
    state: state.map((_, part) =>
      stack(
        last.map((each) => each[part]!),
        0,
      ),
    ),
  };
}

/** The state of some of the samples. */
function stateOf(state: CellState, start: number, count: number): CellState {
  return state.map((part) => part.narrow(0, start, count)) as unknown as CellState;
}

/** The states of samples that follow each other. */
function joinedStates(states: readonly CellState[]): CellState {
  const parts = states[0]!.map((_, part) =>
    cat(
      states.map((state) => state[part]!),
      0,
    ),
  );
  return parts as unknown as CellState;
}

function recurrentLayer(
  kind: CellKind,
  input: Tensor,
  first: CellState,
  weights: CellWeights,
  isBackward: boolean,
  batchSizes: readonly number[] | null,
): { readonly output: Tensor; readonly state: CellState } {
  const step = steps[kind];
  const ready = prepared(weights);
  const allGates = linear(input, weights.weightIh, weights.biasIh ?? null);
  const gates = batchSizes === null ? allGates.unbind(0) : allGates.split([...batchSizes], 0);
  if (isBackward) gates.reverse();
  const outputs: Tensor[] = [];
  // Of packed samples those behind have ended, or backwards not begun: they have no rows at this step.
  let running = gates[0]!.shape[0]!;
  let state = batchSizes === null ? first : stateOf(first, 0, running);
  const ended: CellState[] = [];
  for (const inputGates of gates) {
    const samples = inputGates.shape[0]!;
    if (samples < running) {
      ended.unshift(stateOf(state, samples, running - samples));
      state = stateOf(state, 0, samples);
    } else if (samples > running) {
      state = joinedStates([state, stateOf(first, running, samples - running)]);
    }
    running = samples;
    state = step(inputGates, state, ready);
    outputs.push(state[0]);
  }
  if (isBackward) outputs.reverse();
  return {
    output: batchSizes === null ? stack(outputs, 0) : cat(outputs, 0),
    state: ended.length === 0 ? state : joinedStates([state, ...ended]),
  };
}
