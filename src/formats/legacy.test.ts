import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LegacyStorage } from "../../test/fixtures/legacy-builder.ts";
import { legacyFile } from "../../test/fixtures/legacy-builder.ts";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { tensorOf } from "../../test/fixtures/pickle-builder.ts";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { join } from "../../test/fixtures/zip-builder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { ParascopeError } from "../errors.ts";
import { open } from "./open.ts";
import { scan } from "./scan.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const dict = (items: Record<string, Pickled>): Pickled => new Map(Object.entries(items));
const codesOf = (catalog: Catalog): string[] => catalog.notices.map(({ code }) => code);
const faultOf = (bytes: Uint8Array): Promise<unknown> => open(bytes).catch((error: unknown) => error);

const value = dict({ a: tensorOf("11", [6]), b: tensorOf("22", [4]) });
const storages: readonly LegacyStorage[] = [
  { key: "11", data: floats(0, 1, 2, 3, 4, 5) },
  { key: "22", data: floats(6, 7, 8, 9) },
];
const file = legacyFile(value, storages);

/** The object with a storage id of six members, as PyTorch 0.x wrote them. */
function viewOf(key: string, numel: number, view: Pickled): Pickled {
  const id: Pickled = {
    tuple: ["storage", { global: ["torch", "FloatStorage"] }, key, "cpu", numel, view],
  };
  return {
    call: { global: ["torch._utils", "_rebuild_tensor"] },
    args: [{ persistent: id }, 1, { tuple: [2] }, { tuple: [1] }],
  };
}

