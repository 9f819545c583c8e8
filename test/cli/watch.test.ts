/** `parascope watch` through the command line's own entry, in this process, and as a process that follows a log. */

import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { stylerOf } from "../../src/cli/terminal.ts";
import type { Outcome } from "./parascope.ts";
import { parascope } from "./parascope.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A log that PyTorch wrote; see `test/golden/watch.py`. */
const log = join(root, "test/golden/watch.jsonl");
const lines = readFileSync(log, "utf8").trimEnd().split("\n");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parascope-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const watch = (...args: readonly string[]): Promise<Outcome> => parascope(["watch", ...args]);

function schema(name: string): object {
  return JSON.parse(readFileSync(join(root, "docs", name), "utf8")) as object;
}

describe("watch", () => {
  it("shows the end of a run: curves, parameters, and why some have no gradient", async () => {
    const { status, out, err } = await watch(log);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(/watch\.jsonl: Net, AdamW; ended at step 30; 6 records in [\d.]+ s\n/);
    expect(out).toMatch(/^loss +[\d.]+ {2}[▁-█]+ {2}from [\d.]+, least [\d.]+ at step \d+$/m);
    expect(out).toMatch(/^lr 1 +[\d.e-]+ {2}/m);
    expect(out).toMatch(/^accuracy +1 /m);
    expect(out).toMatch(/^body\.0\.bias +\[16\] .*frozen$/m);
    expect(out).toMatch(/\[2, 2\]/);
    expect(out).toMatch(/^idle\.weight .*not reached$/m);
  });

  it("shows it as it was at a step, some parameters, and in another order", async () => {
    const { out } = await watch(log, "--step", "17", "--match", "**.weight", "--sort", "norm", "--reverse");
    expect(out).toContain("; step 15; 3 records in ");
    const names = [...out.matchAll(/^\S+\.weight/gm)].map(([name]) => name);
    expect(names.toSorted()).toEqual(["body.0.weight", "head.weight", "idle.weight", "table.weight"]);
    expect(names[0]).toBe("idle.weight");
    const { out: turned } = await watch(log, "--step", "17", "--match", "**.weight", "--sort", "norm");
    expect([...turned.matchAll(/^\S+\.weight/gm)].map(([name]) => name).at(-1)).toBe("idle.weight");
  });

  it("prints JSON as its schema says", async () => {
    const validate = new Ajv({ strict: true }).compile(schema("watch.schema.json"));
    for (const path of [log, fileOf("begun.jsonl", `${lines[0]}\n`), fileOf("nan.jsonl", withNan())]) {
      const { out } = await watch(path, "--json");
      validate(JSON.parse(out));
      expect(validate.errors).toBeNull();
    }
  });

  it("ends with status 1 where something stands out", async () => {
    const { status, out } = await watch(fileOf("nan.jsonl", withNan()));
    expect(status).toBe(1);
    expect(out).toContain('finding: Step 10: NaN first seen at the gradient of "head.weight"');
  });

  it("says what is not whole, and what matches nothing", async () => {
    const cut = fileOf("cut.jsonl", lines.slice(0, 3).join("\n").slice(0, -20));
    const { status, out, err } = await watch(cut);
    expect(status).toBe(0);
    expect(out).toContain("step 5; 1 record in");
    expect(err).toMatch(/^parascope: the last line of ".*cut\.jsonl" is not whole and left out\.\n$/);
    expect((await watch(log, "--match", "x")).err).toMatch(/^parascope: nothing in ".*" matches\.\n$/);
  });

  // prettier-ignore
  it.each<[string, () => string[], RegExp]>([
    ["a file that is not there", () => [join(folder, "gone.jsonl")], /no such file/],
    ["a folder", () => [folder], /it is a directory/],
    ["an empty file", () => [fileOf("empty", "")], /found nothing in it, expected the header of a log of watch/],
    ["a checkpoint", () => [join(root, "examples/sample.pt")], /found no header of a log of watch, and no JSON/],
    ["one line that is not whole", () => [fileOf("start", '{"format":')], /found no whole line/],
    ["a log of a later version", () => [fileOf("v2", `${lines[0]!.replace('"version":1', '"version":2')}\n`)], /found version "2" of the log, expected 1/],
    ["a step before the first", () => [log, "--step", "3"], /has no record up to step 3\. Without --step the last one is shown/],
    ["a step that is none", () => [log, "--step", "x"], /whole number/],
    ["an unknown order", () => [log, "--sort", "size"], /Allowed choices are order, name, norm/],
    ["to follow as JSON", () => [log, "--json", "--follow"], /cannot be used with/],
    ["no log", () => [], /missing required argument/],
    ["a broken pattern", () => [log, "--match", "/(/"], /./],
  ])("refuses %s in one sentence", async (_, args, message) => {
    const { status, out, err } = await watch(...args());
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toMatch(/^parascope: [^\n]+\n$/);
    expect(err).toMatch(message);
  });

  it("keeps what names could do to a terminal from it", async () => {
    const evil = lines.map((line) => line.replaceAll("idle.bias", String.raw`idle\u001b[2J`));
    const { out } = await watch(fileOf("evil.jsonl", `${evil.join("\n")}\n`));
    expect(out).toContain(String.raw`idle\x1b[2J`);
    expect(out).not.toContain("\u001b");
  });
});

