import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LineFile } from "./line-file.ts";
import { LogFile } from "./log-file.ts";

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

describe("a file of lines", () => {
  it("gives whole lines, and the last one when it has its end", () => {
    const path = fileOf("grows", "one\r\nzwölf\nthr");
    const file = new LineFile(path);
    expect([...file.lines()]).toEqual(["one", "zwölf"]);
    expect({ whole: file.wholeByteLength, isPartial: file.hasPartialLine }).toEqual({
      whole: 12,
      isPartial: true,
    });
    expect([...file.lines()]).toEqual([]);
    appendFileSync(path, "ee\n\nfive\n");
    expect([...file.lines()]).toEqual(["three", "", "five"]);
    expect(file.hasPartialLine).toBe(false);
    file.close();
  });

  it("reads lines longer than what is read at once, and characters across the border", () => {
    const long = "ä".repeat(300_000);
    const file = new LineFile(fileOf("long", `x${long}\n${long}\n`));
    expect([...file.lines()]).toEqual([`x${long}`, long]);
    file.close();
  });

  it("begins anew when it is cut, and when another takes its name", () => {
    const path = fileOf("turns", "one\ntwo\n");
    const file = new LineFile(path);
    expect([...file.lines()]).toEqual(["one", "two"]);
    expect(file.renew()).toBe(false);
    truncateSync(path, 0);
    expect(file.renew()).toBe(true);
    appendFileSync(path, "new\n");
    expect([...file.lines()]).toEqual(["new"]);
    renameSync(path, `${path}.1`);
    expect(file.renew()).toBe(false);
    appendFileSync(`${path}.1`, "late\n");
    expect([...file.lines()]).toEqual(["late"]);
    writeFileSync(path, "other\n");
    expect(file.renew()).toBe(true);
    expect([...file.lines()]).toEqual(["other"]);
    file.close();
  });

  it("says what is not there, or no file", () => {
    expect(() => new LineFile(join(folder, "gone"))).toThrow(/gone": there is no such file/);
    expect(() => new LineFile(folder)).toThrow(/it is a directory/);
  });
});

describe("a log file", () => {
  it("begins anew, or goes on after what is kept", async () => {
    const path = fileOf("log", "one\ntw");
    const resumed = new LogFile(path, 4);
    resumed.append((text) => text.text("zwölf"));
    // The first line is there at once; one that follows closely, within the twentieth of a second.
    expect([...new LineFile(path).lines()]).toEqual(["one", "zwölf"]);
    resumed.append((text) => text.text("two"));
    expect([...new LineFile(path).lines()]).toEqual(["one", "zwölf"]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([...new LineFile(path).lines()]).toEqual(["one", "zwölf", "two"]);
    resumed.append((text) => text.text("three"));
    resumed.close();
    expect([...new LineFile(path).lines()].at(-1)).toBe("three");
    resumed.append((text) => text.text("after the end"));
    const fresh = new LogFile(path, null);
    fresh.append((text) => text.text("three"));
    fresh.close();
    expect([...new LineFile(path).lines()]).toEqual(["three"]);
  });

  it("has every line, however many wait, and all of them at the end", () => {
    const path = join(folder, "many.jsonl");
    const log = new LogFile(path, null);
    const lines = Array.from({ length: 200 }, (_, k) => `${k} ${"é".repeat(k)}`);
    for (const line of lines) log.append((text) => text.text(line));
    log.close();
    expect(readFileSync(path, "utf8")).toBe(lines.map((line) => `${line}\n`).join(""));
  });

  it("says where it cannot be written", () => {
    expect(() => new LogFile(join(folder, "none", "log"), null)).toThrow(
      /opening ".*log": there is no such file/,
    );
  });
});
