import { describe, expect, test } from "vitest";
import type { Value } from "../catalog/value.ts";
import { unpickle } from "./machine.ts";
import type { TensorRecord } from "./tensor-record.ts";
import { TorchReader, nestedFile } from "./torch.ts";

/** A value from a pickle that is spelled as a string of characters up to 0xFF; STOP is added. */
function read(text: string): Value {
  return unpickle(new Uint8Array(Buffer.from(`\x80\x02${text}.`, "latin1"))).value;
}

const text = (value: string): string => `X${String.fromCharCode(value.length)}\x00\x00\x00${value}`;
const int = (value: number | string): string => `L${value}L\n`;
const global = (module: string, name: string): string => `c${module}\n${name}\n`;
const tuple = (...items: string[]): string => `(${items.join("")}t`;
const ints = (...values: number[]): string => tuple(...values.map(int));
const call = (module: string, name: string, ...args: string[]): string =>
  `${global(module, name)}${tuple(...args)}R`;
const none = "N";
const yes = "\x88";
const no = "\x89";

interface StorageParts {
  readonly kind?: string;
  readonly class?: string;
  readonly key?: string;
  readonly location?: string;
  readonly numel?: string;
  readonly view?: string;
}

/** A storage's persistent id. */
function storage(parts: StorageParts = {}): string {
  const {
    kind = text("storage"),
    key = text("0"),
    location = text("cpu"),
    numel = int(4),
    view = "",
  } = parts;
  return `${tuple(kind, parts.class ?? global("torch", "FloatStorage"), key, location, numel, view)}Q`;
}

function v2(from: string, offset: string, size: string, stride: string, ...rest: string[]): string {
  const tail = rest.length > 0 ? rest : [no, none];
  return call("torch._utils", "_rebuild_tensor_v2", from, offset, size, stride, ...tail);
}

const matrix = v2(storage(), int(0), ints(2, 2), ints(2, 1));

function recordOf(pickle: string, reader: TorchReader = new TorchReader()): TensorRecord {
  const reading = reader.tensor(read(pickle));
  if (reading?.record === undefined || reading.record === null)
    throw new Error(reading?.refused ?? "no tensor");
  return reading.record;
}

function refusalOf(pickle: string, reader: TorchReader = new TorchReader()): string | null | undefined {
  return reader.tensor(read(pickle))?.refused;
}

