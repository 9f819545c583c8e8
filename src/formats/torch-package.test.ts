import { describe, expect, it } from "vitest";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { pickleOf, tensorOf } from "../../test/fixtures/pickle-builder.ts";
import type { ZipRecord } from "../../test/fixtures/zip-builder.ts";
import { torchZip } from "../../test/fixtures/zip-builder.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { open } from "./open.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const dict = (items: Record<string, Pickled>): Pickled => new Map(Object.entries(items));

function openPackage(records: ZipRecord[]): Promise<Catalog> {
  return open(
    torchZip([
      { name: "pkg/.data/extern_modules", data: "torch\n" },
      { name: "pkg/.data/python_version", data: "3.11.7\n" },
      { name: "pkg/.data/0.storage", data: floats(1, 2) },
      { name: "pkg/net/model.py", data: "import os; os.abort()" },
      ...records,
    ]),
  );
}

describe("a torch.package archive", () => {
  it("lists the tensors of every pickle under its folders, over storages they share", async () => {
    const catalog = await openPackage([
      { name: "pkg/net/a.pkl", data: pickleOf(dict({ w: tensorOf(0, [2]) })) },
      { name: "pkg/b.pkl", data: pickleOf([tensorOf("0", [2])]) },
    ]);
    expect(catalog.format).toBe("torch-package");
    expect(catalog.entries.map(({ name, storage }) => [name, storage?.key])).toEqual([
      ["net/a.pkl/w", "0"],
      ["b.pkl/0", "0"],
    ]);
    expect(catalog.metadata).toEqual({
      archive: "pkg",
      pickles: ["net/a.pkl", "b.pkl"],
      pythonVersion: "3.11.7",
    });
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(1, 2));
  });

  it("sees through objects that only a package can hold", async () => {
    const attributes = dict({
      _parameters: dict({ w: tensorOf(0, [2]) }),
      _buffers: dict({}),
      _modules: dict({}),
    });
    const id: Pickled = {
      tuple: [
        "reduce_package",
        140,
        { global: ["torch.fx.graph_module", "reduce_package_graph_module"] },
        { tuple: [attributes, "fx-generated._0"] },
      ],
    };
    const catalog = await openPackage([{ name: "pkg/traced.pkl", data: pickleOf({ persistent: id }) }]);
    expect(catalog.entries).toMatchObject([
      { name: "traced.pkl/w", kind: "parameter", kindFrom: "recorded" },
    ]);
    expect(catalog.modules.at(-1)).toMatchObject({ class: "torch.fx.graph_module.GraphModule" });
  });

  it("says what it does not list: a damaged pickle, storages of no tensor, TorchScript", async () => {
    const catalog = await openPackage([
      { name: "pkg/bad.pkl", data: "no pickle" },
      { name: "pkg/.data/ts_code/0/data.pkl", data: "x" },
      { name: "pkg/.data/ts_code/1/data.pkl", data: "x" },
      { name: "pkg/.data/ts_code/code/__torch__/net.py", data: "x" },
    ]);
    expect(catalog.entries).toEqual([]);
    expect(catalog.notices.map(({ code }) => code)).toEqual([
      "refused-pickle",
      "torchscript-code",
      "unclaimed-storages",
    ]);
    expect(catalog.notices[1]!.message).toContain("2 TorchScript modules");
  });

  it("keeps folders called __proto__, and a pickle that bears a folder's name", async () => {
    const data = pickleOf(dict({ w: tensorOf(0, [2]) }));
    const { entries } = await openPackage([
      { name: "pkg/__proto__/a.pkl", data },
      { name: "pkg/x.pkl", data },
      { name: "pkg/x.pkl/y.pkl", data },
      { name: "pkg/z.pkl/y.pkl", data },
      { name: "pkg/z.pkl", data },
    ]);
    expect(entries.map(({ name }) => name)).toEqual([
      "__proto__/a.pkl/w",
      "x.pkl//w",
      "x.pkl/y.pkl/w",
      "z.pkl/y.pkl/w",
      "z.pkl//w",
    ]);
  });
});
