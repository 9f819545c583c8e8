/** `watch` through the published name: logs at a path, resumed and followed, in memory that does not grow. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manualSeed, nn, ones, optim, randn, renderWatchText, watch, WatchHistory } from "parascope";
import type { WatchOptions } from "parascope";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parascope-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function train(steps: number, options: WatchOptions, isClosed: boolean = true): void {
  manualSeed(0);
  const model = new nn.Linear(3, 2);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
  const run = watch(model, optimizer, { every: 1, ...options });
  for (let step = 0; step < steps; step++) {
    optimizer.zeroGrad();
    const loss = model(ones(4, 3)).pow(2).sum();
    loss.backward();
    optimizer.step();
    run.record({ loss });
  }
  if (isClosed) run.close();
}

function historyOf(path: string): WatchHistory {
  const history = new WatchHistory("run");
  for (const line of readFileSync(path, "utf8").trimEnd().split("\n")) history.addLine(line);
  return history;
}

describe("a log at a path", () => {
  it("is there, whole, when the run is closed", () => {
    const path = join(folder, "run.jsonl");
    train(5, { log: pathToFileURL(path) });
    const report = historyOf(path).report();
    expect(report).toMatchObject({ state: "ended", step: 5, records: 5, model: "Linear", optimizer: "SGD" });
    expect(renderWatchText(report)[0]).toMatch(/^run: Linear, SGD; ended at step 5; 5 records in /);
  });

  it("is begun anew, unless it is resumed: after its last whole line, or the step of a checkpoint", () => {
    const path = join(folder, "resumed.jsonl");
    train(9, { log: path });
    train(4, { log: path });
    appendFileSync(path, '{"step":5,"ti');
    train(3, { log: path, resume: true });
    expect(historyOf(path).report()).toMatchObject({ state: "ended", step: 7, notices: [] });
    expect(
      historyOf(path)
        .report()
        .curves[0]!.points.map(({ step }) => step),
    ).toEqual([1, 2, 3, 4, 5, 6, 7]);
    train(1, { log: path, resume: true, step: 2 });
    expect(
      historyOf(path)
        .report()
        .curves[0]!.points.map(({ step }) => step),
    ).toEqual([1, 2, 3]);
  });

  it("is begun where there is none to resume", () => {
    const path = join(folder, "fresh.jsonl");
    train(2, { log: path, resume: true });
    expect(historyOf(path).report().step).toBe(2);
    writeFileSync(path, "");
    train(3, { log: path, resume: true });
    expect(historyOf(path).report().step).toBe(3);
  });

  it("is left alone where it is something else, or the options are wrong", () => {
    const path = join(folder, "other.txt");
    writeFileSync(path, "my notes\n");
    expect(() => train(1, { log: path, resume: true })).toThrow(
      /resuming ".*other\.txt": found no header of a log/,
    );
    expect(() => train(1, { log: path, every: 0 })).toThrow(/found every 0/);
    expect(readFileSync(path, "utf8")).toBe("my notes\n");
    expect(() => train(1, { log: join(folder, "none", "run.jsonl") })).toThrow(/there is no such file/);
  });
});

describe("memory", () => {
  it("does not grow with the steps, of the run nor of what follows it", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 2));
    const optimizer = new optim.Adam(model.parameters());
    const history = new WatchHistory("");
    let bytes = 0;
    const run = watch(model, optimizer, {
      every: 1,
      log: (line) => {
        bytes += line.length;
        history.addLine(line);
      },
    });
    const x = randn(4, 8);
    const used = (steps: number): number => {
      for (let step = 0; step < steps; step++) {
        optimizer.zeroGrad();
        const loss = model(x).pow(2).mean();
        loss.backward();
        optimizer.step();
        run.record({ loss });
      }
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    // By then curves are as long as they become. What the engine compiles meanwhile is noise, of which the least counts.
    let before = used(1500);
    const wroteBefore = bytes;
    const growths: number[] = [];
    for (let round = 0; round < 5; round++) {
      const after = used(1000);
      growths.push(after - before);
      before = after;
    }
    run.close();
    expect(bytes - wroteBefore).toBeGreaterThan(1e6);
    // 50 bytes a step would be seen.
    expect(Math.min(...growths)).toBeLessThan(5e4);
  });
});
