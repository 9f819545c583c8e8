import { describe, expect, it } from "vitest";
import type { WatchHeader, WatchRecord } from "./watch-log.ts";
import { numberText } from "./line-text.ts";
import { endLine, headerLine, recordLine } from "./watch-log.ts";
import { WatchHistory } from "./watch-history.ts";
import { renderWatchJson, renderWatchText, sortedRows } from "./watch-text.ts";

const header: WatchHeader = {
  model: "Net",
  optimizer: "SGD",
  every: 1,
  step: 0,
  started: null,
  parameters: [
    { name: "body.weight", shape: [4, 3], dtype: "float32", group: 0 },
    { name: "body.bias", shape: [4], dtype: "float32", group: 0 },
    { name: "head.weight", shape: [2, 4], dtype: "float32", group: null },
  ],
};

function record(step: number, changes: Partial<WatchRecord> = {}): WatchRecord {
  return {
    step,
    time: step / 10,
    loss: 1 / step,
    rates: [0.1],
    values: new Map(),
    gradient: {
      norm: [1, 2, 0.5],
      mean: [0, 0, 0],
      largest: [1, 1, 0.25],
      zeros: null,
      nan: null,
      inf: null,
      silent: null,
      off: null,
    },
    weight: { norm: [3, 1, 2], nan: null, inf: null },
    update: [0.001, 0.002, null],
    missing: new Map(),
    ends: [],
    histograms: null,
    ...changes,
  };
}

/** A record whose norms and silent outputs are others. */
function withNorms(
  step: number,
  norm: (number | null)[],
  silent: (number | null)[] | null = null,
): WatchRecord {
  const { gradient } = record(step);
  return record(step, { gradient: { ...gradient, norm, silent, off: silent } });
}

const plain: WatchHeader = {
  ...header,
  parameters: header.parameters.map((parameter) => ({ ...parameter, group: 0 })),
};

function history(...records: WatchRecord[]): WatchHistory {
  const made = new WatchHistory("run.jsonl");
  made.addHeader(plain);
  for (const one of records) made.addRecord(one);
  return made;
}

function found(made: WatchHistory): [string, number, number, string][] {
  return made.report().findings.map(({ code, first, last, message }) => [code, first, last, message]);
}

describe("numbers of a log", () => {
  it.each<[number | null, number, string]>([
    [0.1234567, 5, "0.12346"],
    [-123456.7, 5, "-123460"],
    [9.99999999, 5, "10"],
    [0.000123456, 3, "0.000123"],
    [0.0000123456, 3, "123e-7"],
    [1, 5, "1"],
    [0.001, 8, "0.001"],
    [1500, 5, "1500"],
    [12.5, 5, "12.5"],
    [1.5e-40, 2, "1.5e-40"],
    [1.23456e20, 3, "123e18"],
    [0, 5, "0"],
    [-0, 5, "0"],
    [5e-324, 5, "5e-324"],
    [NaN, 5, '"nan"'],
    [-Infinity, 5, '"-inf"'],
    [null, 5, "null"],
  ])("%d in %i digits is %s", (value, digits, wanted) => expect(numberText(value, digits)).toBe(wanted));

  it("are as near as their digits say, over all sizes", () => {
    for (let k = -2990; k < 2990; k++) {
      const value = Math.PI * 10 ** (k / 10);
      const read = JSON.parse(numberText(-value, 5)) as number;
      expect(Math.abs(-read / value - 1)).toBeLessThan(5e-5);
      expect(numberText(value, 5).length).toBeLessThan(17);
    }
  });
});

