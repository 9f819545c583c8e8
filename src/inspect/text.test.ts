import { describe, expect, it } from "vitest";
import { displayWidth, pad, shorten } from "./display-width.ts";
import { renderJson } from "./json.ts";
import { bytesText, countText, exactCountText } from "./quantity.ts";
import type { Report, ReportEntry } from "./report.ts";
import { renderText } from "./text.ts";

describe("quantities", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1.0 K"],
    [432_000, "432.0 K"],
    [999_949, "999.9 K"],
    [999_950, "1.0 M"],
    [124_439_808, "124.4 M"],
    [7e12, "7.0 T"],
  ])("%d is %s", (count, text) => {
    expect(countText(count)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [12, "12 B"],
    [1728, "1.7 KB"],
    [497_759_232, "497.8 MB"],
  ])("%d bytes are %s", (byteLength, text) => {
    expect(bytesText(byteLength)).toBe(text);
  });

  it("have their digits in groups", () => {
    expect([0, 999, 1000, 1_234_567].map(exactCountText)).toEqual(["0", "999", "1,000", "1,234,567"]);
  });
});

describe("display width", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["重み", 4],
    ["e\u0301", 1],
    ["ключ", 4],
    ["🎉", 2],
  ])("of %j is %d", (text, width) => {
    expect(displayWidth(text)).toBe(width);
    expect(displayWidth(pad(text, 9, "right"))).toBe(9);
  });

  it("is kept by shortening, in the middle", () => {
    expect(shorten("encoder.layers.11.weight", 12)).toBe("encod…weight");
    expect(shorten("short", 12)).toBe("short");
    for (let width = 0; width < 12; width++) {
      for (const text of ["abcdefghijklmnop", "重み重み重み重み", "a重b重c重d重"]) {
        expect(displayWidth(shorten(text, width))).toBeLessThanOrEqual(width);
      }
    }
  });
});

function row(index: number, name: string, more: Partial<ReportEntry> = {}): ReportEntry {
  return {
    index,
    path: [name],
    name,
    module: name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "",
    kind: "parameter",
    kindFrom: "inferred",
    dtype: "float32",
    shape: [16, 3, 3, 3],
    numel: 432,
    byteLength: 1728,
    device: "cpu",
    requiresGrad: null,
    layout: "strided",
    stride: [27, 9, 3, 1],
    offset: 0,
    storage: { key: String(index), byteLength: 1728 },
    ...more,
  } as ReportEntry;
}

function facts(entries: readonly ReportEntry[], more: Partial<Report> = {}): Report {
  const elements = entries.reduce((sum, { numel }) => sum + numel, 0);
  return {
    source: "model.pt",
    format: "torch-zip",
    entries,
    modules: [],
    totals: {
      parameters: elements,
      trainable: null,
      buffers: 0,
      elements,
      byteLength: elements * 4,
      storedByteLength: elements * 4,
    },
    metadata: {},
    notices: [],
    ties: [],
    ...more,
  };
}

