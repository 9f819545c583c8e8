/** The `parascope` command as a process: what a shell sees of it. */

import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const command = join(root, "dist/bin/parascope.js");
const sample = "examples/sample.pt";

let folder = "";
beforeAll(() => {
  const built = spawnSync(process.execPath, ["scripts/build.js", "command"], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  folder = mkdtempSync(join(tmpdir(), "parascope-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A safetensors file of one tensor of zeros; takes up no space on most disks. */
function hollowFile(name: string, byteLength: number): string {
  const header = Buffer.from(
    `{"zeros":{"dtype":"U8","shape":[${byteLength}],"data_offsets":[0,${byteLength}]}}`,
  );
  const path = join(folder, name);
  const file = openSync(path, "w");
  writeSync(file, new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer));
  writeSync(file, header);
  ftruncateSync(file, 8 + header.length + byteLength);
  closeSync(file);
  return path;
}

describe("the command", () => {
  it("is an executable file that starts with the way to run it", () => {
    expect(readFileSync(command, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(command).mode & 0o111).toBe(process.platform === "win32" ? 0 : 0o111);
  });

  it("runs from its code cache, and without one", () => {
    const cache = readdirSync(dirname(command)).find((name) => name.endsWith(".cache"))!;
    const copy = join(folder, "bin");
    cpSync(dirname(command), copy, { recursive: true });
    const list = (): string =>
      spawnSync(process.execPath, [join(copy, "parascope.js"), join(root, sample)], { encoding: "utf8" })
        .stdout;
    const fromCache = list();
    expect(fromCache).toContain("13 tensors");
    writeFileSync(join(copy, cache), "of another Node");
    expect(list()).toBe(fromCache);
    rmSync(join(copy, cache));
    expect(list()).toBe(fromCache);
  });

  it("lists a file, without colours into a pipe", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, sample], {
      cwd: root,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^name {2}.*\n(.*\n)*\nexamples\/sample\.pt \(torch-zip\): 13 tensors/);
    expect(stdout).not.toContain("\u001b");
  });

  it("ends with status 2 and one line on a file that is none", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, "package.json"], {
      cwd: root,
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^parascope: package\.json: [^\n]+\n$/);
  });

  it("shows its stack to who debugs it", () => {
    const { stderr } = spawnSync(process.execPath, [command, "none.pt"], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, PARASCOPE_DEBUG: "1" },
    });
    expect(stderr).toMatch(/\n +at /);
  });

  it("ends quietly when its reader has had enough", async () => {
    const many = "test/fixtures/torch-zip/ten-thousand-deflated.pt";
    const child = spawn(process.execPath, [command, many, "--json"], { cwd: root });
    let complaints = "";
    child.stderr.on("data", (text: Buffer) => (complaints += text.toString()));
    child.stdout.once("data", () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect({ status, complaints }).toEqual({ status: 0, complaints: "" });
  });

  it.skipIf(process.platform === "win32")("ends with status 130 at Ctrl-C", async () => {
    const child = spawn(process.execPath, [command, "--hash", hollowFile("large.safetensors", 64e9)], {
      cwd: root,
    });
    let said = "";
    child.stdout.on("data", (text: Buffer) => (said += text.toString()));
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    setTimeout(() => child.kill("SIGINT"), 1000);
    const killer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const status = await new Promise((resolve) => child.on("close", resolve));
    clearTimeout(killer);
    expect({ status, said }).toEqual({ status: 130, said: "" });
  });

  it("lists a file of any size without reading it", () => {
    const path = hollowFile("hollow.safetensors", 100e9);
    // Reading it would take a minute.
    const { status, stdout } = spawnSync(process.execPath, [command, path], {
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(status).toBe(0);
    expect(stdout).toContain("100.0 GB");
  });
});

describe("the scripts", () => {
  it("npm start lists the sample, and lists what it is given from where it was typed", () => {
    const start = join(root, "scripts/start.js");
    const environment = { ...process.env, INIT_CWD: root };
    const plain = spawnSync(process.execPath, [start], { cwd: root, env: environment, encoding: "utf8" });
    expect(plain.stdout).toMatch(/examples\/sample\.pt \(torch-zip\): 13 tensors/);
    const below = spawnSync(process.execPath, [start, "sample.pt", "--tree"], {
      cwd: root,
      env: { ...environment, INIT_CWD: join(root, "examples") },
      encoding: "utf8",
    });
    expect(below.stdout).toMatch(/^sample\.pt +TinyCaptioner/m);
  });

  it("run says what there is when a program is not", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["scripts/run.js", "examples", "no-such"],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^there is no program "no-such"; examples has /);
  });
});
