/**
 * A network that trains here and one that trains in PyTorch leave the same log: the figures of
 * `examples/python/parascope_watch.py` are those of `watch`.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { manualSeed, nn, optim, randint, watch } from "parascope";
import type { Tensor } from "parascope";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const python = here("../../.oracle/bin/python");
const hasOracle = existsSync(python);
if (!hasOracle) console.warn("skipped: no Python in .oracle, so PyTorch did not write its log of watch anew");

class Net extends nn.Module {
  table: nn.Embedding = new nn.Embedding(6, 8);
  body: nn.Sequential<[nn.Linear, nn.ReLU]> = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU());
  head: nn.Linear = new nn.Linear(16, 3);
  idle: nn.Linear = new nn.Linear(2, 2);

  override forward(x: Tensor): Tensor {
    return this.head(this.body(this.table(x)));
  }
}

/** The steps of `watch.py`. */
function ownLog(): unknown[] {
  const lines: string[] = [];
  manualSeed(0);
  const model = new Net();
  model.body[0].bias!.requiresGrad_(false);
  const groups = [
    { params: model.table.parameters() },
    { params: model.head.parameters(), lr: 0.02 },
    { params: [model.body[0].weight] },
  ];
  const optimizer = new optim.AdamW(groups, { lr: 0.01 });
  const scheduler = new optim.lrScheduler.StepLR(optimizer, 10);
  const run = watch(model, optimizer, { every: 5, histograms: 2, log: (line) => void lines.push(line) });
  for (let step = 0; step < 30; step++) {
    const x = randint(0, 4, [16]);
    optimizer.zeroGrad();
    const output = model(x);
    const loss = nn.functional.crossEntropy(output, x.remainder(3));
    loss.backward();
    optimizer.step();
    scheduler.step();
    run.record({ loss, accuracy: output.argmax(1).eq(x.remainder(3)).float().mean() });
  }
  run.close();
  return lines.map((line) => JSON.parse(line) as unknown);
}

function logAt(path: string): unknown[] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/** Fields that say when, or what the file for PyTorch does not look for; and those that may be left out. */
const passing: ReadonlySet<string> = new Set(["started", "time", "ends", "off"]);
const optional: ReadonlySet<string> = new Set(["nan", "inf", "zeros", "silent", "missing", "values"]);

/** Whether there is nothing in a field but zeros, so that it may be left out. */
function isVoid(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === 0 || value === null;
  return Object.values(value).every(isVoid);
}

/** Where two logs differ by more than rounding, as paths. */
function differences(found: unknown, wanted: unknown, path: string): string[] {
  if (typeof found === "number" && typeof wanted === "number") {
    // A mean is a sum that cancels out: below 1e-7 it is rounding alone.
    const isClose = Math.abs(found - wanted) <= 1e-4 * Math.abs(wanted) + 1e-7;
    return isClose ? [] : [`${path}: ${found}, not ${wanted}`];
  }
  if (typeof found !== "object" || typeof wanted !== "object" || found === null || wanted === null) {
    return found === wanted ? [] : [`${path}: ${String(found)}, not ${String(wanted)}`];
  }
  const [one, other] = [found as Record<string, unknown>, wanted as Record<string, unknown>];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((name) => {
    if (passing.has(name)) return [];
    if (optional.has(name) && isVoid(one[name] ?? 0) && isVoid(other[name] ?? 0)) return [];
    return differences(one[name], other[name], `${path}.${name}`);
  });
}

/** The same without histograms: an element on the border of two bins may be counted in either. */
function withoutHistograms(log: readonly unknown[]): unknown[] {
  return log.map((line) => ({ ...(line as object), histograms: undefined }));
}

describe("a log of PyTorch", () => {
  const recorded = logAt(here("watch.jsonl"));
  const own = ownLog();

  it("has what a log of ours has for the same training", () => {
    expect(recorded).toHaveLength(8);
    expect(differences(withoutHistograms(own), withoutHistograms(recorded), "log")).toEqual([]);
  });

  it("has the histograms of the first record, where the weights are the same to the bit", () => {
    const histograms = (log: readonly unknown[]): unknown =>
      (log[1] as { histograms: { weight: unknown[] } }).histograms.weight[7];
    expect(histograms(own)).toEqual(histograms(recorded));
    const counted = own.map((line) => (line as { histograms?: unknown }).histograms !== undefined);
    expect(counted).toEqual([false, true, false, true, false, true, false, false]);
  });

  it.skipIf(!hasOracle)("is what PyTorch writes today", () => {
    const folder = mkdtempSync(join(tmpdir(), "parascope-watch-"));
    try {
      const target = join(folder, "watch.jsonl");
      execFileSync(python, ["-W", "error", here("watch.py"), target]);
      expect(differences(logAt(target), recorded, "log")).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
