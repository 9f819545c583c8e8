/** What the arguments of layers are called, and what is said of those that do not fit; `constructor-arguments.py` records it. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as nn from "../../src/nn/index.ts";

/** How many ones stand by position, and the names of the others. */
type Case = readonly [args: number, options: readonly string[], message: string];

const { layers } = JSON.parse(
  readFileSync(new URL("constructor-arguments.json", import.meta.url), "utf8"),
) as {
  readonly layers: Readonly<
    Record<string, { readonly names: readonly string[]; readonly refused: readonly Case[] }>
  >;
};

type Maker = new (...args: readonly unknown[]) => unknown;
const makers = nn as unknown as Readonly<Record<string, Maker | undefined>>;

/** Classes that have no counterpart here. */
const leftOut: ReadonlySet<string> = new Set(["CrossMapLRN2d", "DataParallel", "RNNBase", "RNNCellBase"]);

/** Arguments of PyTorch that are private there or mean nothing here: more of others are "too many". */
const notTaken: ReadonlyMap<string, readonly string[]> = new Map([
  ["Embedding", ["_weight", "_freeze"]],
  ["EmbeddingBag", ["_weight"]],
  ["FractionalMaxPool2d", ["_random_samples"]],
  ["FractionalMaxPool3d", ["_random_samples"]],
  // Its `nonlinearity` is taken out before PyTorch counts.
  ["RNN", []],
  ["Hardtanh", ["min_value", "max_value"]],
  ["SyncBatchNorm", ["process_group"]],
]);

const camelCase = (name: string): string =>
  name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const ones = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [camelCase(name), 1]));

function refusal(Class: Maker, args: readonly unknown[]): string {
  try {
    return `no error: ${String(new Class(...args))}`;
  } catch (error) {
    return error instanceof Error ? `${(error as { torchType?: string }).torchType}: ${error.message}` : "";
  }
}

describe("arguments that do not fit", () => {
  const named = Object.entries(layers).filter(([name]) => !leftOut.has(name));

  it("are those of nearly all layers", () => expect(named.length).toBeGreaterThan(110));

  it.each(named)("of %s are refused as PyTorch refuses them", (name, { refused: cases }) => {
    const Class = makers[name]!;
    const left = notTaken.get(name);
    const asked = cases.filter(([, options, message]) =>
      left === undefined
        ? true
        : !message.includes("takes from") && !options.some((option) => left.includes(option)),
    );
    const found = asked.map(([args, options]) =>
      refusal(Class, [
        ...Array.from({ length: args }, () => 1),
        ...(options.length > 0 ? [ones(options)] : []),
      ]),
    );
    expect(found).toEqual(asked.map(([, , message]) => `TypeError: ${message}`));
  });

  it.each(named)("are not those that %s has in PyTorch", (name, { names }) => {
    const known = names.filter((argument) => notTaken.get(name)?.includes(argument) !== true);
    // The first name that is not known is refused.
    const message = refusal(makers[name]!, [{ ...ones(known), foo: 1 }]);
    expect(message).toMatch(/^TypeError: \w+\.__init__\(\) got an unexpected keyword argument 'foo'$/);
  });

  it("name the TypeScript spelling of a name that PyTorch spells otherwise", () => {
    const make = (): unknown => new makers["Conv2d"]!(1, 2, { kernel_size: 3 });
    expect(make).toThrow(
      expect.objectContaining({
        message: "Conv2d.__init__() got an unexpected keyword argument 'kernel_size'",
        hint: "Here it is called kernelSize.",
      }),
    );
  });
});

describe("required arguments by name", () => {
  const equal: readonly (readonly [
    name: string,
    positional: readonly unknown[],
    named: readonly unknown[],
  ])[] = [
    ["Linear", [3, 4], [{ inFeatures: 3, outFeatures: 4 }]],
    ["Linear", [3, 4, { bias: false }], [3, { bias: false, outFeatures: 4 }]],
    ["Conv2d", [3, 16, 3], [3, 16, { kernelSize: 3 }]],
    [
      "Conv2d",
      [3, 16, [3, 5], { stride: 2 }],
      [{ kernelSize: [3, 5], stride: 2, outChannels: 16, inChannels: 3 }],
    ],
    ["LSTM", [10, 20, { numLayers: 2 }], [{ inputSize: 10, hiddenSize: 20, numLayers: 2 }]],
    ["MaxPool2d", [2, { stride: 1 }], [{ kernelSize: 2, stride: 1 }]],
    ["ConstantPad2d", [2, 3.5], [2, { value: 3.5 }]],
    ["BatchNorm2d", [7], [{ numFeatures: 7 }]],
    ["MultiheadAttention", [8, 2], [8, { numHeads: 2 }]],
    // In plain JavaScript also what the types ask to be named, as PyTorch has it.
    ["Linear", [3, 4, { bias: false }], [3, 4, false]],
    ["Conv2d", [3, 16, 3, { stride: 2, padding: 1 }], [3, 16, 3, 2, 1]],
    ["ReLU", [{ inplace: true }], [true]],
    ["Linear", [3, 4], [undefined, 4, { inFeatures: 3, bias: undefined }]],
  ];

  it.each(equal)("make the same %s", (name, positional, named) => {
    const Class = makers[name]!;
    const texts = [positional, named].map((args) => String(new Class(...args)));
    expect(texts[1]).toBe(texts[0]);
  });
});