describe("the table", () => {
  it("aligns its columns and ends with the totals", () => {
    const text = renderText(
      facts([
        row(0, "conv1.weight"),
        row(1, "bias", { shape: [16], stride: [1], numel: 16, byteLength: 64, kind: "buffer" }),
      ]),
    );
    expect(text).toEqual([
      "name          shape          dtype    elements    size  kind",
      "conv1.weight  [16, 3, 3, 3]  float32       432  1.7 KB  parameter",
      "bias          [16]           float32        16    64 B  buffer",
      "",
      "model.pt (torch-zip): 2 tensors; 448 parameters; 1.8 KB",
      "requires_grad is not recorded in this file.",
    ]);
  });

  it("tells known from unknown requires_grad", () => {
    const text = renderText(
      facts([row(0, "a", { requiresGrad: true }), row(1, "b", { requiresGrad: false }), row(2, "c")]),
    );
    expect(text.slice(1, 4).map((line) => line.split(/  +/).at(-1))).toEqual(["True", "False", "?"]);
    expect(text).toContain("requires_grad is not recorded for all parameters.");
  });

  it("marks ties, strides, sparse layouts, absent data and devices", () => {
    const text = renderText(
      facts(
        [
          row(0, "a"),
          row(1, "b", { device: "cuda:0" }),
          row(2, "c"),
          row(3, "d", { stride: [1, 16, 48, 144] } as Partial<ReportEntry>),
          row(4, "e", {
            layout: "sparse",
            format: "sparse_coo",
            parts: {},
            stride: null,
            offset: null,
            storage: null,
          } as Partial<ReportEntry>),
          row(5, "f", { layout: "absent", why: "x", storage: null } as Partial<ReportEntry>),
        ],
        { ties: [{ entries: [0, 2, 3], names: ["a", "c", "d"] }] },
      ),
    );
    expect(text.slice(1, 7).map((line) => line.slice(line.indexOf("parameter") + 11))).toEqual([
      "= c (+1), cpu",
      "cuda:0",
      "= a (+1), cpu",
      "= a (+1), stride [1, 16, 48, 144], cpu",
      "sparse_coo, cpu",
      "no data",
    ]);
  });

  it("says once where everything was saved", () => {
    const text = renderText(facts([row(0, "a", { device: "cuda:0" }), row(1, "b", { device: "cuda:0" })]));
    expect(text[0]).not.toContain("notes");
    expect(text).toContain("All tensors were saved on cuda:0.");
  });

  it.each([30, 40, 60, 80, 100])("fits %d columns, by shorter names and then fewer columns", (width) => {
    const long = "transformer.encoder.layers.11.self_attention.in_proj_weight";
    const lines = renderText(facts([row(0, long, { sha256: "0".repeat(64) }), row(1, "重み.weight")]), {
      width,
    });
    const table = lines.slice(0, lines.indexOf(""));
    for (const line of table)
      expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(width, 24 + 2 + 13 + 2 + 12));
    expect(table[1]).toMatch(/^transformer\S*…\S*weight {2}/);
    expect(table[1]).toContain("[16, 3, 3, 3]");
  });

  it("lets nothing from a file reach the terminal as it is", () => {
    const text = renderText(
      facts([row(0, "\u001b[31mred\n\u202e", { subclass: "a\u0007b", device: "x\u009b" })], {
        source: "a\u001bb",
        notices: [{ code: "x", message: "from\u001b[2Jfile", names: [] }],
      }),
    ).join("");
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain("\\x1b[31mred\\x0a\\u202e");
  });

  it("colours by role without changing the layout", () => {
    const plain = renderText(facts([row(0, "a", { requiresGrad: false })]));
    const styled = renderText(facts([row(0, "a", { requiresGrad: false })]), {
      style: (text, role) => `<${role}>${text}</>`,
    });
    expect(styled.join("\n")).toContain("<frozen>False");
    expect(styled.map((line) => line.replaceAll(/<\/?\w*>/g, "").trimEnd())).toEqual(plain);
  });

  it("prints five notices of a kind and counts the others", () => {
    const notices = Array.from({ length: 9 }, (_, i) => ({
      code: "refused-tensor",
      message: `m${i}`,
      names: [],
    }));
    const text = renderText(facts([row(0, "a")], { notices }));
    expect(text.filter((line) => line.startsWith("note: "))).toEqual([
      ...[0, 1, 2, 3, 4].map((i) => `note: m${i}`),
      'note: 4 more of "refused-tensor"; --json has all.',
    ]);
  });

  // prettier-ignore
  it.each<[string, (index: number) => string[], string]>([
    ["of two copies", (i) => [`state_dict/${i}.w`, `ema/${i}.w`], 'note: 9 tensors share their elements between "state_dict" and "ema", such as "state_dict/0.w" and "ema/0.w"; counted once. --json has all.'],
    ["of one state", (i) => [`${i}.a`, `${i}.b`], 'note: 9 tensors share their elements with others, such as "0.a" and "0.b"; counted once. --json has all.'],
  ])("tells many ties %s in one sentence", (_, names, text) => {
    const notices = Array.from({ length: 9 }, (_, i) => ({ code: "shared-storage", message: `m${i}`, names: names(i) }));
    const lines = renderText(facts([row(0, "a")], { notices }));
    expect(lines.filter((line) => line.startsWith("note: "))).toEqual([text]);
  });

  it("calls a bare tensor by its empty name", () => {
    expect(renderText(facts([row(0, "")]))[1]).toMatch(/^"" {4}\[16/);
  });
});

