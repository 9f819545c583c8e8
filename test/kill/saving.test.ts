/**
 * A process that saves again and again is killed at 200 moments: the file is a whole one each time, the one before or
 * the one after, and what the killed process left behind is no checkpoint by its name.
 */

import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DictValue } from "../../src/catalog/value.ts";
import { keyOf } from "../../src/catalog/value.ts";
import { open } from "../../src/node/open.ts";

const kills = 200;
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

/** Whether a file is whole: every element is of the generation that the file says it is. */
async function check(target: string): Promise<void> {
  const catalog = await open(target);
  const generation = (catalog.root as DictValue).items.get(keyOf("generation"))?.value;
  const bytes = await catalog.read(catalog.entries[0]!);
  const values = new Float32Array(bytes.slice().buffer);
  expect(values.every((value) => value === generation)).toBe(true);
  await catalog.close();
}

it(`leaves a whole file after each of ${kills} kills`, async () => {
  let unfinished = 0;
  const lane = async (first: number): Promise<void> => {
    for (let round = first; round < kills; round += atOnce) {
      const home = await mkdtemp(join(folder, "round-"));
      const target = join(home, "model.pt");
      expect(await killed(target, round)).toBe("SIGKILL");
      await check(target);
      const left = (await readdir(home)).filter((name) => name !== "model.pt");
      unfinished += left.length;
      for (const name of left) expect(name).toMatch(/^\.model\.pt\.[0-9a-f]{12}\.unfinished$/);
      await rm(home, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => lane(first)));
  // If no kill had come in the middle of a file, nothing would have been tested.
  expect(unfinished).toBeGreaterThan(kills / 4);
}, 300_000);
