/**
 * The examples in the doc comments of live networks' files run, and give what stands behind them.
 *
 * An example sees what the package exports, what its own file exports, and the few names below. Where a statement is
 * followed by a value (`x.sum(); // tensor(6)`), that is what it has to give; words are a remark.
 */

import { readFileSync, readdirSync } from "node:fs";
import { inspect } from "node:util";
import * as parascope from "parascope";
import {
  data,
  load,
  manualSeed,
  nn,
  optim,
  randn,
  saveBytes,
  type Tensor,
  tensor,
  watch,
  type WatchOptions,
  zeros,
} from "parascope";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { transformWithOxc } from "vite";
import { toSize } from "../../src/shape.ts";
import { readIndex } from "../../src/tensor/index-items.ts";
import { flat } from "../../src/tensor/random/destination.ts";

const source = new URL("../../src/", import.meta.url);
const folders = ["autograd", "data", "functional", "nn", "ops", "optim", "state", "tensor"];

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(new URL(file, source), "utf8");
  return Array.from(text.matchAll(/@example\n((?:(?!\*\/)[^])*)\*\//g), ({ index, 1: block }) => ({
    file,
    line: text.slice(0, index).split("\n").length,
    code: block!.replaceAll(/^\s*\* ?/gm, ""),
  }));
}

const files = folders.flatMap((folder) =>
  (readdirSync(new URL(`${folder}/`, source), { recursive: true }) as string[])
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort()
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
);

/** What an example may speak of without making it. */
async function surroundings(): Promise<Readonly<Record<string, unknown>>> {
  class Net extends nn.Module {
    linear1 = new nn.Linear(10, 5);
    linear2 = new nn.Linear(5, 2);
    override forward(x: Tensor): Tensor {
      return this.linear2(this.linear1(x));
    }
  }
  const net = new Net();
  const other = new Net();
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  const inputs = randn(4, 10);
  const labels = tensor([0, 1, 1, 0]);
  const checkpoint = new Map([["epoch", 3]]);
  const files: Readonly<Record<string, Uint8Array>> = {
    "model.pt": await saveBytes(net.stateDict()),
    "optimizer.pth": await saveBytes(optimizer.stateDict() as never),
    "checkpoint.pt": await saveBytes(checkpoint),
  };
  const loss = net(inputs).sum();
  loss.backward();
  return {
    net,
    model: net,
    other,
    student: net,
    optimizer,
    scheduler: new optim.lrScheduler.StepLR(optimizer, 10),
    inputs,
    labels,
    loader: new data.DataLoader(new data.TensorDataset(inputs, labels), { batchSize: 2 }),
    x: inputs,
    y: zeros(4, 2),
    loss: net(inputs).sum(),
    weight: net.linear1.weight,
    layer: new nn.Linear(3, 4),
    hidden: randn(4, 64),
    head: new nn.Linear(64, 3),
    image: randn(1, 1, 4, 4),
    train: () => optimizer.step(),
    // A run that leaves no file behind and draws nothing.
    watch: (model: nn.Module, by: optim.Optimizer, options: WatchOptions) =>
      watch(model, by, { ...options, log: () => undefined, live: false }),
    run: watch(other, new optim.SGD(other.parameters(), { lr: 0.1 }), { live: false }),
    load: (file: string | Uint8Array) => load(typeof file === "string" ? files[file]! : file),
    bytes: files["model.pt"],
    flat,
    readIndex,
    toSize,
  };
}

/** Whether the words behind a statement are the value it gives, and all of it. */
function isValue(text: string): boolean {
  return (
    !text.includes("…") &&
    /^(-?\d|[[{"'<]|true$|false$|null$|tensor\(|torch\.|Parameter |\w+Array )/.test(text)
  );
}

const spaceless = (text: string): string => text.replaceAll(/\s+/g, "");

/** The texts that stand for a value. */
function textsOf(value: unknown): string[] {
  const texts = [
    String(value),
    ArrayBuffer.isView(value) ? inspect([...(value as Float32Array)]) : "",
    inspect(value, { depth: 9 }),
    inspect(value, { depth: 9 }).replaceAll("'", '"'),
  ];
  const list = (value as { tolist?(): unknown } | null | undefined)?.tolist?.();
  if (list !== undefined) texts.push(inspect(list, { depth: 9 }));
  return texts.map(spaceless);
}

/** The statements, with those that are followed by a value checked. */
function withChecks(code: string): string {
  return code
    .replaceAll(/^import .*$/gm, "")
    .replaceAll(/^export /gm, "")
    .replaceAll(
      /^(?!const |let |class |for |if |return |throw |\s|\})(.+);\s*\/\/ (.+)$/gm,
      (line, statement: string, text: string) =>
        isValue(text) ? `check(${statement}, ${JSON.stringify(text)});` : line,
    );
}

async function run({ file, code }: Example): Promise<void> {
  const { nn, optim, data } = parascope;
  const own = (await import(new URL(file, source).href)) as Readonly<Record<string, unknown>>;
  const scope = {
    ...data,
    ...nn.functional,
    ...nn.init,
    ...nn.utils,
    ...optim.lrScheduler,
    ...optim,
    ...nn,
    ...parascope,
  };
  const known: Record<string, unknown> = { ...scope, ...own, ...(await surroundings()) };
  const names = Object.keys(known).filter((name) => name !== "var" && name !== "default");
  const check = (value: unknown, text: string): void =>
    expect(textsOf(value).includes(spaceless(text)) ? text : String(value)).toBe(text);
  const body = `async function example() {\n${withChecks(code)}\n}`;
  const { code: script } = await transformWithOxc(body, "example.ts");
  const run = new Function("check", ...names, `{ ${script}\nreturn example(); }`) as (
    ...args: unknown[]
  ) => Promise<void>;
  manualSeed(0);
  await run(check, ...names.map((name) => known[name]));
}

describe("examples in doc comments", () => {
  beforeEach(() => {
    manualSeed(0);
    vi.spyOn(console, "log").mockImplementation(() => undefined);
  });

  // What leaves parts out, or stands in a class, shows a form; `using` is no JavaScript yet on every Node.
  const isForm = (code: string): boolean =>
    /…|\bthis\.|\busing /.test(code.replaceAll(/\/\/.*$|\{$[^]*?^\}/gm, ""));
  const examples = files.flatMap(examplesOf).filter(({ code }) => !isForm(code));

  it("are many", () => {
    expect(examples.length).toBeGreaterThan(200);
  });

  it.each(examples.map((example) => [`${example.file}:${example.line}`, example] as const))(
    "%s",
    async (_, example) => {
      await expect(run(example)).resolves.toBeUndefined();
    },
  );
});
