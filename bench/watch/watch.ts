/**
 * What `watch` adds to a training step when it records every one of them to a file: the networks of the digits examples,
 * trained as they are there, plain and watched, taking turns of one epoch within one process. Prints the smallest and the
 * median processor time of a step over the turns, and by how much they differ.
 *
 *     node scripts/run.js bench/watch/watch.ts [TURNS]
 */

import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { data, manualSeed, nn, optim, watch } from "parascope";
import { DigitsCNN, DigitsMLP, loadDigits } from "../../examples/networks/digits.ts";

const turns = Number(process.argv[2] ?? 40);
/** Turns that are not counted: what is called once a step is compiled late. */
const warmUp = 80;
const path = join(tmpdir(), `parascope-bench-${process.pid}.jsonl`);
const digits = await loadDigits();
const lossOf = new nn.CrossEntropyLoss();

interface Setup {
  readonly title: string;
  readonly make: () => nn.Module;
  readonly optimizerOf: (model: nn.Module) => optim.Optimizer;
}

const setups: readonly Setup[] = [
  {
    title: "DigitsMLP, AdamW",
    make: () => new DigitsMLP(),
    optimizerOf: (model) => new optim.AdamW(model.parameters(), { lr: 0.01 }),
  },
  {
    title: "DigitsCNN, SGD with momentum",
    make: () => new DigitsCNN(),
    optimizerOf: (model) => new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }),
  },
];

/** Trains an epoch, and gives the microseconds of a step: of the processor, as other programs may be running. */
type Epoch = () => number;

function trainer({ make, optimizerOf }: Setup, isWatched: boolean): Epoch {
  manualSeed(0);
  const model = make();
  const optimizer = optimizerOf(model);
  const batches = new data.DataLoader(digits, { batchSize: 64, shuffle: true });
  const run = isWatched ? watch(model, optimizer, { every: 1, log: path, live: false }) : null;
  return () => {
    const losses: number[] = [];
    const began = process.cpuUsage();
    for (const [images, labels] of batches) {
      optimizer.zeroGrad();
      const loss = lossOf(model(images), labels);
      loss.backward();
      optimizer.step();
      losses.push(Number(loss.item()));
      run?.record({ loss });
    }
    const { user, system } = process.cpuUsage(began);
    return (user + system) / losses.length;
  };
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** The smallest and the median. */
function cell(values: readonly number[]): string {
  const ordered = sorted(values);
  return `${ordered[0]!.toFixed(0)} / ${ordered[ordered.length >> 1]!.toFixed(0)}`;
}

console.log("| network | a step, µs | watched, µs | more |\n|---|---|---|---|");
for (const setup of setups) {
  const epochs = { plain: trainer(setup, false), watched: trainer(setup, true) };
  const plain: number[] = [];
  const watched: number[] = [];
  for (let turn = -warmUp; turn < turns; turn++) {
    const times = { plain: epochs.plain(), watched: epochs.watched() };
    if (turn < 0) continue;
    plain.push(times.plain);
    watched.push(times.watched);
  }
  const ratio = sorted(watched)[0]! / sorted(plain)[0]!;
  const ratios = sorted(watched.map((time, turn) => time / plain[turn]!));
  const more = (part: number): string => `${(100 * (part - 1)).toFixed(1)} %`;
  console.log(
    `| ${setup.title} | ${cell(plain)} | ${cell(watched)} | ${more(ratio)} / ${more(ratios[turns >> 1]!)} |`,
  );
}
rmSync(path);
