import { describe, expect, it } from "vitest";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { pickleOf } from "../../test/fixtures/pickle-builder.ts";
import type { TarRecord } from "../../test/fixtures/tar-builder.ts";
import { buildTar } from "../../test/fixtures/tar-builder.ts";
import { join } from "../../test/fixtures/zip-builder.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { open } from "./open.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const floatStorage: Pickled = { global: ["torch", "FloatStorage"] };
const floatTensor: Pickled = { global: ["torch", "FloatTensor"] };

function longs(...values: number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

/** The parts of an archive that a test can replace. */
interface Parts {
  readonly value?: Pickled;
  readonly tensors?: readonly Uint8Array[];
  readonly tensorCount?: number;
  readonly storages?: readonly Uint8Array[];
  readonly storageCount?: number;
  readonly views?: Pickled;
}

const storage = (key: Pickled, ...values: number[]): Uint8Array =>
  join(pickleOf({ tuple: [key, "cpu", floatStorage] }), longs(values.length), floats(...values));

const tensor = (key: Pickled, of: Pickled, shape: number[], stride: number[], offset: number): Uint8Array =>
  join(pickleOf({ tuple: [key, of, floatTensor] }), longs(shape.length, ...shape, ...stride, offset));

function members(parts: Parts = {}): Record<string, TarRecord> {
  const storages = parts.storages ?? [storage(1, 0, 1, 2, 3, 4, 5)];
  const tensors = parts.tensors ?? [tensor(7, 1, [2, 2], [3, 1], 1)];
  const value = parts.value ?? new Map<Pickled, Pickled>([["w", { persistent: "7" }]]);
  const count = (given: number | undefined, list: readonly unknown[]): Uint8Array =>
    pickleOf(given ?? list.length);
  return {
    sysInfo: { name: "sys_info", data: pickleOf(new Map()) },
    pickle: { name: "pickle", data: pickleOf(value) },
    tensors: { name: "tensors", data: join(count(parts.tensorCount, tensors), ...tensors) },
    storages: {
      name: "storages",
      data: join(count(parts.storageCount, storages), ...storages, pickleOf(parts.views ?? [])),
    },
  };
}

const openTar = (parts: Parts = {}): Promise<Catalog> => open(buildTar(Object.values(members(parts))));

describe("a tar of PyTorch 0.1", () => {
  it("lists and reads its tensors", async () => {
    const catalog = await openTar();
    expect(catalog.format).toBe("torch-tar");
    expect(catalog.entries).toMatchObject([
      { name: "w", shape: [2, 2], stride: [3, 1], offset: 1, requiresGrad: null, device: "cpu" },
    ]);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(1, 2, 4, 5));
  });

  it("sees views of storages through views of storages", async () => {
    const catalog = await openTar({
      views: [{ tuple: [2, 1, 1, 4] }, { tuple: [3, 2, 1, 2] }],
      tensors: [tensor(7, 3, [2], [1], 0)],
    });
    expect(catalog.entries).toMatchObject([{ offset: 2, storage: { key: "1" } }]);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(2, 3));
  });

  it("names the same tensor twice, and takes numbers and text for it", async () => {
    const value = [{ persistent: "7" }, { persistent: 7 }, { persistent: "1" }];
    const { entries } = await openTar({ value });
    expect(entries.map(({ shape }) => shape)).toEqual([[2, 2], [2, 2], [6]]);
  });

  it("shows the source of a class", async () => {
    const net: Pickled = {
      persistent: { tuple: [{ global: ["nets", "Net"] }, "/home/a/nets.py", "class Net: pass"] },
    };
    const empty = new Map();
    const state = new Map<Pickled, Pickled>([
      ["_parameters", new Map([["w", { persistent: "7" }]])],
      ["_buffers", empty],
      ["_modules", empty],
    ]);
    const catalog = await openTar({ value: { make: net, state } });
    expect(catalog.modules).toEqual([{ name: "", class: "nets.Net", training: null }]);
    expect(catalog.metadata["sources"]).toEqual([
      { class: "nets.Net", file: "/home/a/nets.py", text: "class Net: pass" },
    ]);
  });

  it.each<[string, Parts]>([
    ["reaches beyond its storage", { tensors: [tensor(7, 1, [7], [1], 0)] }],
    ["has a negative size", { tensors: [tensor(7, 1, [-1], [1], 0)] }],
    ["has a storage that is not there", { tensors: [tensor(7, 9, [1], [1], 0)] }],
  ])("refuses the tensor that %s, not the file", async (_what, parts) => {
    const catalog = await openTar(parts);
    expect(catalog.entries).toEqual([]);
    expect(catalog.notices.map(({ code }) => code)).toContain("refused-tensor");
  });

  it.each<[string, Parts, string]>([
    ["more storages than bytes", { storageCount: 1e9 }, "tar-count"],
    ["a negative number of tensors", { tensorCount: -1 }, "tar-count"],
    ["fewer storages than it says", { storageCount: 2 }, "tar-record"],
    ["a storage twice", { storages: [storage(1, 1), storage(1, 2)] }, "tar-key"],
    [
      "a storage of no known type",
      { storages: [pickleOf({ tuple: [1, "cpu", floatTensor] }), longs(0)] },
      "tar-storage",
    ],
    [
      "a storage with a negative count",
      { storages: [join(pickleOf({ tuple: [1, "cpu", floatStorage] }), longs(-1))] },
      "tar-storage",
    ],
    [
      "a storage longer than the file",
      { storages: [join(pickleOf({ tuple: [1, "cpu", floatStorage] }), longs(1000))] },
      "tar-truncated",
    ],
    [
      "a tensor of negative rank",
      { tensors: [join(pickleOf({ tuple: [7, 1, floatTensor] }), longs(-1))] },
      "tar-rank",
    ],
    ["a tensor cut off", { tensors: [tensor(7, 1, [2], [1], 0).subarray(0, -9)] }, "pickle-stream"],
    ["a view of nothing", { views: [{ tuple: [2, 5, 0, 1] }] }, "tar-view"],
    ["a view that starts before its storage", { views: [{ tuple: [2, 1, -1, 2] }] }, "tar-view"],
    ["a view of itself", { views: [{ tuple: [2, 2, 0, 1] }] }, "tar-view"],
    ["a view beyond another", { views: [{ tuple: [2, 1, 0, 2] }, { tuple: [3, 2, 1, 2] }] }, "tar-view"],
  ])("is refused for %s", async (_what, parts, code) => {
    await expect(openTar(parts)).rejects.toMatchObject({ name: "FormatError", code });
  });

  it("is refused without one of its members, with one twice, and with a link for one", async () => {
    const { sysInfo, pickle, tensors, storages } = members();
    await expect(open(buildTar([pickle!, tensors!]))).rejects.toMatchObject({ code: "tar-incomplete" });
    const twice = [sysInfo!, pickle!, pickle!, tensors!, storages!];
    await expect(open(buildTar(twice))).rejects.toMatchObject({ code: "tar-duplicate-name" });
    const linked = [{ ...pickle!, type: "2" }, tensors!, storages!];
    await expect(open(buildTar(linked))).rejects.toMatchObject({ code: "tar-incomplete" });
  });
});

describe("another tar", () => {
  it("is said to be one, with a name in it", async () => {
    const data = new Uint8Array(3);
    await expect(open(buildTar([{ name: "../run/model.pt", data }]))).rejects.toMatchObject({
      code: "archive",
      message: expect.stringMatching(
        /a tar archive of files such as "\.\.\/run\/model\.pt", not a PyTorch file$/,
      ),
    });
  });

  it("whose header is damaged is said to be so", async () => {
    const bytes = Uint8Array.from(`${"\0".repeat(257)}ustar\0${"\0".repeat(600)}`, (c) => c.charCodeAt(0));
    await expect(open(bytes)).rejects.toMatchObject({ name: "FormatError", code: "tar-header" });
  });
});
