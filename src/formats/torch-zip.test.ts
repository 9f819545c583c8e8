import { describe, expect, it } from "vitest";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { parameterOf, pickleOf, tensorOf } from "../../test/fixtures/pickle-builder.ts";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import type { ZipRecord } from "../../test/fixtures/zip-builder.ts";
import { buildZip, torchZip } from "../../test/fixtures/zip-builder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { open } from "./open.ts";
import { saveBytes } from "./save.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const dict = (items: Record<string, Pickled>): Pickled => new Map(Object.entries(items));

/** The records of a checkpoint: its pickle, its storages, and what else stands beside them. */
function recordsOf(
  value: Pickled,
  storages: Record<string, Uint8Array> = {},
  extra: ZipRecord[] = [],
): ZipRecord[] {
  return [
    { name: "model/data.pkl", data: pickleOf(value) },
    ...Object.entries(storages).map(([key, data]) => ({ name: `model/data/${key}`, data })),
    { name: "model/version", data: "3\n" },
    ...extra,
  ];
}

function openPickle(
  value: Pickled,
  storages: Record<string, Uint8Array> = {},
  extra: ZipRecord[] = [],
): Promise<Catalog> {
  return open(torchZip(recordsOf(value, storages, extra)));
}

async function faultOf(bytes: Uint8Array): Promise<unknown> {
  return open(bytes).catch((error: unknown) => error);
}

const codesOf = (catalog: Catalog): string[] => catalog.notices.map(({ code }) => code);
const namesOf = (catalog: Catalog): string[] => catalog.entries.map(({ name }) => name);

describe("torch-zip: the container", () => {
  it("opens old files: another root, no byte order, keys that are pointers", async () => {
    const catalog = await open(
      buildZip([
        { name: "a.zip/data.pkl", data: pickleOf(dict({ w: tensorOf("94340341200128", [2]) })) },
        { name: "a.zip/data/94340341200128", data: floats(1, 2) },
        { name: "a.zip/version", data: "2\n" },
      ]),
    );
    expect(catalog.metadata).toEqual({ archive: "a.zip", version: 2, pickleProtocol: 2 });
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(1, 2));
  });

  it("reads deflated records", async () => {
    const records = recordsOf(dict({ w: tensorOf("0", [1000]) }), {
      0: floats(...Array.from({ length: 1000 }, (_, i) => i)),
    });
    const catalog = await open(torchZip(records.map((record) => Object.assign(record, { deflate: true }))));
    expect(await catalog.read(catalog.entries[0]!, { start: 4, end: 12 })).toEqual(floats(1, 2));
  });

  it("swaps the bytes of big-endian storages, also those that the pickle calls untyped", async () => {
    const big = Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0);
    const untyped: Pickled = {
      call: { global: ["torch._utils", "_rebuild_tensor_v3"] },
      args: [
        {
          persistent: { tuple: ["storage", { global: ["torch.storage", "UntypedStorage"] }, "1", "cpu", 4] },
        },
        0,
        { tuple: [2] },
        { tuple: [1] },
        false,
        new Map(),
        { global: ["torch", "uint16"] },
      ],
    };
    const catalog = await openPickle(
      dict({ w: tensorOf("0", [2]), u: untyped }),
      { 0: big, 1: Uint8Array.of(1, 2, 3, 4) },
      [{ name: "model/byteorder", data: "big" }],
    );
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(1, 2));
    expect(await catalog.read(catalog.entries[0]!, { start: 3, end: 5 })).toEqual(
      floats(1, 2).subarray(3, 5),
    );
    expect(await catalog.read(catalog.entries[1]!)).toEqual(Uint8Array.of(2, 1, 4, 3));
  });

  it.each([
    ["an unknown byte order", [{ name: "model/byteorder", data: "middle" }], "torch-zip-byteorder"],
    [
      "a record that stands twice",
      [
        { name: "model/data/0", data: "x" },
        { name: "model/data/0", data: "y" },
      ],
      "zip-duplicate-name",
    ],
  ])("refuses %s", async (_what, extra, code) => {
    expect(await faultOf(torchZip(recordsOf(dict({}), {}, extra)))).toMatchObject({
      name: "FormatError",
      code,
    });
  });

  it.each([
    ["no version", []],
    ["a version PyTorch does not know", [{ name: "model/version", data: "999\n" }]],
    ["a version that is no number", [{ name: "model/version", data: "three\n" }]],
  ])("opens a file with %s and says so", async (_what, version) => {
    const catalog = await open(torchZip([{ name: "model/data.pkl", data: pickleOf(dict({})) }, ...version]));
    expect(codesOf(catalog)).toEqual(["version"]);
  });

  it("says that bytes follow the pickle's end", async () => {
    const pickle = pickleOf(dict({}));
    const data = Uint8Array.of(...pickle, ...pickle);
    const catalog = await open(
      torchZip([
        { name: "model/data.pkl", data },
        { name: "model/version", data: "3" },
      ]),
    );
    expect(codesOf(catalog)).toEqual(["trailing-bytes"]);
  });

  it("refuses a pickle above the cap before reading it", async () => {
    const source = new RecordedSource(new MemorySource(torchZip(recordsOf("x".repeat(100_000)))));
    const error: unknown = await open(source, { limits: { pickleBytes: 50_000 } }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "LimitError", code: "pickle-bytes" });
  });

  it("reads no weights to list a file", async () => {
    const weights = new Uint8Array(4_000_000);
    const records = recordsOf(dict({ w: tensorOf("0", [1_000_000]) }), { 0: weights, 1: weights });
    const source = new RecordedSource(new MemorySource(torchZip(records)));
    const catalog = await open(source);
    expect(catalog.entries).toHaveLength(1);
    expect(source.byteLength).toBeLessThan(64 * 1024);
    expect(source.reads.length).toBeLessThanOrEqual(3);
    await catalog.read(catalog.entries[0]!, { start: 100, end: 200 });
    expect(source.byteLength).toBeLessThan(80 * 1024);
  });

  it("stops when it is aborted", async () => {
    const bytes = torchZip(recordsOf(dict({ w: tensorOf("0", [1]) }), { 0: floats(1) }));
    await expect(open(bytes, { signal: AbortSignal.abort(new Error("stopped")) })).rejects.toThrow("stopped");
    const catalog = await open(bytes);
    const reading = catalog.read(catalog.entries[0]!, { signal: AbortSignal.abort(new Error("stopped")) });
    await expect(reading).rejects.toThrow("stopped");
  });
});

