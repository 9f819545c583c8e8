/** `parascope list` through the command line's own entry, in this process: what it prints and its exit status. */

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { printPieces, progressOf, stylerOf, terminalOf, whileWaiting } from "../../src/cli/terminal.ts";
import { folderFormats, formats } from "../../src/formats/index.ts";
import { parascope } from "./parascope.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sample = "examples/sample.pt";
const fixture = (name: string): string => `test/fixtures/torch-zip/${name}.pt`;

interface Listing {
  readonly source: string;
  readonly format: string;
  readonly entries: readonly {
    readonly index: number;
    readonly path: readonly (string | number)[];
    readonly name: string;
    readonly kind: string;
    readonly numel: number;
    readonly requiresGrad: boolean | null;
    readonly sha256?: string | null;
    readonly layout: string;
  }[];
  readonly modules: readonly {
    readonly name: string;
    readonly class: string | null;
    readonly total: { readonly elements: number };
  }[];
  readonly totals: {
    readonly parameters: number;
    readonly trainable: number | null;
    readonly elements: number;
  };
  readonly notices: readonly { readonly code: string; readonly names: readonly string[] }[];
}

async function json(...args: readonly string[]): Promise<Listing> {
  const { status, out, err } = await parascope([...args, "--json"]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return JSON.parse(out) as Listing;
}

const before = process.cwd();
let folder = "";
beforeAll(() => {
  process.chdir(root);
  folder = mkdtempSync(join(tmpdir(), "parascope-"));
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

describe("the table", () => {
  it("lists the sample, with or without the word list", async () => {
    const { status, out, err } = await parascope([sample]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(/^name +shape +dtype +elements +size +kind +requires_grad +notes\n/);
    expect(out).toMatch(/^temperature +\[\] +float32 +1 +4 B +parameter +False$/m);
    expect(out).toMatch(/^head\.weight .* = embed\.weight$/m);
    expect(out).toMatch(/\n\nexamples\/sample\.pt \(torch-zip\): 13 tensors; 1,305 parameters/);
    expect(await parascope(["list", sample])).toEqual({ status, out, err });
  });

  it("fits a terminal and colours it, and only a terminal", async () => {
    const { out } = await parascope([sample], { width: 70, hasColours: true });
    expect(out).toContain("\u001b[36m");
    const plain = out.replaceAll(/\u001b\[\d*m/g, "");
    for (const line of plain.split("\n\n")[0]!.split("\n")) expect(line.length).toBeLessThanOrEqual(70);
    expect((await parascope([sample])).out).not.toContain("\u001b");
  });

  it("shows modules as a tree, to a depth", async () => {
    const { out } = await parascope([sample, "--tree"]);
    expect(out).toMatch(/^sample\.pt +TinyCaptioner/m);
    expect(out).toMatch(/^│ {2}├─ 1 +BatchNorm2d/m);
    const { out: folded } = await parascope([sample, "--depth", "1"]);
    expect(folded).toMatch(/^├─ stem +Sequential +6 tensors +249$/m);
    expect(folded).not.toContain("BatchNorm2d");
  });

  it("says that nothing matches, on standard error", async () => {
    const { status, out, err } = await parascope([sample, "--match", "nothing"]);
    expect(status).toBe(0);
    expect(out).toBe("examples/sample.pt (torch-zip): 0 tensors; 0 B\n");
    expect(err).toBe('parascope: nothing in "examples/sample.pt" matches.\n');
  });

  it("shows digests where asked for", async () => {
    expect((await parascope([sample, "--hash"])).out).toMatch(/^norm\.bias .* [0-9a-f]{64}$/m);
  });
});

describe("options", () => {
  it("choose by patterns, any of them, and by kinds", async () => {
    const names = async (...args: string[]): Promise<string[]> =>
      (await json(sample, ...args)).entries.map(({ name }) => name);
    expect(await names("--match", "norm.*", "--match", "/^head/")).toEqual([
      "norm.weight",
      "norm.bias",
      "head.weight",
    ]);
    expect(await names("--kind", "buffer")).toEqual(
      ["running_mean", "running_var", "num_batches_tracked"].map((n) => `stem.1.${n}`),
    );
    expect(await names("--kind", "buffer", "--match", "**.running_*")).toHaveLength(2);
    expect(await names("--kind", "buffer", "--kind", "parameter")).toHaveLength(13);
    const chosen = await json(sample, "--match", "stem.**");
    expect(chosen.totals.elements).toBe(249);
    expect(chosen.modules.map(({ name }) => name)).toEqual(["", "stem", "stem.0", "stem.1"]);
  });

  it("sort naturally, the largest first, and either way round", async () => {
    const sorted = await json(sample, "--sort", "size");
    expect(sorted.entries.slice(0, 4).map(({ name }) => name)).toEqual([
      "project.weight",
      "embed.weight",
      "head.weight",
      "stem.0.weight",
    ]);
    expect(sorted.entries.map(({ index }) => index)).not.toEqual(sorted.entries.map((_, place) => place));
    const reverse = await json(sample, "--sort", "size", "--reverse");
    expect(reverse.entries.map(({ numel }) => numel)).toEqual(
      sorted.entries.map(({ numel }) => numel).toReversed(),
    );
    expect((await json(fixture("ten-thousand-deflated"), "--sort", "name")).entries).toHaveLength(10_000);
    const byName = await json(sample, "--sort", "name");
    expect(byName.entries[0]!.name).toBe("embed.weight");
    expect((await json(sample, "--reverse")).entries[0]!.index).toBe(12);
  });

  it("hash the contiguous bytes: a view and its copy have the same digest", async () => {
    const { entries } = await json(fixture("views"), "--hash");
    const empty = createHash("sha256").digest("hex");
    expect(entries.find(({ name }) => name === "empty")?.sha256).toBe(empty);
    expect(entries.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? ""))).toBe(true);
    const sparse = (await json(fixture("exotic"), "--hash")).entries.filter(
      ({ layout }) => layout !== "strided",
    );
    expect(sparse.length).toBeGreaterThan(0);
    expect(sparse.every(({ sha256 }) => sha256 === null)).toBe(true);
  });
});

describe("list --json", () => {
  const schema = JSON.parse(readFileSync(join(root, "docs/list.schema.json"), "utf8")) as {
    properties: { format: { enum: string[] } };
  };
  const validate = new Ajv({
    allErrors: true,
    strict: true,
    strictTypes: false,
    allowUnionTypes: true,
    strictRequired: false,
  }).compile(schema);

  it.each([
    ...[
      "views",
      "ties",
      "exotic",
      "quantized",
      "keys",
      "skip-data",
      "module",
      "module-in-dict",
      "state-dict",
      "dtypes",
    ].map(fixture),
    ...[
      "bare-tensor",
      "no-tensors",
      "empty",
      "big-endian",
      "checkpoint-protocol-5",
      "ten-thousand-deflated",
    ].map(fixture),
    ...["dtypes", "shapes", "tied-model"].map((name) => `test/fixtures/safetensors/${name}.safetensors`),
    sample,
  ])("of %s is what the schema says", async (path) => {
    for (const args of [[], ["--hash"], ["--match", "*"]]) {
      const { out } = await parascope([path, "--json", ...args]);
      validate(JSON.parse(out));
      expect(validate.errors).toBeNull();
    }
  });

  it("names every format that this version opens", () => {
    const names = [...formats.map(({ name }) => name), ...folderFormats, "module"];
    expect(schema.properties.format.enum.toSorted()).toEqual(names.toSorted());
  });

  it("is refused by the schema when a field is missing or new", async () => {
    const listing = await json(sample);
    expect(validate({ ...listing, totals: undefined })).toBe(false);
    expect(validate({ ...listing, more: 1 })).toBe(false);
    expect(validate({ ...listing, entries: [{ ...listing.entries[0], layout: "odd" }] })).toBe(false);
  });

  it("keeps apart what looks alike", async () => {
    const { entries } = await json(fixture("keys"));
    const paths = entries.map(({ path }) => JSON.stringify(path));
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(
      expect.arrayContaining(['["0"]', "[0]", '["a/b"]', '["a~b"]', '["__proto__"]', '["same","weight"]']),
    );
    expect((await json(fixture("bare-tensor"))).entries[0]).toMatchObject({ path: [], name: "" });
  });

  it("records requires_grad and classes of a whole module, and null for a state dict", async () => {
    const whole = await json(sample);
    expect(whole.totals.trainable).toBe(1304);
    expect(whole.modules.find(({ name }) => name === "stem.1")?.class).toMatch(/BatchNorm2d$/);
    expect(whole.notices[0]).toMatchObject({
      code: "shared-storage",
      names: ["embed.weight", "head.weight"],
    });
    const dict = await json(fixture("state-dict"));
    expect(dict.entries.every(({ requiresGrad }) => requiresGrad === null)).toBe(true);
    expect(dict.totals.trainable).toBeNull();
  });
});

describe("trouble", () => {
  const files: Readonly<Record<string, () => Uint8Array | string>> = {
    "empty.pt": () => "",
    "page.pt": () => "<!DOCTYPE html><html><body>404</body></html>",
    "pointer.pt": () =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 498000000\n`,
    "truncated.pt": () => readFileSync(join(root, sample)).subarray(0, 3000),
    "lying.safetensors": () => {
      const header = '{"a":{"dtype":"F32","shape":[100],"data_offsets":[0,400]}}';
      return Buffer.concat([
        new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer),
        Buffer.from(header),
        Buffer.alloc(8),
      ]);
    },
  };

  it.each([
    ["empty.pt", /empty/],
    ["page.pt", /HTML/],
    ["pointer.pt", /Git LFS.*498/],
    ["truncated.pt", /truncated|cut|incomplete|end/],
    ["lying.safetensors", /400|8/],
  ])("%s gets one sentence, status 2 and no stack", async (name, expected) => {
    const path = join(folder, name);
    writeFileSync(path, files[name]!());
    const { status, out, err } = await parascope([path]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toMatch(/^parascope: [^\n]+\n$/);
    expect(err).toContain(name);
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/\n +at /);
  });

  it.each([
    [["no-such-file.pt"], /"no-such-file\.pt": there is no such file/],
    [["src"], /"src": it is a directory with no checkpoint/],
    [["s3://bucket/model.pt"], /only https:\/\/ and hf:\/\/ addresses/],
    [["--jsn", sample], /unknown option '--jsn'.*--json/],
    [["list"], /missing required argument 'SOURCE'/],
    [[sample, sample], /too many arguments/],
    [["--depth", "x", sample], /whole number/],
    [["--sort", "x", sample], /Allowed choices are index, name/],
    [["--kind", "x", sample], /Allowed choices are parameter, buffer/],
    [["--match", "[a", sample], /pattern "\[a": a set is opened and not closed at character 1/],
  ])("%j is refused with status 2", async (args, expected) => {
    const { status, out, err } = await parascope(args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toMatch(/^parascope: [^\n]+\n$/);
    expect(err).toMatch(expected);
  });

  it("shows its stack when asked to", async () => {
    expect((await parascope(["no-such-file.pt"], {}, true)).err).toMatch(/\n +at /);
  });

  it("without arguments is the help, on standard error", async () => {
    const { status, out, err } = await parascope([]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toMatch(/^Usage: parascope/);
  });
});

describe("help and version", () => {
  it.each([["--help"], ["list", "--help"], ["help", "list"]])(
    "%s %s prints the options of list",
    async (...args) => {
      const { status, out, err } = await parascope(args.filter((argument) => argument !== undefined));
      expect({ status, err }).toEqual({ status: 0, err: "" });
      expect(out).toContain("--match <PATTERN>");
    },
  );

  it("prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(await parascope(["--version"])).toEqual({ status: 0, out: `${version}\n`, err: "" });
  });
});

describe("the terminal", () => {
  const stream = (isTTY: boolean, written: string[] = []) => ({
    isTTY,
    columns: 100,
    write: (text: string) => written.push(text) > 0,
  });

  it("has colours and a width only where a person looks, and colours only if they want", () => {
    expect(terminalOf(stream(true), stream(true), {})).toMatchObject({
      width: 100,
      hasColours: true,
      progressWidth: 100,
    });
    expect(terminalOf(stream(false), stream(true), {})).toMatchObject({
      width: undefined,
      hasColours: false,
      progressWidth: 100,
    });
    expect(terminalOf(stream(true), stream(false), { NO_COLOR: "1" })).toMatchObject({
      hasColours: false,
      progressWidth: undefined,
    });
    expect(terminalOf(stream(true), stream(true), { NO_COLOR: "" }).hasColours).toBe(true);
    const sizeless = { ...stream(true), columns: 0 };
    expect(terminalOf(sizeless, sizeless, {})).toMatchObject({ width: 80, progressWidth: 80 });
    expect(stylerOf(terminalOf(stream(false), stream(false), {}))).toBeUndefined();
  });

  it("says what is waited for when it takes long, and takes that away again", async () => {
    vi.useFakeTimers();
    try {
      const written: string[] = [];
      const terminal = terminalOf(stream(false), { ...stream(true, written), columns: 12 }, {});
      expect(await whileWaiting(terminal, "opening a", Promise.resolve(1))).toBe(1);
      expect(written).toEqual([]);
      let answer = (): void => undefined;
      const late = new Promise<number>((resolve) => (answer = () => resolve(2)));
      const slow = whileWaiting(terminal, "opening a", late);
      vi.advanceTimersByTime(1500);
      expect(written).toEqual(["\ropening a"]);
      answer();
      expect(await slow).toBe(2);
      expect(written).toEqual(["\ropening a", `\r${" ".repeat(9)}\r`]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("prints no more than a slow reader takes", async () => {
    const written: string[] = [];
    let wake = (): void => undefined;
    const slow = {
      ...stream(false, written),
      writableNeedDrain: true,
      once: (_: string, listener: () => void) => (wake = listener),
    };
    const pieces = Array.from({ length: 3 }, () => "x".repeat(2 ** 16));
    const done = printPieces(terminalOf(slow, stream(false), {}), pieces, "");
    await Promise.resolve();
    expect(written).toHaveLength(1);
    for (let count = 2; count <= 3; count++) {
      wake();
      await Promise.resolve();
      await Promise.resolve();
      expect(written).toHaveLength(count);
    }
    wake();
    await done;
  });

  it("shows progress on one line that it takes away again, and nothing for what is quick", () => {
    const written: string[] = [];
    let time = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => time);
    const progress = progressOf(terminalOf(stream(false), { ...stream(true, written), columns: 20 }, {}));
    progress.show("hashing a", 1, 8);
    expect(written).toEqual([]);
    time = 1000;
    progress.show("hashing a.long.name", 4, 8);
    progress.show("hashing b", 5, 8);
    time = 2000;
    progress.show("hashing b", 8, 8);
    progress.clear();
    clock.mockRestore();
    expect(written).toEqual(["\r 50 %  ha…long.name", "\r100 %  hashing b   ", `\r${" ".repeat(16)}\r`]);
  });
});
