/** Packed sequences as PyTorch has them; `packed-sequences.py` made the JSON. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arange, manualSeed, nn, ones, randn, tensor, zeros } from "parascope";
import type { Tensor } from "parascope";

interface Layer {
  readonly kind: "RNN" | "LSTM" | "GRU";
  readonly options: {
    readonly num_layers?: number;
    readonly bidirectional?: boolean;
    readonly batch_first?: boolean;
    readonly dropout?: number;
    readonly bias?: boolean;
    readonly proj_size?: number;
    readonly nonlinearity?: "relu";
  };
  readonly lengths: readonly number[];
  readonly hasState: boolean;
  readonly output: readonly number[];
  readonly state: readonly (readonly number[])[];
  readonly gradients: readonly number[];
}

interface Golden {
  readonly texts: Readonly<Record<string, string | readonly string[]>>;
  readonly layers: readonly Layer[];
}

const golden = JSON.parse(readFileSync(new URL("packed-sequences.json", import.meta.url), "utf8")) as Golden;

const { packPaddedSequence, packSequence, padPackedSequence, padSequence, unpackSequence, unpadSequence } =
  nn.utils.rnn;

const float64 = { dtype: "float64" } as const;
const samples = arange(0, 24, 1, { dtype: "float32" }).view(3, 4, 2);
const rows = arange(0, 12, 1, { dtype: "float32" }).view(3, 4);
const steps = [tensor([1, 2, 3]), tensor([4, 5]), tensor([6, 7, 8, 9])];
const batchFirst = { batchFirst: true };
const unsorted = packPaddedSequence(samples, [1, 4, 2], { ...batchFirst, enforceSorted: false });
const recorded = packPaddedSequence(rows.clone().requiresGrad_(), tensor([4, 2, 2]), batchFirst);

const texts: Readonly<Record<string, () => unknown>> = {
  sorted: () => packPaddedSequence(rows, [4, 2, 1], batchFirst),
  unsorted: () => unsorted,
  "steps first": () => packPaddedSequence(samples, [3, 3, 2, 1]),
  recorded: () => recorded,
  padded: () => padPackedSequence(unsorted),
  "padded to a length": () =>
    padPackedSequence(unsorted, { ...batchFirst, paddingValue: -1, totalLength: 5 }),
  "padded, recorded": () => padPackedSequence(recorded)[0],
  "another dtype": () => unsorted.to("float64"),
  pack: () => packSequence(steps, { enforceSorted: false }),
  unpack: () => unpackSequence(packSequence(steps, { enforceSorted: false })),
  pad: () => padSequence(steps, { batchFirst: true, paddingValue: -1 }),
  "pad left": () => padSequence(steps, { paddingSide: "left" }),
  unpad: () => unpadSequence(samples, tensor([2, 1, 4]), batchFirst),
  "too long": () => padPackedSequence(unsorted, { totalLength: 3 }),
  "not sorted": () => packPaddedSequence(rows, [1, 2, 1], batchFirst),
  "not positive": () => packPaddedSequence(rows, [2, 1, 0], batchFirst),
  "not as many": () => packPaddedSequence(rows, [2, 1], batchFirst),
  nothing: () => packPaddedSequence(zeros(0, 3), [2, 1, 1]),
  "no side": () => padSequence(steps, { paddingSide: "up" as "left" }),
  "no sequences": () => padSequence([]),
  "wrong state": () => new nn.GRU(2, 3)(packPaddedSequence(samples, [3, 3, 2, 1]), zeros(1, 3, 3)),
  "wrong input": () => new nn.RNN(5, 3)(unsorted),
  "wrong rank": () => new nn.RNN(5, 3)(packSequence([ones(3)])),
};

function shown(make: () => unknown): string | string[] {
  try {
    const made = make();
    return Array.isArray(made) ? made.map(String) : String(made);
  } catch (error) {
    const { torchType, message } = error as { torchType?: string; message: string };
    return `${torchType}: ${message.split("\n")[0]}`;
  }
}

describe("packing and padding", () => {
  it("has a case for every text", () => {
    expect(Object.keys(texts)).toEqual(Object.keys(golden.texts));
  });

  it.each(Object.entries(texts))("%s", (name, make) => {
    expect(shown(make)).toEqual(golden.texts[name]);
  });
});

/** Σ part · f(1, 2, 3, …). */
function weighed(part: Tensor, f: "cos" | "sin"): Tensor {
  const places = arange(1, part.numel() + 1, 1, float64);
  const weights = f === "cos" ? places.cos() : places.sin();
  return part.mul(weights.view(...part.shape)).sum();
}

describe("recurrent layers over packed sequences", () => {
  it.each(golden.layers)("$kind $options, lengths $lengths", (layer) => {
    const { kind, options, lengths, hasState } = layer;
    manualSeed(11);
    const { num_layers, batch_first, proj_size, ...rest } = options;
    const given = {
      ...rest,
      numLayers: num_layers ?? 1,
      batchFirst: batch_first ?? false,
      ...(proj_size === undefined ? {} : { projSize: proj_size }),
    };
    const Layer: new (inputSize: number, hiddenSize: number, options: object) => nn.RNN | nn.LSTM | nn.GRU =
      nn[kind];
    const model = new Layer(2, 3, given).double();
    const x = randn(Math.max(...lengths), lengths.length, 2, { ...float64, requiresGrad: true });
    const packed = packPaddedSequence(x, lengths, { enforceSorted: false });
    const count = model.numLayers * (model.bidirectional ? 2 : 1);
    const widths = kind === "LSTM" ? [proj_size ?? 3, 3] : [3];
    const states = widths.map((width) =>
      randn(count, lengths.length, width, { ...float64, requiresGrad: true }),
    );
    const initial = hasState ? states : null;
    const [output, last] =
      model instanceof nn.LSTM
        ? model(packed, initial as [Tensor, Tensor] | null)
        : model(packed, initial?.[0] ?? null);
    const state: Tensor[] = Array.isArray(last) ? last : [last];
    let loss = weighed(output.data, "cos");
    for (const part of state) loss = loss.add(weighed(part, "cos"));
    loss.backward();

    const close = (found: readonly number[], wanted: readonly number[]): void => {
      expect(found.length).toBe(wanted.length);
      found.forEach((value, place) => expect(value).toBeCloseTo(wanted[place]!, 10));
    };
    close(output.data.flatten().tolist() as number[], layer.output);
    state.forEach((part, place) => close(part.flatten().tolist() as number[], layer.state[place]!));
    const leaves = [x, ...(hasState ? states : []), ...model.parameters()];
    close(
      leaves.map((leaf) => weighed(leaf.grad!, "sin").item()),
      layer.gradients,
    );
  });

  it("give what they give of each sample by itself", () => {
    const model = new nn.GRU(2, 3, { bidirectional: true });
    const sequences = [randn(2, 2), randn(4, 2), randn(1, 2)];
    const [packed, last] = model(packSequence(sequences, { enforceSorted: false }));
    const outputs = unpackSequence(packed);
    sequences.forEach((sequence, sample) => {
      const [alone, state] = model(sequence);
      expect(outputs[sample]!.allclose(alone)).toBe(true);
      expect(last.select(1, sample).allclose(state)).toBe(true);
    });
  });
});