describe("a legacy file", () => {
  it("lists and reads its tensors", async () => {
    const catalog = await open(file);
    expect(catalog.format).toBe("torch-legacy");
    expect(catalog.metadata).toEqual({ byteOrder: "little", pickleProtocol: 2 });
    expect(catalog.notices).toEqual([]);
    expect(catalog.storedByteLength).toBe(40);
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(6, 7, 8, 9));
  });

  // PyTorch loads all of these: it takes whatever pickle gives the number.
  it.each<[string, string]>([
    ["protocols 0 and 1", "L119547037146038801333356L\n."],
    ["an integer of protocol 0", "I119547037146038801333356\n."],
    ["no protocol before it", "\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."],
    ["a longer length", "\x8b\x0b\0\0\0l\xfc\x9cF\xf9 j\xa8P\x19\0."],
    ["a frame", "\x80\x04\x95\x0d\0\0\0\0\0\0\0\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."],
    ["other values before it", "N0(0\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."],
  ])("opens and is scanned when its magic number is written with %s", async (_what, magic) => {
    const start = Uint8Array.from(magic, (character) => character.charCodeAt(0));
    const same = join(start, file.subarray(15));
    const catalog = await open(same);
    expect(catalog.format).toBe("torch-legacy");
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(6, 7, 8, 9));
    const evil = dict({ a: { call: { global: ["os", "system"] }, args: ["echo"] } });
    const { findings } = await scan(join(start, legacyFile(evil).subarray(15)));
    expect(findings.map(({ code }) => code)).toContain("dangerous-global");
  });

  it("says of protocol 0 that its references are lost, for PyTorch too", async () => {
    const reference: Pickled = {
      persistent: "('storage', <class 'torch.FloatStorage'>, '11', 'cpu', 6)",
    };
    const tensor: Pickled = {
      call: { global: ["torch._utils", "_rebuild_tensor"] },
      args: [reference, 0, { tuple: [6] }, { tuple: [1] }],
    };
    expect(await faultOf(legacyFile(dict({ a: tensor }), storages))).toMatchObject({
      name: "FormatError",
      code: "legacy-protocol-0",
    });
  });

  it("finds storages in the order of the list, which is not that of the object", async () => {
    const catalog = await open(legacyFile(value, storages.toReversed()));
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(0, 1, 2, 3, 4, 5));
  });

  it("reads no weights to open", async () => {
    const data = new Uint8Array(4 * 2 ** 20);
    const large = { a: tensorOf("1", [2 ** 20]), b: tensorOf("2", [2 ** 20]) };
    const two = [
      { key: "1", data },
      { key: "2", data },
    ];
    const source = new RecordedSource(new MemorySource(legacyFile(dict(large), two)));
    await open(source);
    expect(source.byteLength).toBeLessThan(2 ** 16 + 1024);
    expect(source.reads.length).toBeLessThanOrEqual(4);
  });

  it("reads an object longer than what is fetched first", async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `layer.${index}.weight`);
    const many = dict(Object.fromEntries(names.map((name) => [name, tensorOf("11", [6])])));
    const source = new RecordedSource(new MemorySource(legacyFile(many, storages.slice(0, 1))));
    const catalog = await open(source);
    expect(catalog.entries.map(({ name }) => name)).toEqual(names);
    expect(source.byteLength).toBeLessThan(1.1 * source.size + 1024);
  });

  it("takes bytes for keys, as Python 2 writes them, and looks through views of storages", async () => {
    const key: Pickled = { raw: [0x55, 2, 0x31, 0x31] };
    const object = dict({ view: viewOf("11", 6, { tuple: ["77", 2, 4] }), all: viewOf("11", 6, null) });
    const catalog = await open(legacyFile(object, [{ ...storages[0]!, key }]));
    expect(catalog.entries.map(({ offset }) => offset)).toEqual([3, 1]);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(3, 4));
  });

  it("refuses the tensor whose view of a storage reaches beyond it, and no other", async () => {
    const object = dict({ bad: viewOf("11", 6, { tuple: ["77", 3, 4] }), good: tensorOf("11", [6]) });
    const catalog = await open(legacyFile(object, storages.slice(0, 1)));
    expect(catalog.entries.map(({ name }) => name)).toEqual(["good"]);
    expect(codesOf(catalog)).toEqual(["refused-tensor"]);
  });

  it("shows the sources of classes, and where they lay, as a notice", async () => {
    const net: Pickled = {
      tuple: ["module", { global: ["nets", "Net"] }, "/home/alice/nets.py", "class Net: pass\n"],
    };
    const attributes = dict({
      _parameters: dict({ w: tensorOf("11", [6]) }),
      _buffers: dict({}),
      _modules: dict({}),
    });
    const catalog = await open(
      legacyFile({ make: { persistent: net }, state: attributes }, storages.slice(0, 1)),
    );
    expect(catalog.metadata["sources"]).toEqual([
      { class: "nets.Net", file: "/home/alice/nets.py", text: "class Net: pass\n" },
    ]);
    expect(catalog.modules).toEqual([{ name: "", class: "nets.Net", training: null }]);
    expect(catalog.notices).toMatchObject([
      { code: "embedded-sources", message: expect.stringContaining('"/home/alice/nets.py"') },
    ]);
  });

  it("reads elements of a big-endian writer as PyTorch does: little-endian, counts in either order", async () => {
    for (const bigEndianCount of [false, true]) {
      const marked = storages.map((storage) => Object.assign({}, storage, { bigEndianCount }));
      const catalog = await open(legacyFile(value, marked, { littleEndian: false }));
      expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(6, 7, 8, 9));
      expect(codesOf(catalog)).toEqual(["big-endian-writer"]);
    }
  });

  it("lists without elements the tensor whose storage is not in the file", async () => {
    const catalog = await open(legacyFile(value, storages.slice(0, 1)));
    expect(catalog.entries[1]).toMatchObject({ layout: "absent", why: 'the file has no storage "22"' });
  });

  it("says that bytes follow the last storage", async () => {
    expect(codesOf(await open(join(file, floats(1))))).toEqual(["trailing-bytes"]);
  });

  it("names a file with arrays only by its arrays, and keeps them a notice beside tensors", async () => {
    const array: Pickled = {
      call: { global: ["numpy.core.multiarray", "_reconstruct"] },
      args: [{ global: ["numpy", "ndarray"] }, { tuple: [0] }, "b"],
      state: {
        tuple: [
          1,
          { tuple: [2] },
          {
            call: { global: ["numpy", "dtype"] },
            args: ["i1", 0, 1],
            state: { tuple: [3, "|", null, null, null, -1, -1, 0] },
          },
          false,
          { call: { global: ["_codecs", "encode"] }, args: ["ab", "latin1"] },
        ],
      },
    };
    const alone = await open(legacyFile(dict({ mean: array })));
    expect(alone.entries).toMatchObject([
      { name: "mean", dtype: "int8", shape: [2], storage: { byteLength: 2 } },
    ]);
    const beside = await open(
      legacyFile(dict({ mean: array, a: tensorOf("11", [6]) }), storages.slice(0, 1)),
    );
    expect(beside.entries.map(({ name }) => name)).toEqual(["a"]);
    expect(codesOf(beside)).toEqual(["numpy-arrays"]);
  });
});

