import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { pickleOf, tensorOf } from "../../test/fixtures/pickle-builder.ts";
import type { ZipRecord } from "../../test/fixtures/zip-builder.ts";
import { torchZip } from "../../test/fixtures/zip-builder.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { dtypes } from "../dtype.ts";
import { open } from "./open.ts";
import { saveBytes } from "./save.ts";
import { pythonClassOf, scriptClasses, scriptRecordOf } from "./torchscript-code.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const dict = (items: Record<string, Pickled>): Pickled => new Map(Object.entries(items));
const fixture = (name: string): Promise<Catalog> =>
  open(readFileSync(new URL(`../../test/fixtures/torchscript/${name}`, import.meta.url)));

/** An object of a class of the program. */
const scripted = (module: string, name: string, state: Pickled): Pickled => ({
  make: { global: [module, name] },
  state,
});
const tag = (name: string, ...args: Pickled[]): Pickled => ({
  call: { global: ["torch.jit._pickle", name] },
  args,
});

interface ArchiveParts {
  readonly data: Pickled;
  readonly constants?: Pickled;
  readonly code?: Record<string, string>;
  readonly records?: readonly ZipRecord[];
}

function openArchive({
  data,
  constants = { tuple: [] },
  code = {},
  records = [],
}: ArchiveParts): Promise<Catalog> {
  return open(
    torchZip([
      { name: "m/data/0", data: floats(1, 2) },
      { name: "m/data/1", data: floats(3, 4) },
      { name: "m/constants/0", data: floats(5, 6) },
      { name: "m/data.pkl", data: pickleOf(data) },
      { name: "m/constants.pkl", data: pickleOf(constants) },
      ...Object.entries(code).map(([name, text]) => ({ name: `m/code/${name}`, data: text, deflate: true })),
      { name: "m/version", data: "3\n" },
      ...records,
    ]),
  );
}

const facts = ({ entries }: Catalog): unknown[] =>
  entries.map(({ name, kind, kindFrom, storage }) => [name, kind, kindFrom, storage?.key]);