describe("lines", () => {
  const full = record(3, {
    loss: Infinity,
    values: new Map([["accuracy", NaN]]),
    missing: new Map([["frozen", [2]]]),
    ends: [{ op: "AddmmBackward0", parameter: "body.bias", of: [2] }],
    histograms: {
      weight: [{ zero: 1, below: [], above: [-3, 2] }, null, null],
      gradient: [null, null, null],
    },
  });

  it("say the same when they are read", () => {
    const made = new WatchHistory("run.jsonl");
    for (const line of [headerLine(header), recordLine(full), endLine({ step: 4, time: 0.5 })])
      made.addLine(line);
    const report = made.report();
    expect(report).toMatchObject({ state: "ended", step: 4, time: 0.5, records: 1, model: "Net" });
    expect(report.parameters[2]).toMatchObject({
      reason: "frozen",
      gradient: { l2: 0.5 },
      pathEnd: { parameter: "body.bias" },
    });
    expect(report.parameters[0]!.histograms).toEqual({
      step: 3,
      weight: { zero: 1, below: [], above: [-3, 2] },
      gradient: null,
    });
    expect(report.curves.map(({ name, last }) => [name, last])).toEqual([
      ["loss", Infinity],
      ["lr", 0.1],
      ["accuracy", NaN],
    ]);
  });

  it.each<[string, string, RegExp]>([
    ["no JSON", "{", /no header of a log of watch, and no JSON/],
    ["another value", "[1]", /it is no object/],
    ["another format", '{"format":"x"}', /it has no "format" "parascope-watch"/],
    [
      "a version of tomorrow",
      '{"format":"parascope-watch","version":2}',
      /found version "2" of the log, expected 1/,
    ],
    [
      "no parameters",
      '{"format":"parascope-watch","version":1,"model":"","optimizer":"","every":1}',
      /parameters is no list/,
    ],
  ])("that begin a log with %s are refused", (_, line, message) => {
    expect(() => new WatchHistory("").addLine(line)).toThrow(message);
  });

  it.each<[string, (line: string) => string, RegExp]>([
    ["is cut off", (line) => line.slice(0, 40), /no JSON/],
    [
      "has too few numbers",
      (line) => line.replace('"update":[0.001,', '"update":['),
      /update with 2 numbers where the header has 3 parameters/,
    ],
    ["has no step", (line) => line.replace('"step":3', '"step":-3'), /step is no whole number of 0 or more/],
    ["has a text for a number", (line) => line.replace('"loss":"inf"', '"loss":"1"'), /loss is no number/],
    [
      "names an unknown reason",
      (line) => line.replace("frozen", "lazy"),
      /a reason "lazy" that nobody knows/,
    ],
    [
      "names an unknown parameter",
      (line) => line.replace('"frozen":[2]', '"frozen":[3]'),
      /a parameter beyond the 3/,
    ],
    [
      "has odd histograms",
      (line) => line.replace('"above":[-3,2]', '"above":[-3,-2]'),
      /a count of histograms\.weight/,
    ],
  ])("one of which %s are read without it", (_, change, message) => {
    const made = new WatchHistory("");
    const line = change(recordLine(full));
    for (const each of [headerLine(header), line, line, recordLine(record(9)), ""]) made.addLine(each);
    const { notices, step, records } = made.report();
    expect({ step, records }).toEqual({ step: 9, records: 1 });
    expect(notices[0]!.message).toMatch(/^line 2 of the log is left out: .* So are 1 more\.$/);
    expect(notices[0]!.message).toMatch(message);
  });
});

describe("a history", () => {
  it("goes on after the step of a second header, as if what came after it had not been", () => {
    const made = history(...[1, 2, 3, 4].map((step) => record(step, { loss: step === 4 ? NaN : step })));
    made.addHeader({ ...plain, step: 2 });
    made.addRecord(record(3, { loss: 30 }));
    const { curves, findings, step, time } = made.report();
    expect(curves[0]!.points.map(({ value }) => value)).toEqual([1, 2, 30]);
    expect(findings).toEqual([]);
    expect({ step, time }).toEqual({ step: 3, time: 0.7 });
  });

  it("looks no further than it is told", () => {
    const made = new WatchHistory("", 2);
    made.addHeader(plain);
    [1, 2, 3].forEach((step) => made.addRecord(record(step)));
    made.addEnd({ step: 3, time: 1 });
    expect(made.report()).toMatchObject({ step: 2, records: 2, state: "open" });
  });

  it("does not grow with the names that are recorded", () => {
    const made = history();
    for (let step = 1; step < 200; step++)
      made.addRecord(record(step, { values: new Map([[`x${step}`, 1]]) }));
    expect(made.report().curves).toHaveLength(64);
  });
});

describe("findings over time", () => {
  it("say at which step NaN came first and where, whatever became of it", () => {
    const { gradient } = record(2);
    const nan = record(2, { loss: NaN, gradient: { ...gradient, norm: [1, NaN, NaN], nan: [0, 4, 8] } });
    const made = history(record(1), nan, record(3), record(4));
    expect(found(made)).toEqual([
      [
        "nan",
        2,
        2,
        'Step 2: NaN first seen at the gradient of "head.weight", as the pass goes back: 8 of 8 elements. The loss is NaN already.',
      ],
      ["loss", 2, 2, "At step 2: The loss is NaN."],
    ]);
  });

  it("say since when gradients explode, and when they did", () => {
    const made = history(record(1), withNorms(2, [1e6, 2, 0.5]), withNorms(3, [1e7, 2, 0.5]));
    expect(found(made)).toEqual([
      [
        "exploding",
        2,
        3,
        'The gradient of "body.weight" explodes: its norm is 1.0e+7, the weight\'s 3. Since step 2.',
      ],
    ]);
    made.addRecord(record(4));
    expect(found(made)[0]![3]).toMatch(
      /^From step 2 to 3, not any more: The gradient of "body\.weight" explodes/,
    );
  });

  it("call a unit dead when it has been for five records, and forget it when it lives", () => {
    const dead = (step: number): WatchRecord => withNorms(step, [1, 2, 0.5], [1, null, 0]);
    const made = history(record(1), dead(2), dead(3), dead(4), dead(5));
    expect(found(made)).toEqual([]);
    made.addRecord(dead(6));
    expect(found(made)[0]).toMatchObject([
      "dead",
      2,
      6,
      expect.stringMatching(/dead in 1 of 4 outputs.*Since step 2\.$/),
    ]);
    made.addRecord(record(7));
    expect(found(made)).toEqual([]);
  });

  it("call a gradient vanished likewise", () => {
    const made = history(...[1, 2, 3, 4, 5].map((step) => withNorms(step, [1e-9, 2, 0.5])));
    expect(found(made)[0]).toMatchObject([
      "vanishing",
      1,
      5,
      expect.stringMatching(/"body\.weight" vanishes/),
    ]);
  });

  it("name a parameter that no group of the optimizer has", () => {
    const made = new WatchHistory("");
    made.addHeader(header);
    made.addRecord(record(1));
    expect(found(made)).toEqual([
      [
        "not-optimized",
        1,
        1,
        '"head.weight" has a gradient but is in no group of the optimizer: it never changes.',
      ],
    ]);
  });
});

