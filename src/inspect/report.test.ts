import { describe, expect, it } from "vitest";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { Entry, EntryFacts, Layout } from "../catalog/entry.ts";
import { moduleTree } from "../catalog/modules.ts";
import { byteLengthOf, dtypes } from "../dtype.ts";
import { joinPath, moduleOf } from "../name.ts";
import { report } from "./report.ts";
import { processorTime } from "../../test/processor-time.ts";

/** An entry in a storage of its own that it fills, unless told otherwise. */
type Sketch = Partial<EntryFacts> & { readonly layout?: Layout };

function entry(index: number, path: readonly (string | number)[], sketch: Sketch = {}): Entry {
  const { layout, ...facts } = sketch;
  const shape = facts.shape ?? [2, 3];
  const dtype = facts.dtype ?? "float32";
  const numel = shape.reduce((product, size) => product * size, 1);
  const byteLength = byteLengthOf(dtypes[dtype], numel);
  const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return {
    index,
    path,
    name: joinPath(path),
    module: moduleOf(path),
    kind: "parameter",
    kindFrom: "inferred",
    dtype,
    shape,
    numel,
    byteLength,
    device: "cpu",
    requiresGrad: null,
    ...facts,
    ...(layout ?? { layout: "strided", stride, offset: 0, storage: { key: `own ${index}`, byteLength } }),
  };
}

/** A view of a storage. */
function at(key: string, byteLength: number, stride: readonly number[], offset: number): Layout {
  return { layout: "strided", stride, offset, storage: { key, byteLength } };
}

function catalog(entries: readonly Entry[], more: Partial<Catalog> = {}): Catalog {
  const storages = new Map(
    entries.flatMap(({ storage }) => (storage ? [[storage.key, storage.byteLength] as const] : [])),
  );
  return {
    format: "torch-zip",
    entries,
    root: null,
    modules: moduleTree(
      [],
      entries.map(({ module }) => module),
    ),
    metadata: {},
    notices: [],
    storedByteLength: [...storages.values()].reduce((sum, size) => sum + size, 0),
    read: () => Promise.reject(new Error("a report reads nothing")),
    blocks: () => {
      throw new Error("a report reads nothing");
    },
    ...more,
  };
}

const codes = (notices: readonly Notice[]): string[] => notices.map(({ code }) => code);