describe("a TorchScript archive", () => {
  const net = 'class Net(Module):\n  __parameters__ = ["w", ]\n  __buffers__ = ["b", ]\n  w : Tensor\n';

  it("tells parameters, buffers and other tensors apart by the class text", async () => {
    const catalog = await openArchive({
      data: scripted(
        "__torch__",
        "Net",
        dict({ b: tensorOf("1", [2]), w: tensorOf("0", [2]), t: tensorOf("0", [1], { numel: 2 }) }),
      ),
      code: { "__torch__.py": net },
    });
    expect(facts(catalog)).toEqual([
      ["w", "parameter", "recorded", "data/0"],
      ["b", "buffer", "recorded", "data/1"],
      ["t", "buffer", "inferred", "data/0"],
    ]);
    expect(catalog.modules).toEqual([{ name: "", class: "__main__.Net", training: null }]);
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(3, 4));
  });

  it("takes no tie from the list in which a recurrent layer keeps its own parameters", async () => {
    // Written as a tensor of its own over the same elements, not as the same object.
    const again = tag("build_tensorlist", [tensorOf("0", [2]), tensorOf("1", [2])]);
    const catalog = await openArchive({
      data: scripted("__torch__", "Net", dict({ w: tensorOf("0", [2]), _flat_weights: again })),
      code: { "__torch__.py": net },
    });
    expect(facts(catalog)).toEqual([
      ["w", "parameter", "recorded", "data/0"],
      ["_flat_weights/1", "buffer", "inferred", "data/1"],
    ]);
  });

  it("names the items of a state that is a tuple as __setstate__ does", async () => {
    const code = [
      "class Conv(Module):",
      "  __parameters__ = []",
      "  __buffers__ = []",
      "  def __setstate__(self: __torch__.q.Conv,",
      "    state: Tuple[int, Tensor, Optional[Tensor], bool]) -> NoneType:",
      "    self.groups = (state)[0]",
      "    _7 = (self).set_weight_bias((state)[1], (state)[2], )",
      "    self.training = (state)[3]",
      "  def other(self):",
      "    self.wrong = (state)[1]",
      "class Net(Module):",
      "  __parameters__ = []",
    ].join("\n");
    const conv = scripted("__torch__.q", "Conv", { tuple: [1, tensorOf("0", [2]), null, true] });
    const catalog = await openArchive({
      data: scripted("__torch__.q", "Net", dict({ conv })),
      code: { "__torch__/q.py": code },
    });
    expect(facts(catalog)).toEqual([["conv.weight", "parameter", "inferred", "data/0"]]);
    expect(catalog.modules.at(-1)).toEqual({ name: "conv", class: "q.Conv", training: true });
  });

  it("lists constants beside the modules, over storages of their own", async () => {
    const packed = scripted("__torch__.torch.classes.xnnpack", "LinearOpContext", {
      tuple: [tensorOf("0", [1], { numel: 2 })],
    });
    const catalog = await openArchive({
      data: scripted("__torch__", "Net", dict({ w: tensorOf("0", [2]) })),
      constants: { tuple: [tensorOf("0", [2]), packed] },
      code: { "__torch__.py": net },
    });
    expect(facts(catalog)).toEqual([
      ["w", "parameter", "recorded", "data/0"],
      ["constants/0", "tensor", "unknown", "constants/0"],
      ["constants/1/0", "parameter", "inferred", "constants/0"],
    ]);
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(5, 6));
    expect(catalog.notices.map(({ code }) => code)).toEqual(["program-constants", "unclaimed-storages"]);
  });

  it("sees through types that are given to lists, however deep", async () => {
    let value = tensorOf("0", [2]);
    for (let i = 0; i < 50; i += 1) value = tag("restore_type_tag", i % 2 === 0 ? [value] : value, "Any");
    const catalog = await openArchive({
      data: scripted("__torch__", "Net", dict({ t: value })),
      code: { "__torch__.py": net },
    });
    expect(catalog.entries.map(({ path }) => path)).toEqual([["t", ...Array.from({ length: 25 }, () => 0)]]);
  });

  it("lists what it can where the program text is missing", async () => {
    const catalog = await openArchive({
      data: scripted("__torch__", "Gone", dict({ w: tensorOf("0", [2]) })),
    });
    expect(facts(catalog)).toMatchObject([
      ["w", expect.anything(), expect.not.stringMatching("recorded"), "data/0"],
    ]);
  });

  it("swaps the numbers of a big-endian archive", async () => {
    const catalog = await openArchive({
      data: scripted("__torch__", "Net", dict({ w: tensorOf("0", [2]) })),
      code: { "__torch__.py": net },
      records: [{ name: "m/byteorder", data: "big" }],
    });
    const swapped = new DataView(new ArrayBuffer(8));
    swapped.setFloat32(0, 1);
    swapped.setFloat32(4, 2);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(new Uint8Array(swapped.buffer));
  });

  it("refuses a byte order that is none", async () => {
    const opened = openArchive({ data: null, records: [{ name: "m/byteorder", data: "middle" }] });
    await expect(opened).rejects.toMatchObject({ name: "FormatError", code: "archive-byteorder" });
  });

  it("lists the weights of layers that are quantized as they run", async () => {
    const catalog = await fixture("dynamic.jit");
    expect(catalog.entries.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ["lstm._all_weight_values.0.param/1/0", "float32", [12]],
      ["lstm._all_weight_values.0.param/1/1", "float32", [12]],
      ["lstm._all_weight_values.0.param/4/0/0", "qint8", [12, 2]],
      ["lstm._all_weight_values.0.param/4/0/1", "float32", [12]],
      ["lstm._all_weight_values.0.param/4/1/0", "qint8", [12, 3]],
      ["lstm._all_weight_values.0.param/4/1/1", "float32", [12]],
      ["lstm._all_weight_values.1.param/1/0", "float32", [12]],
      ["lstm._all_weight_values.1.param/1/1", "float32", [12]],
      ["lstm._all_weight_values.1.param/4/0/0", "qint8", [12, 3]],
      ["lstm._all_weight_values.1.param/4/0/1", "float32", [12]],
      ["lstm._all_weight_values.1.param/4/1/0", "qint8", [12, 3]],
      ["lstm._all_weight_values.1.param/4/1/1", "float32", [12]],
      ["fc._packed_params._packed_params/0", "qint8", [2, 3]],
      ["fc._packed_params._packed_params/1", "float32", [2]],
    ]);
    expect(catalog.entries.filter(({ quantization }) => quantization !== undefined)).toHaveLength(5);
    expect(catalog.entries.every(({ kind }) => kind === "parameter")).toBe(true);
  });
});