/** The log with a NaN in the gradient of the head, at step 10. */
function withNan(): string {
  const changed = lines.map((line, k) => {
    if (k !== 2) return line;
    const record = JSON.parse(line) as { gradient: { norm: unknown[]; nan: unknown[] } };
    record.gradient.norm[3] = "nan";
    record.gradient.nan[3] = 24;
    return JSON.stringify(record);
  });
  return `${changed.join("\n")}\n`;
}

describe("the schema of a log", () => {
  it("fits every line of one that PyTorch wrote, and refuses others", () => {
    const validate = new Ajv({ strict: true }).compile(schema("watch-log.schema.json"));
    for (const line of lines) {
      validate(JSON.parse(line));
      expect(validate.errors).toBeNull();
    }
    for (const other of [{}, { step: 1 }, { ...(JSON.parse(lines[1]!) as object), extra: 1 }]) {
      expect(validate(other)).toBe(false);
    }
  });
});

describe("following", () => {
  const command = join(root, "dist/bin/parascope.js");
  beforeAll(() => {
    const built = spawnSync(process.execPath, ["scripts/build.js", "command"], {
      cwd: root,
      encoding: "utf8",
    });
    if (built.status !== 0) throw new Error(built.stderr);
  });

  /** Starts the command; `until` waits for what it prints. */
  function started(path: string): {
    readonly child: ReturnType<typeof spawn>;
    readonly until: (text: string) => Promise<string>;
    readonly ended: Promise<unknown>;
  } {
    const child = spawn(process.execPath, [command, "watch", path, "--follow"], { cwd: root });
    let said = "";
    child.stdout.on("data", (text: Buffer) => (said += text.toString()));
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    const killer = setTimeout(() => child.kill("SIGKILL"), 25_000);
    const ended = new Promise((resolve) => child.on("close", resolve)).finally(() => clearTimeout(killer));
    const until = async (text: string): Promise<string> => {
      while (!said.includes(text) && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return said;
    };
    return { child, until, ended };
  }

  it("prints a line for each record as it becomes whole, begins anew with the file, and ends with the run", async () => {
    const path = fileOf("growing.jsonl", `${lines.slice(0, 2).join("\n")}\n`);
    const { until, ended } = started(path);
    expect(await until("step 5 ")).toMatch(/^step 5 {2}loss [\d.]+ {2}lr 0 0\.01 /);
    appendFileSync(path, lines[2]!.slice(0, 50));
    await new Promise((resolve) => setTimeout(resolve, 500));
    appendFileSync(path, `${lines[2]!.slice(50)}\n${lines[3]}\n`);
    const said = await until("step 15 ");
    expect(said.match(/^step \d+/gm)).toEqual(["step 5", "step 10", "step 15"]);
    renameSync(path, `${path}.1`);
    writeFileSync(path, `${lines.slice(0, 2).join("\n")}\n${lines.at(-1)}\n`);
    expect(await ended).toBe(0);
    const all = await until("");
    expect(all.match(/^step \d+/gm)).toEqual(["step 5", "step 10", "step 15", "step 5"]);
    expect(all).toMatch(/\nended at step 30\n$/);
  });

  it.skipIf(process.platform === "win32")("ends with status 130 at Ctrl-C", async () => {
    const { child, until, ended } = started(fileOf("open.jsonl", `${lines.slice(0, 3).join("\n")}\n`));
    await until("step 10 ");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  it("draws in place on a terminal", async () => {
    let out = "";
    const terminal = {
      print: (text: string) => void (out += text),
      drain: () => Promise.resolve(),
      complain: () => undefined,
      width: 100,
      height: 30,
      hasColours: false,
      progressWidth: undefined,
    };
    expect(stylerOf(terminal)).toBeUndefined();
    const path = fileOf("drawn.jsonl", `${lines.slice(0, 2).join("\n")}\n`);
    const status = run(["watch", path, "--follow"], terminal);
    setTimeout(() => appendFileSync(path, `${lines.slice(2).join("\n")}\n`), 300);
    expect(await status).toBe(0);
    const frames = out.split(/\r\u001b\[\d+A/);
    expect(frames).toHaveLength(2);
    expect(frames[0]).toContain("step 5; 1 record");
    expect(frames[1]).toContain("ended at step 30; 6 records");
  });
});
