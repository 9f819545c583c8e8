import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kind } from "./kind.ts";
import { kinds } from "./kinds.ts";
import { runFiles } from "./runner.ts";

/** Compares `found` with `expected` as the case gives them; `throw` makes it throw. */
const echo: Kind = {
  name: "echo",
  check: ({ expected, found, throws }) => {
    if (typeof throws === "string") throw new TypeError(throws);
    return expected === found ? [] : [{ what: "text", expected: String(expected), found: String(found) }];
  },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function run(files: readonly string[], known: ReadonlyMap<string, Kind> = new Map([["echo", echo]])) {
  const results: string[] = [];
  const troubles: string[] = [];
  const status = runFiles(files, known, {
    result: (line) => results.push(line.replace(folder, "")),
    trouble: (line) => troubles.push(line.replace(folder, "")),
  });
  return { status, results, troubles };
}

describe("the conformance runner", () => {
  it("passes what agrees", () => {
    const file = fileOf("pass.json", { kind: "echo", cases: [{ expected: 1, found: 1 }, {}] });
    expect(run([file])).toEqual({ status: 0, results: ["2 passed, 0 failed"], troubles: [] });
  });

  it("shows each failing case with what was expected and found", () => {
    const cases = [
      { expected: "", found: "" },
      { name: "two lines", expected: "a\nb", found: "a\n\u001bb " },
    ];
    expect(run([fileOf("fail.json", { kind: "echo", cases })])).toEqual({
      status: 1,
      results: [
        'FAILED /fail.json, case 1 "two lines"',
        "  text",
        "    expected",
        "      |a|",
        "      |b|",
        "    found",
        "      |a|",
        "      |\\x1bb |",
        "1 passed, 1 failed",
      ],
      troubles: [],
    });
  });

  it("counts a case that throws as failed", () => {
    const { status, results } = run([
      fileOf("throw.json", { kind: "echo", cases: [{ throws: "no such op" }] }),
    ]);
    expect(status).toBe(1);
    expect(results).toContain("      |TypeError: no such op|");
    expect(results.at(-1)).toBe("0 passed, 1 failed");
  });

  it.each<[string, unknown, string]>([
    [
      "a kind nobody knows",
      { kind: "cooking", cases: [] },
      'its kind is "cooking", the known kinds are echo',
    ],
    ["no kind", { cases: [] }, "kind is undefined, expected a string"],
    ["no cases", { kind: "echo" }, "cases is undefined, expected a list"],
    ["a case that is no object", { kind: "echo", cases: [7] }, "case 0 is 7, expected an object"],
    ["a list instead of an object", "[]", "the file is [], expected an object"],
    ["text that is not JSON", "{", "it is not JSON"],
  ])("reports a file with %s and runs the others", (_, content, sentence) => {
    const good = fileOf("good.json", { kind: "echo", cases: [{}] });
    const { status, results, troubles } = run([fileOf("bad.json", content), good]);
    expect(status).toBe(2);
    expect(results).toEqual(["1 passed, 0 failed"]);
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toContain('running "/bad.json": ');
    expect(troubles[0]).toContain(sentence);
  });

  it("reports a file that is not there", () => {
    const { status, troubles } = run([join(folder, "missing.json")]);
    expect(status).toBe(2);
    expect(troubles).toEqual(['running "/missing.json": it cannot be read (ENOENT)']);
  });

  it("asks for a file when none is given", () => {
    expect(run([])).toMatchObject({ status: 2, results: [] });
  });
});

/** The files of cases: our own, and those that came with the project's references. */
const own = ["../golden/printing.json", "naming.json", "names.json", "load-state-dict.json", "repr.json"].map(
  (name) => (name.startsWith("..") ? name : `recorded/${name}`),
);
const shared = ["printing", "naming", "load_state_dict", "repr"].map(
  (name) => `../../../shared/conformance/${name}.json`,
);

describe("recorded cases", () => {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

  it.each(own)("of %s all pass", (name) => {
    const { status, results } = run([path(name)], kinds);
    expect([status, results]).toEqual([0, [expect.stringMatching(/^\d+ passed, 0 failed$/)]]);
  });

  it.each(shared.filter((name) => existsSync(path(name))))(
    "of %s, the project's references, pass",
    (name) => {
      expect(run([path(name)], kinds)).toMatchObject({ status: 0, troubles: [] });
    },
  );

  it("that are wrong fail", () => {
    const tensor = { dtype: "float32", shape: [1], data: [1] };
    const cases = [
      { tensor, options: {}, repr: "tensor([1.])" },
      { tensor, options: {}, repr: "tensor([1.0])" },
      { tensor, options: { precison: 3 }, repr: "tensor([1.])" },
      { tensor: { ...tensor, layout: "diagonal" }, options: {}, repr: "" },
    ];
    const { status, results } = run([fileOf("wrong.json", { kind: "printing", cases })], kinds);
    expect(status).toBe(1);
    expect(results.at(-1)).toBe("1 passed, 3 failed");
    expect(results.join()).toContain("unexpected keyword argument 'precison'");
    expect(results.join()).toContain('layout is "diagonal"');
  });

  it("that are wrong fail, of networks too", () => {
    const linear = { cls: "Linear", args: [1, 1] };
    const texts = [
      { module: linear, repr: "Linear(in_features=1, out_features=2, bias=True)" },
      { module: { cls: "Linear", args: [1, 1, true, null, null, 7] }, repr: "" },
      { module: { cls: "Lineal", args: [] }, repr: "" },
      { module: { cls: "Dropout", args: [2] }, repr: "Dropout(p=2, inplace=False)" },
    ];
    expect(run([fileOf("texts.json", { kind: "repr", cases: texts })], kinds).results.at(-1)).toBe(
      "0 passed, 4 failed",
    );
    const names = [
      { spec: linear, seed: 0, named_parameters_with_duplicates: ["weight"] },
      { spec: linear, seed: 0, rng_next_rand: 0.5 },
      { spec: linear, seed: 0, state_dict_metadata: [["", { version: 2 }]] },
      { spec: linear, seed: 0, half_dtypes: [["weight", "float32"]] },
      { spec: { cls: "Custom", name: "Net", steps: [["sat", "a", linear]] }, seed: 0 },
    ];
    expect(run([fileOf("names.json", { kind: "naming", cases: names })], kinds).results.at(-1)).toBe(
      "0 passed, 5 failed",
    );
    const loads = [
      { net: linear, seed: 0, edits: [], result: { ok: [["weight"], []] } },
      { net: linear, seed: 0, edits: [["del", "bias"]], result: { ok: [[], []] } },
      { net: linear, seed: 0, edits: [], result: { ok: [[], []], after: [["weight", [1]]] } },
      { net: linear, seed: 0, edits: [["drop", "bias"]], result: { ok: [[], []] } },
    ];
    expect(run([fileOf("loads.json", { kind: "load_state_dict", cases: loads })], kinds).results.at(-1)).toBe(
      "0 passed, 4 failed",
    );
  });
});
