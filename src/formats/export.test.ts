import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pickleOf, tensorOf } from "../../test/fixtures/pickle-builder.ts";
import type { ZipRecord } from "../../test/fixtures/zip-builder.ts";
import { buildZip, torchZip } from "../../test/fixtures/zip-builder.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { open } from "./open.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const sizes = (...values: number[]): object[] => values.map((value) => ({ as_int: value }));
const fixture = (name: string): Promise<Catalog> =>
  open(readFileSync(new URL(`../../test/fixtures/export/${name}`, import.meta.url)));

const meta = {
  dtype: 7,
  sizes: sizes(2),
  strides: sizes(1),
  storage_offset: { as_int: 0 },
  requires_grad: true,
  device: { type: "cuda", index: 1 },
  layout: 7,
};
const payload = { path_name: "weight_0", is_param: true, use_pickle: false, tensor_meta: meta };

function openArchive(weights: object, more: readonly ZipRecord[] = []): Promise<Catalog> {
  return open(
    torchZip([
      { name: "m/archive_format", data: "pt2" },
      { name: "m/archive_version", data: "0" },
      { name: "m/byteorder", data: "little" },
      { name: "m/models/model.json", data: "{}" },
      { name: "m/data/weights/weight_0", data: floats(1, 2) },
      { name: "m/data/weights/model_weights_config.json", data: JSON.stringify({ config: weights }) },
      ...more,
    ]),
  );
}

