/**
 * A process that saves again and again is killed at hundreds of moments: the file is a whole one each time, the one before or
 * the one after, and what the killed process left behind is no checkpoint by its name. A checkpoint of several files,
 * whose names cannot change in one step, is whole wherever its index is there.
 */

import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { DictValue } from "../../src/catalog/value.ts";
import { keyOf } from "../../src/catalog/value.ts";
import { open } from "../../src/node/open.ts";

const shardKills = 100;
const atOnce = 4;
/** Longest time between a child's first complete file and its end; one save takes some ten. */
const longestMilliseconds = 60;

let folder = "";
let child = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parascope-kill-"));
  child = join(folder, "saving.mjs");
  const input = fileURLToPath(new URL("saving.main.ts", import.meta.url));
  const { output } = await build({
    input,
    platform: "node",
    write: false,
    logLevel: "silent",
    output: { format: "esm", codeSplitting: false },
  });
  await writeFile(child, output[0].code);
});

afterAll(() => rm(folder, { recursive: true }));

/** A number from 0 to 1 for each round: the fractional parts of multiples of the golden ratio fill the range evenly. */
function moment(round: number): number {
  return (round * 0.618_033_988_749_894_9) % 1;
}

/** Starts a child, and kills it some time after its first complete file. */
function killed(target: string, round: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, target], { stdio: ["ignore", "pipe", "inherit"] });
    running.stdout.once("data", () => {
      setTimeout(() => running.kill("SIGKILL"), moment(round) * longestMilliseconds);
    });
    running.once("error", reject);
    running.once("exit", (_, signal) => resolve(signal));
  });
}

/** The generation that a checkpoint says it is. */
function generationOf(catalog: Catalog): number {
  const told =
    (catalog.root as DictValue).items.get(keyOf("generation"))?.value ?? catalog.metadata["generation"];
  return Number(told);
}

/** Whether a checkpoint is whole: every element is of the generation that it says it is. */
async function check(target: string): Promise<void> {
  const catalog = await open(target);
  const generation = generationOf(catalog);
  for (const entry of catalog.entries) {
    const bytes = await catalog.read(entry);
    const values = new Float32Array(bytes.slice().buffer);
    expect(values.every((value) => value === generation)).toBe(true);
  }
  expect(catalog.entries.length).toBeGreaterThan(0);
  await catalog.close();
}

/** Kills children at moments spread evenly; gives how many files they left unfinished. */
async function killAll(name: string, kills: number, look: (home: string) => Promise<void>): Promise<number> {
  let unfinished = 0;
  const lane = async (first: number): Promise<void> => {
    for (let round = first; round < kills; round += atOnce) {
      const home = await mkdtemp(join(folder, "round-"));
      expect(await killed(join(home, name), round)).toBe("SIGKILL");
      await look(home);
      const files = await readdir(home, { recursive: true });
      unfinished += files.filter((file) => file.endsWith(".unfinished")).length;
      await rm(home, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => lane(first)));
  return unfinished;
}

it.each([
  ["model.pt", 200],
  ["model.safetensors", 50],
])(
  "leaves a whole %s after each of %i kills",
  async (name, kills) => {
    const unfinished = await killAll(name, kills, async (home) => {
      await check(join(home, name));
      const left = (await readdir(home)).filter((file) => file !== name);
      for (const file of left) {
        expect(file).toMatch(/^\.model\.(?:pt|safetensors)\.[0-9a-f]{12}\.unfinished$/);
      }
      // The folder as a whole is the checkpoint too: what is unfinished is no second one.
      await check(home);
    });
    // If no kill had come in the middle of a file, nothing would have been tested.
    expect(unfinished).toBeGreaterThan(kills / 4);
  },
  300_000,
);

it(`leaves files of one checkpoint, and never of two, after each of ${shardKills} kills`, async () => {
  let whole = 0;
  const unfinished = await killAll("model", shardKills, async (home) => {
    const target = join(home, "model");
    const names = await readdir(target);
    const shards = names.filter((name) => name.endsWith(".safetensors"));
    const values = new Map<string, Set<number>>();
    for (const shard of shards) {
      const catalog = await open(join(target, shard));
      const bytes = await catalog.read(catalog.entries[0]!);
      await catalog.close();
      const set = /-of-(\d+)/.exec(shard)![1]!;
      values.set(set, (values.get(set) ?? new Set()).add(new Float32Array(bytes.slice().buffer)[0]!));
    }
    // Files of one set are of one generation, whether or not all of them are there.
    for (const found of values.values()) expect(found.size).toBe(1);
    if (!names.includes("model.safetensors.index.json")) return;
    whole += 1;
    await check(target);
  });
  expect(unfinished).toBeGreaterThan(shardKills / 4);
  expect(whole).toBeGreaterThan(shardKills / 2);
}, 300_000);