describe("the text of a run", () => {
  const made = history(
    ...[1, 2, 3, 4, 5].map((step) =>
      record(step, { values: new Map([["accuracy", step / 5]]), missing: new Map([["frozen", [1]]]) }),
    ),
  );

  it("has curves, parameters and how far it is", () => {
    expect(renderWatchText(made.report())).toEqual([
      "run.jsonl: Net, SGD; step 5; 5 records in 0.5 s, 10 steps/s",
      "loss      0.2  █▃▂▁▁  from 1, least 0.2 at step 5",
      "lr        0.1  ▁▁▁▁▁",
      "accuracy    1  ▁▃▄▇█  from 0.2, within 0.2 and 1",
      "",
      "name         shape   gradient  norm  mean  largest  zeros  update/weight  weight  no gradient",
      "body.weight  [4, 3]  ▁▁▁▁▁        1     0        1    0 %          0.001       3",
      "body.bias    [4]     ▁▁▁▁▁        2     0        1    0 %          0.002       1  frozen",
      "head.weight  [2, 4]  ▁▁▁▁▁      0.5     0     0.25    0 %                      2",
    ]);
  });

  it.each([20, 40, 60, 80, 120])("fits into %i columns and any number of rows", (width) => {
    const { gradient } = record(6);
    made.addRecord(record(6, { loss: NaN, gradient: { ...gradient, nan: [3, 4, 0] } }));
    for (const height of [1, 2, 3, 5, 8, 12, 24, 100]) {
      const lines = renderWatchText(made.report(), { width, height });
      expect(lines.length).toBeLessThanOrEqual(height);
      // A table has room for its names at least, as every report has.
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(Math.max(width, 46));
    }
  });

  it("shows what is found first where there is no room for all, in the network's order", () => {
    const many: WatchHeader = {
      ...plain,
      parameters: Array.from({ length: 50 }, (_, k) => ({
        name: `w${k}`,
        shape: [1],
        dtype: "float32",
        group: 0,
      })),
    };
    const all = (value: number): number[] => many.parameters.map(() => value);
    const run = new WatchHistory("");
    run.addHeader(many);
    const norm = all(1);
    norm[7] = 1e9;
    const gradient = { ...record(1).gradient, norm, mean: all(0), largest: all(0) };
    const update = all(0.001);
    update[3] = 0.5;
    run.addRecord(record(1, { gradient, weight: { norm: all(1), nan: null, inf: null }, update }));
    const lines = renderWatchText(run.report(), { width: 100, height: 12 });
    const shown = lines.filter((line) => line.startsWith("w")).map((line) => line.split(" ")[0]);
    expect(shown).toEqual(["w0", "w1", "w3", "w7"]);
    expect(lines.some((line) => /^… 46 more parameters$/.test(line))).toBe(true);
  });

  it("says what is not there yet", () => {
    expect(renderWatchText(history().report())).toEqual(["run.jsonl: Net, SGD; no records yet"]);
  });

  it("is JSON, with NaN as text", () => {
    const report = made.report();
    const parsed = JSON.parse(renderWatchJson(report)) as Record<string, unknown>;
    expect(parsed).toMatchObject({ source: "run.jsonl", state: "open", step: 6, records: report.records });
    expect(parsed["curves"]).toMatchObject([
      { name: "loss", last: "nan" },
      { name: "lr" },
      { name: "accuracy" },
    ]);
  });
});

describe("the order of parameters", () => {
  const report = history(record(1), withNorms(2, [NaN, null, 7])).report();
  const names = (order: Parameters<typeof sortedRows>[1]): string[] =>
    sortedRows(report, order).map(({ name }) => name.split(".")[0]! + name.at(-1));

  it("begins with the largest figure, NaN before all and nothing after it", () => {
    expect(names("order")).toEqual(["bodyt", "bodys", "headt"]);
    expect(names("norm")).toEqual(["bodyt", "headt", "bodys"]);
    expect(names("update")).toEqual(["bodys", "bodyt", "headt"]);
    expect(names("name")).toEqual(["bodys", "bodyt", "headt"]);
  });

  it("has names as people count", () => {
    const parameter = report.parameters[0]!;
    const [tenth, second] = [
      { ...parameter, name: "10.weight" },
      { ...parameter, name: "2.weight" },
    ];
    expect(sortedRows({ ...report, parameters: [tenth, second] }, "name")).toEqual([second, tenth]);
  });
});