describe("totals", () => {
  it("count parameters, buffers and everything", () => {
    const { totals } = report(
      catalog([
        entry(0, ["fc.weight"]),
        entry(1, ["bn.running_mean"], { kind: "buffer", shape: [3] }),
        entry(2, ["loose"], { kind: "tensor", kindFrom: "unknown", shape: [5] }),
        entry(3, ["state", 0, "exp_avg"], { kind: "optimizer-state", shape: [7] }),
      ]),
    );
    expect(totals).toEqual({
      parameters: 11,
      trainable: null,
      buffers: 3,
      elements: 21,
      byteLength: 84,
      storedByteLength: 84,
    });
  });

  it("say what is trainable only when every parameter records it", () => {
    const trained = entry(0, ["a"], { requiresGrad: true });
    const frozen = entry(1, ["b"], { requiresGrad: false, shape: [4] });
    const unknown = entry(2, ["c"]);
    const buffer = entry(3, ["d"], { kind: "buffer" });
    expect(report(catalog([trained, frozen, buffer])).totals.trainable).toBe(6);
    expect(report(catalog([trained, frozen, unknown])).totals.trainable).toBeNull();
  });

  it("count tied elements once, in the module of each name and in all", () => {
    const shared = at("s", 24, [3, 1], 0);
    const { totals, modules, ties, notices } = report(
      catalog([
        entry(0, ["embed.weight"], { layout: shared }),
        entry(1, ["head.weight"], { layout: shared }),
        entry(2, ["head.bias"], { shape: [2] }),
      ]),
    );
    expect(totals).toMatchObject({ parameters: 8, elements: 8, byteLength: 32, storedByteLength: 32 });
    expect(ties).toEqual([{ entries: [0, 1], names: ["embed.weight", "head.weight"] }]);
    expect(notices).toEqual([
      {
        code: "shared-storage",
        message: '"embed.weight" and "head.weight" are one tensor under several names; counted once.',
        names: ["embed.weight", "head.weight"],
      },
    ]);
    expect(
      modules.map(({ name, own, total }) => [name, own.elements, total.elements, total.entries]),
    ).toEqual([
      ["", 0, 8, 3],
      ["embed", 6, 6, 1],
      ["head", 8, 8, 2],
    ]);
  });

  it.each<[string, Sketch, Sketch, number, string[]]>([
    [
      "halves",
      { shape: [6], layout: at("s", 48, [1], 0) },
      { shape: [6], layout: at("s", 48, [1], 6) },
      12,
      [],
    ],
    [
      "windows that overlap",
      { shape: [6], layout: at("s", 40, [1], 0) },
      { shape: [6], layout: at("s", 40, [1], 4) },
      10,
      ["overlapping-storage"],
    ],
    [
      "a row and a column that cross",
      { shape: [4], layout: at("s", 64, [1], 4) },
      { shape: [4], layout: at("s", 64, [4], 1) },
      7,
      ["overlapping-storage", "unreachable-bytes"],
    ],
    [
      "columns side by side",
      { shape: [4, 2], layout: at("s", 64, [4, 1], 0) },
      { shape: [4, 2], layout: at("s", 64, [4, 1], 2) },
      16,
      [],
    ],
    [
      "a transpose",
      { shape: [2, 3], layout: at("s", 24, [3, 1], 0) },
      { shape: [3, 2], layout: at("s", 24, [1, 3], 0) },
      6,
      ["shared-storage"],
    ],
    [
      "empty views of one place",
      { shape: [0], layout: at("s", 4, [1], 0) },
      { shape: [0], layout: at("s", 4, [1], 0) },
      0,
      ["unreachable-bytes"],
    ],
  ])("count what two views share once: %s", (_, first, second, elements, expected) => {
    const { totals, notices } = report(catalog([entry(0, ["a"], first), entry(1, ["b"], second)]));
    expect(totals.elements).toBe(elements);
    expect(totals.byteLength).toBe(elements * 4);
    expect(codes(notices)).toEqual(expected);
  });

  it("does not call a tensor and its conjugate one tensor", () => {
    const layout = at("s", 24, [1], 0);
    const [first, second] = [
      entry(0, ["a"], { shape: [6], layout }),
      entry(1, ["b"], { shape: [6], layout }),
    ];
    const { notices } = report(catalog([first, { ...second, lazy: ["conj"] }]));
    expect(notices.map(({ message }) => message)).toEqual([
      '"a" and "b" show the same elements, some of them conjugated or negated; counted once.',
    ]);
  });

  it("count an expanded view as PyTorch's numel does", () => {
    expect(
      report(catalog([entry(0, ["a"], { shape: [5, 2], layout: at("s", 8, [0, 1], 0) })])).totals,
    ).toMatchObject({
      elements: 10,
      storedByteLength: 8,
    });
  });

  it("count the same sparse parts once", () => {
    const part = {
      dtype: "float32",
      shape: [2],
      stride: [1],
      offset: 0,
      storage: { key: "v", byteLength: 8 },
    } as const;
    const layout: Layout = {
      layout: "sparse",
      format: "sparse_coo",
      parts: { values: part },
      stride: null,
      offset: null,
      storage: null,
    };
    const { totals, ties } = report(
      catalog([entry(0, ["a"], { layout }), entry(1, ["b"], { layout })], { storedByteLength: 8 }),
    );
    expect(totals.elements).toBe(6);
    expect(ties).toHaveLength(1);
  });

  it("count tensors without data by their shape", () => {
    const layout: Layout = {
      layout: "absent",
      why: "it is on the meta device",
      stride: [3, 1],
      offset: 0,
      storage: null,
    };
    const { totals, notices } = report(catalog([entry(0, ["a"], { layout, device: "meta" })]));
    expect(totals).toMatchObject({ elements: 6, byteLength: 24, storedByteLength: 0 });
    expect(notices).toEqual([]);
  });
});