describe("strided tensors", () => {
  test("are what the call says, on the storage that the id says", () => {
    expect(recordOf(matrix)).toEqual({
      dtype: "float32",
      shape: [2, 2],
      layout: {
        layout: "strided",
        stride: [2, 1],
        offset: 0,
        storage: { key: "0", byteLength: 16, dtype: "float32", numel: 4, location: "cpu", inline: null },
      },
      role: "tensor",
      requiresGrad: false,
      device: "cpu",
      subclass: null,
      lazy: [],
      quantization: null,
      state: null,
    });
  });

  // prettier-ignore
  test.each<[string, string, Partial<TensorRecord>]>([
    ["version 1 records no requires_grad", call("torch._utils", "_rebuild_tensor", storage(), int(0), ints(4), ints(1)), { requiresGrad: null }],
    ["version 2 with metadata", v2(storage(), int(0), ints(4), ints(1), yes, none, `}${text("conj")}${yes}s`), { requiresGrad: true, lazy: ["conj"] }],
    ["version 3 with its dtype", call("torch._utils", "_rebuild_tensor_v3", storage({ class: global("torch.storage", "UntypedStorage") }), int(1), ints(1), ints(1), no, none, global("torch", "uint16")), { dtype: "uint16", shape: [1] }],
    ["an untyped storage without a dtype is bytes", v2(storage({ class: global("torch.storage", "UntypedStorage") }), int(0), ints(4), ints(1)), { dtype: "uint8" }],
    ["a storage class of CUDA", v2(storage({ class: global("torch.cuda", "HalfStorage"), location: text("cuda:3") }), int(0), ints(4), ints(1)), { dtype: "float16", device: "cuda:3" }],
    ["sizes as torch.Size", v2(storage(), int(0), call("torch", "Size", ints(4)), ints(1)), { shape: [4] }],
    ["a tensor without elements may lie anywhere", v2(storage(), int(99), ints(0, 5), ints(100, 100)), { shape: [0, 5] }],
    ["an expanded tensor reaches one element", v2(storage(), int(3), ints(1000, 1000), ints(0, 0)), { shape: [1000, 1000] }],
    ["Python 2 writes text as bytes", v2(`(U\x07storage${global("torch", "FloatStorage")}U\x0294U\x06cuda:0I4\ntQ`, int(0), ints(4), ints(1)), { device: "cuda:0" }],
    ["a legacy tensor class", `${global("torch", "DoubleTensor")})R${tuple(storage({ class: global("torch", "DoubleStorage") }), int(1), ints(3), ints(1))}b`, { dtype: "float64", shape: [3], requiresGrad: null }],
    ["a parameter", call("torch._utils", "_rebuild_parameter", matrix, yes, none), { role: "parameter", requiresGrad: true, subclass: null }],
    ["a parameter with attributes", call("torch._utils", "_rebuild_parameter_with_state", matrix, no, none, "}"), { role: "parameter", requiresGrad: false, state: read("}") }],
    ["a parameter of 0.1 with its state", `${global("torch.nn.parameter", "Parameter")}${matrix}\x85R${tuple(yes, no, none)}b`, { role: "parameter", requiresGrad: true }],
    ["a Variable of 0.1", `${global("torch.autograd.variable", "Variable")}${matrix}\x85R${tuple(yes, no, none)}b`, { role: "tensor", requiresGrad: true }],
    ["an uninitialized parameter", call("torch.nn.parameter", "UninitializedParameter", yes), { role: "parameter", shape: [0], requiresGrad: true }],
    ["a meta tensor", call("torch._utils", "_rebuild_meta_tensor_no_storage", global("torch", "float16"), ints(2), ints(1), no), { dtype: "float16", device: "meta", shape: [2] }],
    ["a subclass", call("torch._tensor", "_rebuild_from_type_v2", global("torch._utils", "_rebuild_tensor_v2"), global("a.b", "Sub"), tuple(storage(), int(0), ints(4), ints(1), no, none), "}"), { subclass: "a.b.Sub", role: "tensor" }],
    ["a buffer", call("torch._tensor", "_rebuild_from_type_v2", global("torch._utils", "_rebuild_tensor_v2"), global("torch", "Tensor"), tuple(storage(), int(0), ints(4), ints(1), no, none), `}${text("_is_buffer")}${yes}s`), { subclass: null, role: "buffer" }],
    ["a wrapper subclass", call("torch._utils", "_rebuild_wrapper_subclass", global("a.b", "Wrapper"), global("torch", "float32"), ints(3, 3), ints(3, 1), int(0), global("torch", "strided"), call("torch", "device", text("cuda"), int(1)), no), { subclass: "a.b.Wrapper", shape: [3, 3], device: "cuda:1" }],
    ["fastai's tensors", call("fastai.torch_core", "_fa_rebuild_tensor", global("fastai.torch_core", "TensorImage"), storage(), int(0), ints(4), ints(1), no, none), { subclass: "fastai.torch_core.TensorImage", shape: [4] }],
    ["a tensor of another device, by way of the CPU", call("torch._utils", "_rebuild_device_tensor_from_cpu_tensor", matrix, global("torch", "float32"), text("xla:0"), yes), { device: "xla:0", requiresGrad: true, shape: [2, 2] }],
  ])("%s", (_, pickle, facts) => {
    expect(recordOf(pickle)).toMatchObject(facts);
  });

  describe("of DTensor", () => {
    const instance = (module: string, name: string): string => `${global(module, name)})\x81`;
    const placements = (...names: string[]): string =>
      tuple(...names.map((name) => instance("torch.distributed.tensor.placement_types", name)));
    const spec = (...names: string[]): string =>
      `${instance("torch.distributed.tensor._dtensor_spec", "DTensorSpec")}}${text("placements")}${placements(...names)}sb`;
    const dtensor = (size: string, ...names: string[]): string =>
      call(
        "torch._tensor",
        "_rebuild_from_type_v2",
        global("torch._utils", "_rebuild_wrapper_subclass"),
        global("torch.distributed.tensor", "DTensor"),
        tuple(
          global("torch.distributed.tensor", "DTensor"),
          global("torch", "float32"),
          size,
          ints(2, 1),
          int(0),
          global("torch", "strided"),
          call("torch", "device", text("cpu")),
          yes,
        ),
        tuple(none, `}(${text("_local_tensor")}${matrix}${text("_spec")}${spec(...names)}u`),
      );

    test.each([["Replicate"], ["Shard"], ["Shard", "Replicate"]])(
      "are their local part where that is the whole (%s)",
      (...names) => {
        expect(recordOf(dtensor(ints(2, 2), ...names))).toMatchObject({
          shape: [2, 2],
          requiresGrad: true,
          subclass: "torch.distributed.tensor.DTensor",
          layout: { layout: "strided", storage: { key: "0" } },
        });
      },
    );

    test.each<[string, string, string[]]>([
      ["a part", ints(4, 2), ["Shard"]],
      ["a sum that is not made yet", ints(2, 2), ["Partial"]],
      ["placed nobody knows how", ints(2, 2), []],
    ])("have no elements where they are %s", (_, size, names) => {
      expect(recordOf(dtensor(size, ...names)).layout).toMatchObject({
        layout: "absent",
        why: expect.stringMatching(/one rank's part of it, \[2, 2\]/),
      });
    });
  });

  test("a view of a storage, as old files have them, becomes an offset in the storage itself", () => {
    const view = tuple(text("77"), int(10), int(5));
    const record = recordOf(v2(storage({ numel: int(20), view }), int(1), ints(4), ints(1)));
    expect(record.layout).toMatchObject({ offset: 11, storage: { key: "0", numel: 20 } });
    expect(refusalOf(v2(storage({ numel: int(20), view }), int(2), ints(4), ints(1)))).toMatch(
      /which has 20/,
    );
  });

  test("the same node is the same record, and the same key the same storage", () => {
    const reader = new TorchReader();
    const { items } = read(`(${matrix}q\x00h\x00${matrix}l`) as { items: Value[] };
    const [first, again, other] = items.map((item) => reader.tensor(item)?.record);
    expect(first).toBe(again);
    expect(other).not.toBe(first);
    expect(other?.layout).toMatchObject({ storage: reader.storages.get("0")?.[0] });
    expect(reader.storages.get("0")).toHaveLength(1);
  });

  test("a key that is claimed twice in different ways keeps both claims", () => {
    const reader = new TorchReader();
    recordOf(matrix, reader);
    recordOf(v2(storage({ class: global("torch", "LongStorage") }), int(0), ints(4), ints(1)), reader);
    recordOf(v2(storage({ numel: int(8) }), int(0), ints(4), ints(1)), reader);
    expect(reader.storages.get("0")?.map(({ dtype, numel }) => [dtype, numel])).toEqual([
      ["float32", 4],
      ["int64", 4],
      ["float32", 8],
    ]);
  });
});

describe("attacks refuse their tensor", () => {
  // prettier-ignore
  test.each<[string, string, string | RegExp]>([
    ["a persistent id that is no tuple", v2(`${text("storage")}Q`, int(0), ints(4), ints(1)), "its storage is a persistent, where a reference to one is expected"],
    ["a persistent id of protocol 0", v2(`${text("('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 4)")}Q`, int(0), ints(4), ints(1)), /protocol 0 .* cannot load$/],
    ["a storage id that is cut short", v2(`${tuple(text("storage"), global("torch", "FloatStorage"))}Q`, int(0), ints(4), ints(1)), "its storage's id has 2 items, where 5 to 6 are expected"],
    ["an unknown storage class", v2(storage({ class: global("os", "system") }), int(0), ints(4), ints(1)), 'its storage class is "os.system", which is none'],
    ["a storage class that is text", v2(storage({ class: text("FloatStorage") }), int(0), ints(4), ints(1)), 'its storage class is "FloatStorage", which is none'],
    ["a storage key that is None", v2(storage({ key: none }), int(0), ints(4), ints(1)), "the key of its storage is None, where text is expected"],
    ["a storage key of our own", v2(storage({ key: text("#0") }), int(0), ints(4), ints(1)), 'the key of its storage is "#0", which no file of PyTorch has'],
    ["a negative numel", v2(storage({ numel: int(-1) }), int(0), ints(4), ints(1)), /number of elements is -1, where/],
    ["a float numel", v2(storage({ numel: "F4.0\n" }), int(0), ints(4), ints(1)), /number of elements is the float 4, where/],
    ["a bool numel", v2(storage({ numel: yes }), int(0), ints(4), ints(1)), /number of elements is True, where/],
    ["a numel of 2^63", v2(storage({ numel: int("9223372036854775808") }), int(0), ints(4), ints(1)), /number of elements is 9223372036854775808, where/],
    ["a numel beyond 64 bits", v2(storage({ numel: int("9".repeat(2000)) }), int(0), ints(4), ints(1)), /an integer beyond 64 bits/],
    ["a numel whose bytes overflow", v2(storage({ numel: int(2 ** 52) }), int(0), ints(4), ints(1)), /make more than 2\^53 bytes/],
    ["sizes and strides of different lengths", v2(storage(), int(0), ints(2, 2), ints(1)), "its sizes [2, 2] and strides [1] differ in number"],
    ["a negative size", v2(storage(), int(0), ints(-2), ints(1)), /one of its sizes is -2/],
    ["a negative stride", v2(storage(), int(0), ints(2), ints(-1)), /one of its strides is -1/],
    ["a float size", v2(storage(), int(0), "(F2.0\nt", ints(1)), /one of its sizes is the float 2/],
    ["a bool size", v2(storage(), int(0), `(${yes}t`, ints(1)), /one of its sizes is True/],
    ["a negative offset", v2(storage(), int(-1), ints(1), ints(1)), /its offset is -1/],
    ["a huge rank", v2(storage(), int(0), ints(...Array.from({ length: 65 }, () => 1)), ints(1)), "it has 65 dimensions, of at most 64"],
    ["a product that overflows", v2(storage(), int(0), ints(2 ** 40, 2 ** 40), ints(0, 0)), /make more than 2\^53 elements/],
    ["a product that overflows before its 0", v2(storage(), int(0), ints(2 ** 40, 2 ** 40, 0), ints(0, 0, 0)), /make more than 2\^53 elements/],
    ["a reach that overflows", v2(storage(), int(0), ints(2 ** 20), ints(2 ** 50)), "its strides reach beyond 2^53 elements"],
    ["an offset beyond the storage", v2(storage(), int(4), ints(1), ints(1)), 'its sizes [1], strides [1] and offset 4 need 20 bytes of storage "0", which has 16'],
    ["a view beyond the storage", v2(storage(), int(0), ints(2, 2), ints(3, 1)), /need 20 bytes/],
    ["a storage view beyond its storage", v2(storage({ view: tuple(text("v"), int(3), int(2)) }), int(0), ints(1), ints(1)), 'its storage view ends at element 5 of storage "0", which has 4'],
    ["too few arguments", call("torch._utils", "_rebuild_tensor_v2", storage()), '"torch._utils._rebuild_tensor_v2" has 1 arguments, and needs at least 6'],
    ["a parameter of nothing", call("torch._utils", "_rebuild_parameter", none, yes, none), "a tensor is expected in it, where None stands"],
    ["a dtype that is none", call("torch._utils", "_rebuild_meta_tensor_no_storage", global("torch", "load"), ints(1), ints(1), no), 'its dtype is "torch.load", which is none'],
    ["an unknown maker of a subclass", call("torch._tensor", "_rebuild_from_type_v2", global("os", "system"), global("a", "B"), tuple(text("id")), none), 'its maker "os.system" is unknown'],
    ["a state that would replace its elements out of bounds", `${matrix}${tuple(storage(), int(9), ints(1), ints(1))}b`, /offset 9 need/],
  ])("%s", (_, pickle, reason) => {
    expect(refusalOf(pickle)).toMatch(reason);
  });

  test("wrappers without end are refused, not followed", () => {
    const wrapped = `${global("torch._utils", "_rebuild_parameter")}q\x00`.concat(
      "0",
      "h\x00".repeat(100_000),
      matrix,
      `${yes})\x87R`.repeat(100_000),
    );
    expect(refusalOf(wrapped)).toBe("it is wrapped more than 16 times");
    const type = global("torch._tensor", "_rebuild_from_type_v2");
    const typed = `${type}q\x00${"(h\x00h\x00".repeat(50_000)})${"Nt".repeat(50_000)}R`;
    expect(refusalOf(typed)).toBe("it is wrapped more than 16 times");
    const reader = new TorchReader();
    const ring = read(`]q\x01${call("torch._utils", "_rebuild_parameter", "h\x01", yes, none)}`);
    expect(reader.tensor(ring)?.refused).toBe("a tensor is expected in it, where a list stands");
  });

  test("values that are no tensors are no readings", () => {
    const reader = new TorchReader();
    for (const pickle of [
      "N",
      "K\x01",
      "]",
      call("os", "system", text("id")),
      global("torch._utils", "_rebuild_tensor_v2"),
    ]) {
      expect(reader.tensor(read(pickle))).toBe(undefined);
    }
  });
});

describe("tensors made of several", () => {
  const indices = v2(
    storage({ class: global("torch", "LongStorage"), key: text("1") }),
    int(0),
    ints(2, 2),
    ints(2, 1),
  );
  const row = v2(
    storage({ class: global("torch", "LongStorage"), key: text("2") }),
    int(0),
    ints(3),
    ints(1),
  );
  const pair = v2(
    storage({ class: global("torch", "LongStorage"), key: text("3") }),
    int(0),
    ints(2),
    ints(1),
  );
  const values = v2(storage(), int(0), ints(2), ints(1));
  const layout = (name: string): string => call("torch.serialization", "_get_layout", text(`torch.${name}`));
  const sparse = (name: string, ...data: string[]): string =>
    call("torch._utils", "_rebuild_sparse_tensor", layout(name), tuple(...data));

  // prettier-ignore
  test.each([
    ["sparse_coo", sparse("sparse_coo", indices, values, ints(3, 3), yes), ["indices", "values"], [3, 3]],
    ["sparse_csr", sparse("sparse_csr", row, pair, values, ints(2, 3)), ["crow_indices", "col_indices", "values"], [2, 3]],
    ["sparse_csc", sparse("sparse_csc", row, pair, values, ints(3, 2)), ["ccol_indices", "row_indices", "values"], [3, 2]],
    ["nested", call("torch._utils", "_rebuild_nested_tensor", values, indices, indices, pair), ["buffer", "sizes", "strides", "offsets"], [2]],
  ])("%s has its parts by name", (format, pickle, names, shape) => {
    const { layout, shape: found, dtype } = recordOf(pickle);
    if (layout.layout !== "sparse") throw new Error(`${format} is not sparse`);
    expect([layout.format, Object.keys(layout.parts), found, dtype]).toEqual([format, names, shape, "float32"]);
  });

  // prettier-ignore
  test.each([
    ["sizes that the parts do not make", sparse("sparse_coo", indices, values, ints(3, 3, 3)), "its indices [2, 2] and values [2] do not make sizes [3, 3, 3]"],
    ["indices that are floats", sparse("sparse_coo", matrix, values, ints(3, 3)), "its indices are float32, where integers are expected"],
    ["a layout that is none", sparse("jagged", indices, values, ints(3, 3)), 'its layout is "torch.jagged", which is none'],
    ["fewer values than indices", sparse("sparse_csr", row, pair, row, ints(2, 3)), /do not make sizes \[2, 3\]/],
    ["parts that are sparse themselves", sparse("sparse_coo", indices, sparse("sparse_coo", indices, values, ints(3, 3)), ints(3, 3)), "its values are no strided tensor"],
  ])("%s refuses it", (_, pickle, reason) => {
    expect(refusalOf(pickle)).toMatch(reason);
  });

  const bytes = storage({ class: global("torch", "QInt8Storage") });
  const quantized = (from: string, quantizer: string): string =>
    call("torch._utils", "_rebuild_qtensor", from, int(0), ints(2, 2), ints(2, 1), quantizer, no, none);

  test("quantization for the whole tensor is a scale and a zero point", () => {
    const record = recordOf(quantized(bytes, tuple(global("torch", "per_tensor_affine"), "F0.5\n", int(3))));
    expect(record).toMatchObject({
      dtype: "qint8",
      quantization: { scheme: "per-tensor", scale: 0.5, zeroPoint: 3 },
    });
  });

  test("scales that stand as lists in the pickle become inline tensors", () => {
    const quantizer = tuple(global("torch", "per_channel_affine"), "(F0.5\nF0.25\nl", "(I1\nI2\nl", int(1));
    const { quantization } = recordOf(quantized(bytes, quantizer));
    if (quantization?.scheme !== "per-channel") throw new Error("it is per channel");
    const { scales, zeroPoints } = quantization;
    expect([...new Float64Array(scales.storage.inline!.buffer)]).toEqual([0.5, 0.25]);
    expect([...new BigInt64Array(zeroPoints.storage.inline!.buffer)]).toEqual([1n, 2n]);
    expect(scales.storage.key).not.toBe(zeroPoints.storage.key);
  });

  // prettier-ignore
  test.each([
    ["scales that do not fit the axis", bytes, tuple(global("torch", "per_channel_affine"), "(F0.5\nl", "(I1\nI2\nl", int(0)), "its scales [1] do not fit axis 0 of sizes [2, 2]"],
    ["an axis that is none", bytes, tuple(global("torch", "per_channel_affine"), "(F0.5\nF0.5\nl", "(I1\nI2\nl", int(2)), /do not fit axis 2/],
    ["an unknown scheme", bytes, tuple(global("torch", "per_row"), "F0.5\n", int(3)), /its quantization scheme is "torch\.per_row"/],
    ["a storage that is not quantized", storage(), tuple(global("torch", "per_tensor_affine"), "F0.5\n", int(3)), "it is quantized, but its storage holds float32"],
  ])("%s refuses it", (_, from, quantizer, reason) => {
    expect(refusalOf(quantized(from, quantizer))).toMatch(reason);
  });
});

describe("arrays, storages and files inside the pickle", () => {
  const dtype = (code: string, order: string): string =>
    `${call("numpy", "dtype", text(code), no, yes)}${tuple(int(3), text(order), none, none, none, int(-1), int(-1), int(0))}b`;
  const array = (code: string, order: string, shape: string, data: string): string =>
    `${call("numpy.core.multiarray", "_reconstruct", global("numpy", "ndarray"), ints(0), "U\x01b")}${tuple(int(1), shape, dtype(code, order), no, data)}b`;

  // prettier-ignore
  test.each([
    ["UTF-8", array("f4", "<", ints(1), "U\x04\x00\x00 ?"), [0, 0, 32, 63]],
    ["UTF-8 beyond ASCII", array("u1", "|", ints(2), "U\x02\xc3\xa9"), [0xc3, 0xa9]],
    ["no UTF-8", array("f4", "<", ints(1), "U\x04\x00\x00\x80?"), [0, 0, 128, 63]],
  ])("an array written by Python 2 has its bytes as text: %s", (_, pickle, bytes) => {
    const reader = new TorchReader();
    expect(reader.array(read(pickle))?.refused).toBe(null);
    expect(reader.storages.get("#0")?.map(({ inline }) => inline)).toEqual([new Uint8Array(bytes)]);
  });

  // prettier-ignore
  test.each([
    ["fewer bytes than its shape needs", array("f4", "<", ints(2), "U\x04\x00\x00\x80?"), "its elements are "],
    ["Python objects", array("O8", "|", ints(1), "]"), 'its NumPy dtype "O8" has no twin in PyTorch'],
    ["a shape that is none", array("f4", "<", none, "U\x00"), "its sizes are None, where a tuple is expected"],
  ])("an array of %s is refused", (_, pickle, reason) => {
    expect(new TorchReader().array(read(pickle))?.refused).toContain(reason);
  });

  test("a long text that many arrays name is turned into bytes once", () => {
    const length = 2 ** 20;
    const one = array("u1", "|", ints(length), "h\x09");
    const value = read(`T\x00\x00\x10\x00${"k".repeat(length)}q\x090(${one.repeat(1000)}l`) as {
      items: Value[];
    };
    const reader = new TorchReader();
    for (const item of value.items) expect(reader.array(item)?.refused).toBe(null);
    expect(reader.storages.size).toBe(1);
  });

  test("a bare storage is told from other persistent ids", () => {
    const reader = new TorchReader();
    expect(reader.storage(read(storage()))?.storage).toMatchObject({ key: "0", numel: 4, byteLength: 16 });
    expect(reader.storage(read(storage({ numel: int(-4) })))?.refused).toMatch(/is -4/);
    expect(reader.storage(read(`${tuple(text("module"), none, text("net.py"), text("source"))}Q`))).toBe(
      undefined,
    );
  });

  test("a torch.save inside the pickle gives its bytes", () => {
    const file = read(
      call("torch.storage", "_load_from_bytes", call("_codecs", "encode", text("PK\x03"), text("latin1"))),
    );
    expect(nestedFile(file)).toEqual(new Uint8Array([0x50, 0x4b, 3]));
    expect(nestedFile(read(call("torch.storage", "_load_from_bytes", none)))).toBe(undefined);
  });
});
