import { describe, expect, it } from "vitest";
import { legacyFile } from "../../test/fixtures/legacy-builder.ts";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { pickleOf, tensorOf } from "../../test/fixtures/pickle-builder.ts";
import { join } from "../../test/fixtures/zip-builder.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { open } from "./open.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const dict = (items: Record<string, Pickled>): Pickled => new Map(Object.entries(items));
const raw = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const codesOf = (catalog: Catalog): string[] => catalog.notices.map(({ code }) => code);

function bytesValue(bytes: Uint8Array): Pickled {
  const { length } = bytes;
  // BINBYTES, of protocol 3, which the machine takes in any pickle.
  return { raw: [0x42, length & 0xff, length >> 8, 0, 0, ...bytes] };
}

/** A storage as `pickle.dump` writes it: a call with a whole legacy file. */
function nested(file: Uint8Array): Pickled {
  return { call: { global: ["torch.storage", "_load_from_bytes"] }, args: [bytesValue(file)] };
}

function storageId(key: string, numel: number): Pickled {
  return {
    persistent: { tuple: ["storage", { global: ["torch", "FloatStorage"] }, key, "cpu", numel, null] },
  };
}

function tensorOver(storage: Pickled, size: number): Pickled {
  return {
    call: { global: ["torch._utils", "_rebuild_tensor"] },
    args: [storage, 0, { tuple: [size] }, { tuple: [1] }],
  };
}

const inner = (...values: number[]): Uint8Array =>
  legacyFile(storageId("5", values.length), [{ key: "5", data: floats(...values) }]);

describe("a bare pickle", () => {
  it("has the elements of storages that are files inside it, each its own though their keys are equal", async () => {
    const value = dict({ a: tensorOver(nested(inner(1, 2)), 2), b: tensorOver(nested(inner(3)), 1) });
    const catalog = await open(pickleOf(value));
    expect(catalog.format).toBe("pickle");
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(1, 2));
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(3));
    expect(catalog.storedByteLength).toBe(12);
  });

  it("has what lies in files inside files", async () => {
    const tensors = dict({ w: tensorOver(nested(inner(1, 2)), 2) });
    const catalog = await open(pickleOf(dict({ outer: nested(legacyFile(tensors)) })));
    expect(catalog.entries.map(({ name }) => name)).toEqual(["outer/w"]);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(1, 2));
  });

  it("refuses the tensor whose file inside is damaged, and no other", async () => {
    const value = dict({
      good: tensorOver(nested(inner(1)), 1),
      bad: tensorOver(nested(inner(1, 2).subarray(0, 60)), 2),
    });
    const catalog = await open(pickleOf(value));
    expect(catalog.entries.map(({ name }) => name)).toEqual(["good"]);
    expect(codesOf(catalog)).toEqual(["refused-tensor"]);
  });

  it("says that a tensor's storage is in no file", async () => {
    const catalog = await open(pickleOf(dict({ w: tensorOf("0", [2]) })));
    expect(catalog.entries).toMatchObject([{ layout: "absent", why: 'the file has no storage "0"' }]);
  });

  it("says that another pickle follows", async () => {
    const value = dict({ a: tensorOver(nested(inner(1, 2)), 2) });
    const catalog = await open(join(pickleOf(value), pickleOf(7)));
    expect(catalog.notices).toMatchObject([
      { code: "trailing-bytes", message: expect.stringMatching(/^8 bytes/) },
    ]);
  });
});

describe("a bare pickle without tensors", () => {
  it.each<[string, Uint8Array, RegExp]>([
    ["of protocol 4", raw("\x80\x04K\x01."), /a bare pickle \(protocol 4\) without tensors or arrays$/],
    ["of protocol 0", raw("(lp0\nI1\na."), /a bare pickle \(protocol 0 or 1\)/],
    ["that names a function", raw("cos\nsystem\n(S'echo'\ntR."), /; it names "os\.system"$/],
    ["that another follows", raw("\x80\x02N.\x80\x02N."), /; 4 bytes follow it$/],
  ])("%s is said to be one", async (_what, bytes, message) => {
    await expect(open(bytes)).rejects.toMatchObject({
      name: "FormatError",
      code: "bare-pickle",
      message: expect.stringMatching(message),
    });
  });

  it("that is damaged is said to be one, with the place", async () => {
    await expect(open(raw("\x80\x04K"))).rejects.toMatchObject({
      name: "FormatError",
      code: "pickle-truncated",
      message: expect.stringMatching(/a bare pickle that cannot be read \(pickle: byte 2: /),
    });
  });
});