describe("torch-zip: storages that are not as claimed", () => {
  it.each([
    ["is missing", {}, 'the file has no storage "0"'],
    ["is too short", { 0: floats(1) }, 'its storage "0" has 4 bytes, and the pickle claims 8'],
    ["is too long", { 0: floats(1, 2, 3) }, 'its storage "0" has 12 bytes, and the pickle claims 8'],
  ])("lists a tensor whose storage %s as absent", async (_what, storages, why) => {
    const catalog = await openPickle(dict({ w: tensorOf("0", [2]), v: tensorOf("1", [1]) }), {
      ...storages,
      1: floats(7),
    });
    expect(catalog.entries[0]).toMatchObject({
      name: "w",
      shape: [2],
      stride: [1],
      layout: "absent",
      why,
      storage: null,
    });
    expect(catalog.notices).toContainEqual({
      code: "absent-elements",
      message: `"w" cannot be read: ${why}.`,
      names: ["w"],
    });
    await expect(catalog.read(catalog.entries[0]!)).rejects.toMatchObject({
      name: "UsageError",
      code: "not-strided",
    });
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(7));
  });

  it("spells out five reasons why tensors cannot be read, and counts the rest", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const tensors = names.map((name, index) => [name, tensorOf(String(index), [1])] as const);
    const catalog = await openPickle(new Map([...tensors, ["h", tensorOf("0", [1])]]));
    expect(catalog.notices.map(({ message }) => message)).toEqual([
      '"a" and 1 more cannot be read: the file has no storage "0".',
      '"b" cannot be read: the file has no storage "1".',
      '"c" cannot be read: the file has no storage "2".',
      '"d" cannot be read: the file has no storage "3".',
      '"e" cannot be read: the file has no storage "4".',
      "2 more tensors cannot be read for reasons like these.",
    ]);
    expect(catalog.notices.flatMap((notice) => notice.names)).toEqual([
      "a",
      "h",
      "b",
      "c",
      "d",
      "e",
      "f",
      "g",
    ]);
  });

  it("never takes a storage key for a path", async () => {
    const catalog = await openPickle(
      dict({ w: tensorOf("../version", [2]), v: tensorOf("/etc/passwd", [2]) }),
    );
    expect(catalog.entries.map(({ layout }) => layout)).toEqual(["absent", "absent"]);
  });

  it.each<[string, Pickled]>([
    ["a view that reaches beyond its storage", tensorOf("0", [3], { numel: 2 })],
    ["a negative offset", tensorOf("0", [1], { offset: -1 })],
    ["sizes and strides of different number", tensorOf("0", [1, 1], { stride: { tuple: [1] } })],
    ["a size that is no integer", tensorOf("0", [1], { numel: { float: 1 } })],
    [
      "a product of sizes beyond 2^53",
      tensorOf("0", [2 ** 40, 2 ** 40], { numel: 2, stride: { tuple: [0, 0] } }),
    ],
    ["a storage class nobody knows", tensorOf("0", [1], { storageClass: "EvilStorage" })],
  ])("refuses a tensor with %s, and lists the others", async (_what, bad) => {
    const catalog = await openPickle(dict({ bad, good: tensorOf("1", [1]) }), {
      0: floats(1, 2),
      1: floats(1),
    });
    expect(namesOf(catalog)).toEqual(["good"]);
    const refused = catalog.notices.find(({ code }) => code === "refused-tensor");
    expect(refused?.message).toMatch(/^"bad" is not listed: its .*\.$/);
  });

  it("says when one storage is claimed as two things", async () => {
    const value = dict({ a: tensorOf("0", [2]), b: tensorOf("0", [2], { storageClass: "IntStorage" }) });
    const catalog = await openPickle(value, { 0: floats(1, 2) });
    expect(namesOf(catalog)).toEqual(["a", "b"]);
    expect(codesOf(catalog)).toEqual(["contradicting-storage"]);
  });

  it("says when storages belong to no tensor", async () => {
    const catalog = await openPickle(dict({ a: tensorOf("0", [1]) }), {
      0: floats(1),
      1: floats(1, 2),
      2: floats(3),
      3: new Uint8Array(0),
    });
    expect(catalog.notices).toEqual([
      {
        code: "unclaimed-storages",
        message: '2 storages of 12 bytes belong to no tensor: "1", "2".',
        names: [],
      },
    ]);
    expect(catalog.storedByteLength).toBe(16);
  });

  it("tells storages of tensors that are not listed from those that nothing names", async () => {
    const withAttribute: Pickled = {
      call: { global: ["torch._utils", "_rebuild_parameter_with_state"] },
      args: [tensorOf("0", [1]), true, dict({}), dict({ tag: tensorOf("1", [2]) })],
    };
    const catalog = await openPickle(dict({ a: withAttribute }), {
      0: floats(1),
      1: floats(1, 2),
      2: floats(3),
    });
    expect(namesOf(catalog)).toEqual(["a"]);
    expect(catalog.notices.map(({ message }) => message)).toEqual([
      '1 storage of 8 bytes holds a tensor that is not listed: "1".',
      '1 storage of 4 bytes belongs to no tensor: "2".',
    ]);
  });

  it("lists the tensors of a child that writes itself as no module does, in its place", async () => {
    const module = (attributes: Record<string, Pickled>): Pickled => ({
      make: { global: ["nets", "Net"] },
      state: dict({ _parameters: dict({}), _buffers: dict({}), _modules: dict({}), ...attributes }),
    });
    const quantized: Pickled = {
      call: { global: ["torch._utils", "_rebuild_qtensor"] },
      args: [
        { persistent: { tuple: ["storage", { global: ["torch", "QInt8Storage"] }, "1", "cpu", 2] } },
        0,
        { tuple: [2] },
        { tuple: [1] },
        { tuple: [{ global: ["torch", "per_tensor_affine"] }, { float: 0.5 }, 0] },
        false,
        dict({}),
      ],
    };
    const packed: Pickled = {
      make: { global: ["quantized.modules", "Conv2d"] },
      state: { tuple: [3, "zeros", quantized, tensorOf("2", [1])] },
    };
    const last = module({ _parameters: dict({ w: parameterOf(tensorOf("0", [1])) }) });
    const catalog = await openPickle(module({ _modules: dict({ conv: packed, last }) }), {
      0: floats(1),
      1: Uint8Array.of(1, 2),
      2: floats(3),
    });
    expect(catalog.entries).toMatchObject([
      { name: "conv/2", kind: "parameter", kindFrom: "inferred", dtype: "qint8" },
      { name: "conv/3", kind: "buffer", kindFrom: "inferred" },
      { name: "last.w", kind: "parameter", kindFrom: "recorded" },
    ]);
    expect(catalog.modules).toMatchObject([
      { name: "", class: "nets.Net" },
      { name: "conv", class: "quantized.modules.Conv2d", training: null },
      { name: "last", class: "nets.Net" },
    ]);
  });

  it("counts states of random generators among no parameters", async () => {
    const bytes = (key: string): Pickled => tensorOf(key, [4], { storageClass: "ByteStorage" });
    const value = dict({
      epoch: 3,
      cuda_rng_state: [bytes("0")],
      torch_manual_seed: bytes("1"),
      image: bytes("2"),
      randomness: tensorOf("3", [1]),
    });
    const catalog = await openPickle(value, {
      0: floats(1),
      1: floats(1),
      2: floats(1),
      3: floats(1),
    });
    expect(catalog.entries.map(({ name, kind, kindFrom }) => [name, kind, kindFrom])).toEqual([
      ["cuda_rng_state/0", "buffer", "inferred"],
      ["torch_manual_seed", "buffer", "inferred"],
      ["image", "tensor", "unknown"],
      ["randomness", "tensor", "unknown"],
    ]);
  });

  it("gives quantized convolutions of a whole module the names of their state dict", async () => {
    const numbers: Pickled[] = [3, 4, { tuple: [1, 1] }, { tuple: [1, 1] }, { tuple: [0, 0] }];
    const more: Pickled[] = [{ tuple: [1, 1] }, false, { tuple: [0, 0] }, 1, "zeros"];
    const convolution: Pickled = {
      make: { global: ["torch.ao.nn.quantized.modules.conv", "Conv2d"] },
      state: {
        tuple: [...numbers, ...more, tensorOf("0", [2]), tensorOf("1", [1]), { float: 0.5 }, 0, false],
      },
    };
    const net: Pickled = {
      make: { global: ["nets", "Net"] },
      state: dict({ _parameters: dict({}), _buffers: dict({}), _modules: dict({ conv: convolution }) }),
    };
    const catalog = await openPickle(net, { 0: floats(1, 2), 1: floats(3) });
    expect(namesOf(catalog)).toEqual(["conv.weight", "conv.bias"]);
    expect(catalog.modules.at(-1)).toEqual({
      name: "conv",
      class: "torch.ao.nn.quantized.modules.conv.Conv2d",
      training: false,
    });
    expect(namesOf(await open(await saveBytes(catalog)))).toEqual(["conv.weight", "conv.bias"]);
  });

  it("says when the weights were not written", async () => {
    const storage = { name: "model/data/0", data: floats(0, 0), entry: { crc32: 0 } };
    const catalog = await open(
      torchZip([
        { name: "model/data.pkl", data: pickleOf(dict({ a: tensorOf("0", [2]) })) },
        storage,
        { name: "model/version", data: "3" },
      ]),
    );
    expect(catalog.entries[0]).toMatchObject({
      layout: "absent",
      why: expect.stringContaining("without its weights"),
    });
    expect(codesOf(catalog)).toEqual(["skipped-weights"]);
  });

  it("says that there are no checksums", async () => {
    const records = recordsOf(dict({ a: tensorOf("0", [1]) }), { 0: floats(0) });
    const catalog = await open(
      torchZip(records.map((record) => Object.assign(record, { entry: { crc32: 0 } }))),
    );
    expect(catalog.entries[0]!.layout).toBe("strided");
    expect(codesOf(catalog)).toEqual(["no-checksums"]);
  });
});