describe("a damaged legacy file", () => {
  // PyTorch 2.13 says the same of the same files.
  it.each([
    [1, 1],
    [16, 16],
    [17, 1],
    [24, 8],
    [25, 1],
    [48, 24],
  ])("cut by %i bytes lacks as many as PyTorch says: %i", async (cut, missing) => {
    expect(await faultOf(file.subarray(0, file.length - cut))).toMatchObject({
      name: "FormatError",
      code: "legacy-truncated",
      torchType: "RuntimeError",
      message: `unexpected EOF, expected ${missing} more bytes. The file might be corrupted.`,
    });
  });

  it("cut anywhere is a FormatError", async () => {
    for (let length = 20; length < file.length; length++) {
      expect(await faultOf(file.subarray(0, length))).toMatchObject({
        name: "FormatError",
        code: "legacy-truncated",
      });
    }
  });

  it("says in which part it ends", async () => {
    const message = expect.stringContaining("it ends inside its object, at byte 120");
    expect(await faultOf(file.subarray(0, 120))).toMatchObject({ code: "legacy-truncated", message });
  });

  it.each([
    ["a count below the object's", 5n],
    ["a count above", 7n],
    ["a negative count", -1n],
    ["a count whose bytes overflow", 2n ** 62n],
    ["a count in the other byte order", 6n * 2n ** 56n],
  ])("is refused for %s", async (_what, count) => {
    const lying = legacyFile(value, [{ ...storages[0]!, count }, storages[1]!]);
    expect(await faultOf(lying)).toMatchObject({ name: "FormatError", code: "legacy-count" });
  });

  it.each<[string, Uint8Array, string]>([
    ["another version", legacyFile(value, storages, { version: 1002 }), "legacy-version"],
    ["a version that is no number", legacyFile(value, storages, { version: "1001" }), "legacy-version"],
    ["a key twice", legacyFile(value, storages, { keys: ["11", "11"] }), "legacy-duplicate-key"],
    ["a key that no tensor has", legacyFile(value, storages, { keys: ["11", "33"] }), "legacy-unclaimed-key"],
    ["a key that is no text", legacyFile(value, storages, { keys: [{ tuple: [] }] }), "legacy-keys"],
    ["no list of keys", legacyFile(value, storages, { keys: dict({}) }), "legacy-keys"],
  ])("is refused for %s", async (_what, bytes, code) => {
    expect(await faultOf(bytes)).toMatchObject({ name: "FormatError", code });
  });

  it("never makes anything but an error of ours or a catalog", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(255), async (at, byte) => {
        const mutated = file.slice();
        mutated[at] = byte;
        const found = await faultOf(mutated);
        expect(found instanceof ParascopeError || (found as Catalog).entries !== undefined).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