describe("the tree", () => {
  const count = (entries: number, elements: number) => ({
    own: { entries, elements },
    total: { entries, elements },
  });
  const tree = facts([row(0, "layer1.0.weight"), row(1, "layer1.0.bias"), row(2, "scale")], {
    modules: [
      { name: "", class: "models.Net", training: true, ...count(3, 1296) },
      { name: "layer1", class: "torch.nn.Sequential", training: true, ...count(2, 864) },
      { name: "layer1.0", class: "torch.nn.BatchNorm2d", training: false, ...count(2, 864) },
      { name: "layer1.1", class: "torch.nn.ReLU", training: true, ...count(0, 0) },
    ],
  });

  it("shows modules with their class and total, tensors before modules", () => {
    expect(renderText(tree, { tree: true }).slice(0, -3)).toEqual([
      "name             shape                   dtype    elements    size  kind",
      "model.pt         Net                                 1,296",
      "├─ scale         [16, 3, 3, 3]           float32       432  1.7 KB  parameter",
      "└─ layer1        Sequential                            864",
      "   ├─ 0          BatchNorm2d, eval mode                864",
      "   │  ├─ weight  [16, 3, 3, 3]           float32       432  1.7 KB  parameter",
      "   │  └─ bias    [16, 3, 3, 3]           float32       432  1.7 KB  parameter",
      "   └─ 1          ReLU                                    0",
    ]);
  });

  it("folds what is deeper than asked for", () => {
    expect(renderText(tree, { tree: true, depth: 1 }).slice(1, 4)).toEqual([
      "model.pt   Net                          1,296",
      "├─ scale   [16, 3, 3, 3]  float32         432  1.7 KB  parameter",
      "└─ layer1  Sequential     2 tensors       864",
    ]);
    expect(renderText(tree, { tree: true, depth: 0 }).slice(1, 2)).toEqual([
      "model.pt  Net    3 tensors     1,296",
    ]);
  });
});

describe("JSON", () => {
  it("puts the common fields first, in the documented order", () => {
    const text = renderJson(facts([row(0, "a", { sha256: null, subclass: "x.Y" })]));
    const { entries } = JSON.parse(text) as { entries: object[] };
    const common = Object.keys(entries[0]!).slice(0, 16).join(" ");
    expect(common).toBe(
      "index path name module kind kindFrom dtype shape stride offset numel byteLength layout device storage requiresGrad",
    );
    expect(entries[0]).toMatchObject({ sha256: null, subclass: "x.Y" });
  });

  it("is the same data, whatever the names", () => {
    const names = ["__proto__", "\u0000\u001b\u009b\u202e", "\ud800", '"\\', "ключ"];
    const text = renderJson(facts(names.map((name, index) => row(index, name))));
    expect((JSON.parse(text) as { entries: { name: string }[] }).entries.map(({ name }) => name)).toEqual(
      names,
    );
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|\p{Surrogate}/u);
  });

  it("writes a scale that is no JSON number as a string", () => {
    const quantization = { scheme: "per-tensor", scale: -Infinity, zeroPoint: 3 } as const;
    expect(renderJson(facts([row(0, "a", { quantization })]))).toContain('"scale":"-inf"');
  });

  it("is whole also without entries", () => {
    expect(JSON.parse(renderJson(facts([])))).toMatchObject({ entries: [], modules: [], notices: [] });
  });
});
