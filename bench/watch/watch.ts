/**
 * What `watch` adds to a training step when it records every one of them to a file: the digits networks, as they are and
 * watched, taking turns of 10 steps within one process. Prints the smallest and the median time of a step for both.
 *
 *     node scripts/run.js bench/watch/watch.ts [TURNS]
 */

import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, nn, optim, randint, randn } from "parascope";
import type { Tensor } from "parascope";
// The core with a sink of its own: what is measured is recording, formatting, and the write to a file.
import { watch } from "../../src/state/watch.ts";

const turns = Number(process.argv[2] ?? 300);
const stepsOfTurn = 10;
const batchSize = 64;
const path = join(tmpdir(), `parascope-bench-${process.pid}.jsonl`);

/** The networks of the digits examples: 9 610 and 6 090 parameters. */
const networks: Readonly<Record<string, () => nn.Module>> = {
  MLP: () =>
    new nn.Sequential(new nn.Flatten(), new nn.Linear(64, 128), new nn.ReLU(), new nn.Linear(128, 10)),
  CNN: () =>
    new nn.Sequential(
      new nn.Conv2d(1, 16, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(16, 32, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(128, 10),
    ),
};

const optimizers: Readonly<Record<string, (model: nn.Module) => optim.Optimizer>> = {
  AdamW: (model) => new optim.AdamW(model.parameters(), { lr: 0.001 }),
  "SGD, momentum": (model) => new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }),
  SGD: (model) => new optim.SGD(model.parameters(), { lr: 0.01 }),
};

interface Trainer {
  readonly step: () => Tensor;
  readonly model: nn.Module;
  readonly optimizer: optim.Optimizer;
}

function trainer(make: () => nn.Module, optimizerOf: (model: nn.Module) => optim.Optimizer): Trainer {
  manualSeed(0);
  const model = make();
  const optimizer = optimizerOf(model);
  const x = randn(batchSize, 1, 8, 8);
  const y = randint(0, 10, [batchSize]);
  const lossOf = new nn.CrossEntropyLoss();
  const step = (): Tensor => {
    optimizer.zeroGrad();
    const loss = lossOf(model(x) as Tensor, y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { step, model, optimizer };
}

/** Microseconds of a step, in one turn. */
function timeOf(step: () => unknown): number {
  const began = performance.now();
  for (let k = 0; k < stepsOfTurn; k++) step();
  return ((performance.now() - began) * 1000) / stepsOfTurn;
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** The smallest and the median. */
function cell(values: readonly number[]): string {
  const ordered = sorted(values);
  return `${ordered[0]!.toFixed(0)} / ${ordered[ordered.length >> 1]!.toFixed(0)}`;
}

const file = openSync(path, "w");
console.log("| network | optimizer | a step, µs | watched, µs | more |\n|---|---|---|---|---|");
for (const [network, make] of Object.entries(networks)) {
  for (const [name, optimizerOf] of Object.entries(optimizers)) {
    const plain = trainer(make, optimizerOf);
    const watched = trainer(make, optimizerOf);
    const log = (line: string): void => void writeSync(file, `${line}\n`);
    const run = watch(watched.model, watched.optimizer, { every: 1, log });
    const watchedStep = (): void => run.record({ loss: watched.step() });
    const own: number[] = [];
    const other: number[] = [];
    for (let turn = -30; turn < turns; turn++) {
      const times = [timeOf(plain.step), timeOf(watchedStep)] as const;
      if (turn < 0) continue;
      own.push(times[0]);
      other.push(times[1]);
    }
    run.close();
    const [least, leastWatched] = [sorted(own)[0]!, sorted(other)[0]!];
    const ratios = sorted(other.map((time, turn) => time / own[turn]!));
    const more = (ratio: number): string => `${(100 * (ratio - 1)).toFixed(1)} %`;
    console.log(
      `| ${network} | ${name} | ${cell(own)} | ${cell(other)} | ${more(leastWatched / least)} / ${more(ratios[turns >> 1]!)} |`,
    );
  }
}
closeSync(file);
rmSync(path);