describe("torch-zip: the tree", () => {
  const module = (fields: Record<string, Pickled>): Pickled => ({
    make: { global: ["gone", "Net"] },
    state: dict({ training: true, _parameters: dict({}), _buffers: dict({}), _modules: dict({}), ...fields }),
  });

  it.each<[string, Pickled, boolean | null]>([
    ["dotted names", dict({ "fc.weight": tensorOf("0", [1]), epoch: 3 }), null],
    ["plain names", dict({ mean: tensorOf("0", [1]), epoch: 3 }), false],
  ])("takes tensors beside other values for a state dict by their %s", async (_what, value, requiresGrad) => {
    const [entry] = (await openPickle(value, { 0: floats(1) })).entries;
    expect(entry!.requiresGrad).toBe(requiresGrad);
    expect(entry!.kindFrom).toBe(requiresGrad === null ? "inferred" : "unknown");
  });

  it("puts leaves into the root where tensors were", async () => {
    const catalog = await openPickle(
      dict({ lr: { float: 1 }, list: [tensorOf("0", [1]), 7], pair: { tuple: [tensorOf("0", [1])] } }),
      { 0: floats(1) },
    );
    const { root } = catalog;
    expect(root).toMatchObject({ kind: "dict" });
    const values =
      root !== null && typeof root === "object" && root.kind === "dict" ? [...root.items.values()] : [];
    expect(values).toEqual([
      { key: "lr", value: { kind: "float", value: 1 } },
      { key: "list", value: { kind: "list", items: [{ kind: "tensor", entry: 0 }, 7] } },
      { key: "pair", value: { kind: "tuple", items: [{ kind: "tensor", entry: 1 }] } },
    ]);
  });

  it("makes the root of a bare tensor a leaf", async () => {
    const catalog = await openPickle(tensorOf("0", [1]), { 0: floats(1) });
    expect(catalog.root).toEqual({ kind: "tensor", entry: 0 });
    expect(catalog.entries[0]).toMatchObject({
      path: [],
      name: "",
      module: "",
      kind: "tensor",
      kindFrom: "unknown",
    });
  });

  it("lists a storage that stands for itself", async () => {
    const id: Pickled = { tuple: ["storage", { global: ["torch", "FloatStorage"] }, "0", "cuda:0", 2] };
    const catalog = await openPickle([{ persistent: id }], { 0: floats(1, 2) });
    expect(catalog.entries[0]).toMatchObject({
      path: [0],
      dtype: "float32",
      shape: [2],
      device: "cuda:0",
      requiresGrad: null,
    });
  });

  it("lists a module's own order: parameters, buffers, children; then loose tensors, once", async () => {
    const weight = parameterOf(tensorOf("0", [1]));
    const catalog = await openPickle(
      module({
        loose: tensorOf("0", [1]),
        _parameters: dict({ w: weight, b: null }),
        _buffers: dict({ stat: tensorOf("0", [1]) }),
        _modules: dict({
          fc: module({ training: false, _parameters: dict({ w: parameterOf(tensorOf("0", [1]), false) }) }),
        }),
      }),
      { 0: floats(1) },
    );
    expect(
      catalog.entries.map(({ name, kind, kindFrom, requiresGrad }) => [name, kind, kindFrom, requiresGrad]),
    ).toEqual([
      ["w", "parameter", "recorded", true],
      ["stat", "buffer", "recorded", false],
      ["fc.w", "parameter", "recorded", false],
      ["loose", "buffer", "inferred", false],
    ]);
    expect(catalog.modules).toEqual([
      { name: "", class: "gone.Net", training: true },
      { name: "fc", class: "gone.Net", training: false },
    ]);
  });

  it("does not list a parameter again that an attribute repeats", async () => {
    // The weight goes to memo 0 as it is registered, and comes from there in the list.
    const remembered = { raw: [...pickleOf(parameterOf(tensorOf("0", [1]))).slice(2, -1), 0x71, 0] };
    const value = module({ _parameters: dict({ w: remembered }), _flat_weights: [{ raw: [0x68, 0] }] });
    const catalog = await openPickle(value, { 0: floats(1) });
    expect(namesOf(catalog)).toEqual(["w"]);
  });

  it("lists a tensor under every name that it has", async () => {
    const remembered = { raw: [...pickleOf(tensorOf("0", [1])).slice(2, -1), 0x71, 0] };
    const catalog = await openPickle(dict({ a: remembered, b: { raw: [0x68, 0] } }), { 0: floats(1) });
    expect(namesOf(catalog)).toEqual(["a", "b"]);
    expect(catalog.entries[0]).toMatchObject({ storage: { key: "0", byteLength: 4 } });
  });

  it("bears a list that doubles sixty times", async () => {
    // [], then 60 times: DUP of the last list twice into a new one.
    const doubled = Array.from({ length: 60 }, (_, i) => [
      0x71,
      i,
      0x30,
      0x5d,
      0x28,
      0x68,
      i,
      0x68,
      i,
      0x65,
    ]).flat();
    const start = [0x5d, ...pickleOf(tensorOf("0", [1])).slice(2, -1), 0x61];
    const catalog = await openPickle({ raw: [...start, ...doubled] }, { 0: floats(1) });
    expect(catalog.entries.length).toBeGreaterThan(1);
    expect(catalog.entries.length).toBeLessThan(200_000);
    expect(codesOf(catalog)).toContain("shared-values");
  });

  it("bears 100 000 lists inside each other", async () => {
    const depth = 100_000;
    const raw = Array.from({ length: depth }, () => 0x5d);
    const tensor = pickleOf(tensorOf("0", [1])).slice(2, -1);
    const ends = Array.from({ length: depth }, () => 0x61);
    const catalog = await openPickle({ raw: [...raw, ...tensor, ...ends] }, { 0: floats(1) });
    expect(catalog.entries).toEqual([]);
    expect(codesOf(catalog)).toContain("deep-values");
  });

  it("refuses more tensors than the limit", async () => {
    const bytes = torchZip(recordsOf([tensorOf("0", [1]), tensorOf("0", [1])], { 0: floats(1) }));
    const error: unknown = await open(bytes, { limits: { entries: 1 } }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "LimitError", code: "entries-limit" });
  });
});