describe("notices", () => {
  it("tell of bytes that no tensor reaches, in a storage and in storages nobody uses", () => {
    const slice = entry(0, ["slice"], { shape: [10], layout: at("s", 16_000, [1], 100) });
    const { notices, totals } = report(catalog([slice], { storedByteLength: 20_000 }));
    expect(totals).toMatchObject({ byteLength: 40, storedByteLength: 20_000 });
    expect(notices).toEqual([
      {
        code: "unreachable-bytes",
        message: '16.0 KB of the 16.0 KB in storage "s" are stored, but "slice" does not reach them.',
        names: ["slice"],
      },
      { code: "unreachable-bytes", message: "4.0 KB are stored in storages that no tensor uses.", names: [] },
    ]);
  });

  it("end with the catalog's own", () => {
    const own: Notice = { code: "no-checksums", message: "No checksums.", names: [] };
    expect(report(catalog([entry(0, ["a"])], { notices: [own] })).notices).toEqual([own]);
  });

  it("say when counts are only upper bounds", () => {
    const columns = [0, 1, 2].map((offset) =>
      entry(offset, [`c${offset}`], { shape: [600_000, 1], layout: at("s", 4 * 1_800_000, [3, 1], offset) }),
    );
    const { notices, totals } = report(catalog(columns));
    expect(codes(notices)).toContain("approximate-counts");
    expect(totals.elements).toBe(1_800_000 - 2 + 2);
  });
});

describe("a selection", () => {
  const shared = at("s", 24, [3, 1], 0);
  const whole = catalog([
    entry(0, ["embed.weight"], { layout: shared }),
    entry(1, ["body.fc.weight"], { shape: [4] }),
    entry(2, ["head.weight"], { layout: shared }),
  ]);

  it("is what rows, modules and totals are about", () => {
    const chosen = report(whole, { source: "x.pt", select: ({ name }) => name === "body.fc.weight" });
    expect(chosen.source).toBe("x.pt");
    expect(chosen.entries.map(({ index }) => index)).toEqual([1]);
    expect(chosen.modules.map(({ name }) => name)).toEqual(["", "body", "body.fc"]);
    expect(chosen.totals).toMatchObject({ elements: 4, storedByteLength: 16 });
    expect(chosen.notices).toEqual([]);
  });

  it("still says with whom its entries share", () => {
    const chosen = report(whole, { select: ({ name }) => name === "head.weight" });
    expect(chosen.totals.elements).toBe(6);
    expect(chosen.ties).toEqual([{ entries: [0, 2], names: ["embed.weight", "head.weight"] }]);
    expect(codes(chosen.notices)).toEqual(["shared-storage"]);
  });
});

describe("modules", () => {
  it("keep the recorded order, classes and modes, and those without entries", () => {
    const modules = [
      { name: "", class: "Net", training: false },
      { name: "b", class: "torch.nn.ReLU", training: false },
      { name: "a", class: null, training: null },
    ];
    const { modules: rows } = report(catalog([entry(0, ["a.weight"])], { modules }));
    expect(rows.map((row) => [row.name, row.class, row.training, row.total.entries])).toEqual([
      ["", "Net", false, 1],
      ["b", "torch.nn.ReLU", false, 0],
      ["a", null, null, 1],
    ]);
  });

  it("are found for entries whose module nobody listed", () => {
    const { modules } = report(catalog([entry(0, ["x", "a.b.weight"])], { modules: [] }));
    expect(modules.map(({ name }) => name)).toEqual(["", "x", "x/a", "x/a.b"]);
  });
});

it("reports on 100 000 entries of one storage in about a second, and without reading", () => {
  const entries = Array.from({ length: 100_000 }, (_, i) =>
    entry(i, [`layers.${i >> 3}.experts.${i & 7}.weight`], {
      shape: [4],
      layout: at("s", 4 * 400_003, [1], i * 4),
    }),
  );
  const started = processorTime();
  expect(report(catalog(entries)).totals.elements).toBe(400_000);
  expect(processorTime() - started).toBeLessThan(5000);
});