describe("an archive of PyTorch 1.0", () => {
  it("lists the modules of its JSON over the table of tensors, with constants that no module has", async () => {
    const catalog = await fixture("old.jit");
    expect(
      catalog.entries.map(({ name, kind, dtype, shape, stride, offset, requiresGrad, storage }) => [
        name,
        kind,
        dtype,
        shape,
        stride,
        offset,
        requiresGrad,
        storage?.key,
      ]),
    ).toEqual([
      ["bias", "parameter", "float64", [2], [1], 0, false, "tensors/1"],
      ["tied", "parameter", "float32", [2, 2], [3, 1], 1, true, "tensors/0"],
      ["inner.weight", "parameter", "float32", [2, 2], [3, 1], 1, true, "tensors/0"],
      ["inner.count", "buffer", "int64", [], [], 0, false, "tensors/2"],
      ["constants/3", "tensor", "float16", [2], [1], 0, false, "tensors/3"],
    ]);
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(1, 2, 4, 5));
    const half = await catalog.read(catalog.entries[4]!);
    expect(dtypes.float16.get(new DataView(half.buffer, half.byteOffset), 1)).toBe(2);
  });

  const tensor = {
    dims: ["2"],
    strides: ["1"],
    offset: "0",
    requiresGrad: true,
    dataType: "FLOAT",
    data: { key: "tensors/0" },
  };
  const openModel = (model: object, more: ZipRecord[] = []): Promise<Catalog> =>
    open(
      torchZip([
        { name: "m/model.json", data: JSON.stringify(model) },
        { name: "m/tensors/0", data: floats(1, 2) },
        ...more,
      ]),
    );

  it("finds the attributes that are tensors", async () => {
    const ids = [7, { call: { global: ["torch.jit._pickle", "build_tensor_from_id"] }, args: [0] }] as const;
    const main = {
      name: "",
      attributes: [
        { type: "int", name: "n", id: "0" },
        { type: "Tensor", name: "t", id: "1" },
      ],
    };
    const catalog = await openModel({ mainModule: main, tensors: [tensor] }, [
      { name: "m/attributes.pkl", data: pickleOf([...ids]) },
    ]);
    expect(facts(catalog)).toEqual([["t", "buffer", "inferred", "tensors/0"]]);
  });

  it.each<[string, object, RegExp]>([
    ["a tensor that is not in the table", { tensorId: "5" }, /tensor 5 of 1/],
    [
      "a reach beyond the storage",
      { tensorId: "0", dims: ["3"] },
      /need 12 bytes of "tensors\/0", which has 8/,
    ],
    ["sizes and strides that differ", { tensorId: "0", strides: [] }, /do not fit/],
    ["a negative size", { tensorId: "0", dims: ["-2"] }, /are none/],
    ["a record that is not there", { tensorId: "0", data: { key: "../x" } }, /no record "\.\.\/x"/],
    ["a type that is none", { tensorId: "0", dataType: "STRING" }, /its type is "STRING"/],
  ])("refuses by name %s", async (_what, { tensorId, ...lies }: { tensorId?: string }, reason) => {
    const main = { parameters: [{ name: "w", tensorId }] };
    const { entries, notices } = await openModel({ mainModule: main, tensors: [{ ...tensor, ...lies }] });
    expect(entries.filter(({ name }) => name === "w")).toEqual([]);
    expect(notices[0]).toMatchObject({ code: "refused-tensor", message: expect.stringMatching(reason) });
  });

  it("says when its JSON describes no model", async () => {
    await expect(openModel({ tensors: [] })).rejects.toMatchObject({
      name: "FormatError",
      code: "model-json",
    });
  });
});

describe("the class text", () => {
  it("gives names as PyTorch wrote them, quotes included", () => {
    const text =
      'class A(Module):\n  __parameters__ = ["b c"d", "e", ]\n  __buffers__ = []\ndef f(x):\n  return x\n';
    const found = scriptClasses(text).get("A")!;
    expect([...found.parameters]).toEqual(['b c"d', "e"]);
    expect([...found.buffers]).toEqual([]);
  });

  it("knows which classes are modules", () => {
    const text =
      "class A(Module):\n  training : bool\nclass B:\n  a : Tensor\nclass C(NamedTuple):\n  a : int\n";
    expect([...scriptClasses(text)].map(([name, { isModule }]) => [name, isModule])).toEqual([
      ["A", true],
      ["B", false],
      ["C", false],
    ]);
  });

  it.each([
    ["__torch__", "code/__torch__.py"],
    ["__torch__.a.___torch_mangle_3", "code/__torch__/a/___torch_mangle_3.py"],
    ["__torch__.torch.classes.quantized", null],
    ["torch.nn", null],
  ])("of %s is in %s", (module, record) => {
    expect(scriptRecordOf(module)).toBe(record);
  });

  it.each([
    ["__torch__.torch.nn.modules.linear.___torch_mangle_4.Linear", "torch.nn.modules.linear.Linear"],
    ["__torch__.___torch_mangle_0.Net", "__main__.Net"],
    ["collections.Counter", "collections.Counter"],
  ])("makes of %s the class %s", (name, python) => {
    expect(pythonClassOf(name)).toBe(python);
  });
});

describe("a TorchScript archive that is saved", () => {
  it("has its sparse tensors as torch.save writes them", async () => {
    const archive = await fixture("exotic.jit");
    const bytes = await saveBytes(archive);
    const text = Buffer.from(bytes).toString("latin1");
    expect(text.match(/torch\.sparse_(?:coo|csr)/g)).toEqual(["torch.sparse_coo", "torch.sparse_csr"]);
    const saved = await open(bytes);
    for (const name of ["coo", "csr"]) {
      const [before, after] = [archive, saved].map(({ entries }) =>
        entries.find((entry) => entry.name === name),
      );
      expect(after).toMatchObject({ layout: "sparse", format: `sparse_${name}`, shape: before!.shape });
    }
  });
});
