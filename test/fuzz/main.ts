/**
 * Fuzzing: opens, reads, scans and writes files that were changed at random, and looks for errors that are not ours,
 * for inputs that take longer than two seconds, and for memory beyond bounds.
 *
 *     node scripts/run.js test/fuzz/main.ts [--seconds 60] [--seed 1] [--only PATH] [--index N]
 *
 * The same seed and index give the same input: `--index` tries one alone. A process of its own does the work, so that a
 * hang is seen too.
 */

import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Folder } from "../../src/bytes/folder.ts";
import { folderOf } from "../../src/bytes/folder.ts";
import { MemorySource } from "../../src/bytes/memory-source.ts";
import { Chance } from "./chance.ts";
import { mutate } from "./mutations.ts";
import { attempt } from "./target.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixtures = join(root, "test/fixtures");

/** Bounds on one input: time of the processor, as promised, and memory that no file of some kilobytes may take. */
const mostMilliseconds = 2000;
const mostBytes = 1.5 * 2 ** 30;

/**
 * Larger fixtures would slow the others down; so would one of 10 000 tensors: each thing that is done with it takes less than
 * half a second, but all that is tried with one input (scan, list, load, four times save) up to three.
 */
const mostFixtureBytes = 200_000;
const leftOut = /\.(?:py|ts)$|-?versions\.json$|ten-thousand/;

/** Silence after which a process hangs. */
const silence = 20_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    index: { type: "string" },
    worker: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);

interface Fixture {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function loadFixtures(): Fixture[] {
  return readdirSync(fixtures, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => !leftOut.test(name) && name.includes(values.only))
    .sort()
    .filter(
      (name) =>
        statSync(join(fixtures, name)).isFile() && statSync(join(fixtures, name)).size <= mostFixtureBytes,
    )
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(fixtures, name))) }));
}

/** The files beside a fixture of several, with the changed one in its place; undefined for a fixture of one file. */
function folderWith({ name, bytes }: Fixture, all: readonly Fixture[]): Folder | undefined {
  const prefix = /^folders\/[^/]+\//.exec(name)?.[0];
  if (prefix === undefined) return undefined;
  const files = all.filter((fixture) => fixture.name.startsWith(prefix));
  return folderOf(
    files.map((file) => [
      file.name.slice(prefix.length),
      new MemorySource(file.name === name ? bytes : file.bytes),
    ]),
  );
}

async function inputOf(all: readonly Fixture[], index: number): Promise<Fixture> {
  const chance = new Chance(seed, index);
  const { name, bytes } = chance.of(all);
  return { name, bytes: await mutate(bytes, chance.of(all).bytes, chance) };
}

/** Says of an input what is wrong with it, and keeps it. */
function complain(index: number, { name, bytes }: Fixture, what: string): void {
  const path = join(tmpdir(), `parascope-fuzz-${seed}-${index}`);
  writeFileSync(path, bytes);
  console.log(`FINDING seed ${seed} index ${index} (${name}, kept as ${path}): ${what}`);
}

/** Tries inputs until the time is over; prints each finding, and from time to time how far it is. */
async function work(): Promise<void> {
  const all = loadFixtures();
  const counts = { opened: 0, refused: 0 };
  let index = values.index === undefined ? 0 : Number(values.index);
  let input: Fixture = { name: "", bytes: new Uint8Array(0) };
  let findings = 0;
  let slowest = { index: 0, took: 0 };
  let peak = 0;
  const find = (what: string): void => {
    findings++;
    complain(index, input, what);
  };
  process.on("unhandledRejection", (error) =>
    find(`unhandled ${error instanceof Error ? error.stack : String(error)}`),
  );
  const end = performance.now() + 1000 * Number(values.seconds);
  let said = 0;
  for (; performance.now() < end; index++) {
    input = await inputOf(all, index);
    const now = performance.now();
    if (now - said > 1000) {
      process.stdout.write(`at ${index}\n`);
      said = now;
    }
    const started = process.cpuUsage();
    try {
      counts[await attempt(input.bytes, input.name, folderWith(input, all))]++;
    } catch (error) {
      find(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    // Other programs may take turns meanwhile, which is no fault of the input.
    const { user, system } = process.cpuUsage(started);
    const took = (user + system) / 1000;
    const { rss } = process.memoryUsage();
    if (took > slowest.took) slowest = { index, took };
    if (took > mostMilliseconds) find(`took ${Math.round(took)} ms`);
    if (rss > mostBytes && rss > peak) find(`took ${Math.round(rss / 2 ** 20)} MiB of memory`);
    peak = Math.max(peak, rss);
    if (values.index !== undefined) break;
  }
  const inputs = counts.opened + counts.refused;
  console.log(
    `seed ${seed}: ${inputs} inputs of ${all.length} fixtures, ${counts.opened} opened, ${counts.refused} refused, ` +
      `${findings} findings; slowest ${Math.round(slowest.took)} ms (index ${slowest.index}), at most ${Math.round(peak / 2 ** 20)} MiB`,
  );
  process.exitCode = findings === 0 ? 0 : 1;
}

/** Runs the work in a process of its own and ends it when it falls silent. */
async function watch(): Promise<void> {
  const args = [
    join(root, "scripts/run.js"),
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
    "--worker",
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let last = "";
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      console.log(`FINDING seed ${seed}: nothing for ${silence / 1000} s after ${last}`);
      child.kill("SIGKILL");
    }, silence);
  };
  wait();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    wait();
    for (const line of text.split("\n")) {
      if (line.startsWith("at ")) last = `index ${line.slice(3)}`;
      else if (line !== "") console.log(line);
    }
  });
  const status = await new Promise<number>((resolve) => {
    child.on("close", (code) => resolve(code ?? 1));
  });
  clearTimeout(timer);
  process.exitCode = status;
}

await (values.worker ? work() : watch());