describe("a torch.export archive", () => {
  it("lists what is recorded of a tensor", async () => {
    const catalog = await openArchive({ "fc.weight": payload, tied: payload });
    expect(catalog.entries).toEqual(
      ["fc.weight", "tied"].map((name, index) => ({
        index,
        path: [name],
        name,
        module: name === "tied" ? "" : "fc",
        kind: "parameter",
        kindFrom: "recorded",
        dtype: "float32",
        shape: [2],
        numel: 2,
        byteLength: 8,
        device: "cuda:1",
        requiresGrad: true,
        layout: "strided",
        stride: [1],
        offset: 0,
        storage: { key: "data/weights/weight_0", byteLength: 8 },
      })),
    );
    expect(catalog.storedByteLength).toBe(8);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(1, 2));
  });

  it.each<[string, object, RegExp]>([
    ["a dtype that is none", { tensor_meta: { ...meta, dtype: 99 } }, /dtype is number 99/],
    ["a size that is an expression", { tensor_meta: { ...meta, sizes: [{ as_expr: {} }] } }, /are none/],
    ["a negative stride", { tensor_meta: { ...meta, strides: sizes(-1) } }, /do not fit/],
    [
      "a view beyond the record",
      { tensor_meta: { ...meta, storage_offset: { as_int: 1 } } },
      /need 12 bytes/,
    ],
    ["sizes that overflow", { tensor_meta: { ...meta, sizes: sizes(2 ** 52, 2 ** 52) } }, /beyond 2\^53/],
    ["a record outside the folder", { path_name: "../../../etc/passwd" }, /no record/],
    ["nothing of a tensor", { tensor_meta: null }, /dtype is number NaN/],
  ])("refuses by name %s", async (_what, lies, reason) => {
    const { entries, notices } = await openArchive({ bad: { ...payload, ...lies }, good: payload });
    expect(entries.map(({ name }) => name)).toEqual(["good"]);
    expect(notices).toMatchObject([{ code: "refused-tensor", message: expect.stringMatching(reason) }]);
  });

  it("puts the name of the model before the names of its tensors where there are several", async () => {
    const catalog = await openArchive({ w: payload }, [
      { name: "m/models/other.json", data: "{}" },
      { name: "m/data/weights/other_weights_config.json", data: JSON.stringify({ config: { w: payload } }) },
    ]);
    expect(catalog.entries.map(({ name }) => name)).toEqual(["model/w", "other/w"]);
    expect(catalog.metadata).toMatchObject({ models: ["model", "other"] });
  });

  it("tells the buffers among the constants by the program, and does without it when it is damaged", async () => {
    const spec = { input_specs: [{ buffer: { buffer_name: "table", persistent: false } }] };
    const constants = { table: { ...payload, path_name: "tensor_0", is_param: false } };
    const records = (program: string): ZipRecord[] => [
      { name: "m/models/model.json", data: program },
      { name: "m/data/constants/tensor_0", data: floats(3, 4) },
      { name: "m/data/constants/model_constants_config.json", data: JSON.stringify({ config: constants }) },
    ];
    const openWith = (program: string): Promise<Catalog> =>
      open(torchZip([{ name: "m/archive_format", data: "pt2" }, ...records(program)]));
    const known = await openWith(JSON.stringify({ graph_module: { signature: spec } }));
    expect(known.entries[0]).toMatchObject({ name: "table", kind: "buffer", kindFrom: "recorded" });
    const unknown = await openWith("{");
    expect(unknown.entries[0]).toMatchObject({ name: "table", kind: "buffer", kindFrom: "inferred" });
    expect(unknown.notices).toMatchObject([{ code: "unread-program" }, { code: "no-weights" }]);
  });

  it("looks into tensors that are files of torch.save, and says which are damaged", async () => {
    const nested = torchZip([
      { name: "archive/data.pkl", data: pickleOf(tensorOf("0", [2], { requiresGrad: true })) },
      { name: "archive/version", data: "99" },
      { name: "archive/data/0", data: floats(7, 8) },
    ]);
    const pickled = { is_param: true, use_pickle: true, tensor_meta: null };
    const catalog = await openArchive(
      { good: { ...pickled, path_name: "weight_1" }, bad: { ...pickled, path_name: "weight_2" } },
      [
        { name: "m/data/weights/weight_1", data: nested },
        { name: "m/data/weights/weight_2", data: "no zip" },
      ],
    );
    expect(catalog.entries).toMatchObject([
      {
        name: "good",
        kind: "parameter",
        kindFrom: "recorded",
        storage: { key: "m/data/weights/weight_1:0" },
      },
    ]);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(7, 8));
    expect(catalog.notices).toMatchObject([
      { code: "version", message: expect.stringMatching(/^In "m\/data\/weights\/weight_1": /) },
      { code: "refused-record", message: expect.stringMatching(/"m\/data\/weights\/weight_2"/) },
    ]);
  });

  it("is refused without a program", async () => {
    const opened = open(torchZip([{ name: "m/archive_format", data: "pt2" }]));
    await expect(opened).rejects.toMatchObject({ name: "FormatError", code: "export-incomplete" });
  });

  it("says of compiled code that it was left alone", async () => {
    const { notices } = await openArchive({}, [
      { name: "m/data/aotinductor/model/model.so", data: "\x7fELF" },
    ]);
    expect(notices.map(({ code }) => code)).toEqual(["compiled-code"]);
  });

  it("has the same tensors in the layouts of all versions", async () => {
    const tensors = async (name: string): Promise<unknown[]> => {
      const catalog = await fixture(name);
      return Promise.all(
        catalog.entries.map(async (entry) => {
          const { path, kind, kindFrom, dtype, shape, stride, offset } = entry;
          return { path, kind, kindFrom, dtype, shape, stride, offset, bytes: await catalog.read(entry) };
        }),
      );
    };
    const today = await tensors("model.pt2");
    expect(await tensors("as-2.8.pt2")).toEqual(today);
    expect(await tensors("before-2.8.pt2")).toEqual(today);
  });

  it("reads the signature as PyTorch 2.1 wrote it", async () => {
    const nested = torchZip([
      {
        name: "archive/data.pkl",
        data: pickleOf(
          new Map([
            ["w", tensorOf("0", [2])],
            ["m", tensorOf("1", [2])],
          ]),
        ),
      },
      { name: "archive/data/0", data: floats(1, 2) },
      { name: "archive/data/1", data: floats(3, 4) },
    ]);
    const signature = { inputs_to_parameters: { arg0: "w" }, inputs_to_buffers: { arg1: "m" } };
    const catalog = await open(
      buildZip([
        { name: "serialized_exported_program.json", data: JSON.stringify({ graph_module: { signature } }) },
        { name: "serialized_state_dict.json", data: nested },
        { name: "version", data: "1.1" },
      ]),
    );
    expect(catalog.entries).toMatchObject([
      { name: "w", kind: "parameter", kindFrom: "recorded" },
      { name: "m", kind: "buffer", kindFrom: "recorded" },
    ]);
    expect(catalog.metadata).toEqual({ schemaVersion: "1.1" });
  });
});
