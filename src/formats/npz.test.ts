import { describe, expect, it } from "vitest";
import { npyFile } from "../../test/fixtures/npy-builder.ts";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { buildZip } from "../../test/fixtures/zip-builder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { open } from "./open.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const header = (descr: string, shape: string): string =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
const pair = npyFile(header("<f4", "(2,)"), floats(1, 2));

describe("a .npy file", () => {
  it("is one tensor without a name", async () => {
    const catalog = await open(pair);
    expect(catalog.format).toBe("npy");
    expect(catalog.root).toEqual({ kind: "tensor", entry: 0 });
    expect(catalog.entries).toMatchObject([
      {
        name: "",
        path: [],
        kind: "tensor",
        kindFrom: "unknown",
        dtype: "float32",
        device: null,
        requiresGrad: null,
      },
    ]);
    expect(await catalog.read(catalog.entries[0]!)).toEqual(floats(1, 2));
  });

  it.each([
    ["text", npyFile(header("<U1", "(1,)"), floats(0)), "npy-array", /its element type is "<U1"/],
    [
      "fewer bytes than its shape",
      npyFile(header("<f4", "(3,)"), floats(1, 2)),
      "npy-array",
      /needs 12 bytes, and 8 are there/,
    ],
    [
      "a shape beyond all bytes",
      npyFile(header("<f4", "(9007199254740991, 2)"), floats(1)),
      "npy-array",
      /2\^53/,
    ],
    ["a header longer than the file", pair.subarray(0, 30), "npy-truncated", /and the file has 30/],
  ])("is refused for %s", async (_what, bytes, code, message) => {
    await expect(open(bytes)).rejects.toMatchObject({
      name: "FormatError",
      code,
      message: expect.stringMatching(message),
    });
  });

  it("says that bytes follow", async () => {
    const { notices } = await open(npyFile(header("<f4", "(1,)"), floats(1, 2)));
    expect(notices).toMatchObject([{ code: "trailing-bytes", message: expect.stringMatching(/^4 bytes/) }]);
  });
});

describe("a .npz file", () => {
  it("names each array by its record, and refuses one that is damaged alone", async () => {
    const catalog = await open(
      buildZip([
        { name: "layer.weight.npy", data: pair },
        { name: "__proto__.npy", data: pair },
        { name: "bad.npy", data: "no array" },
        { name: "objects.npy", data: npyFile(header("|O", "()"), floats(1)) },
        { name: "readme.txt", data: "hello" },
      ]),
    );
    expect(catalog.entries.map(({ name, module }) => [name, module])).toEqual([
      ["layer.weight", "layer"],
      ["__proto__", ""],
    ]);
    expect(catalog.notices.map(({ code }) => code)).toEqual([
      "refused-tensor",
      "refused-tensor",
      "other-records",
    ]);
    expect(await catalog.read(catalog.entries[1]!)).toEqual(floats(1, 2));
  });

  it("reads the headers of compressed arrays without inflating their elements", async () => {
    const elements = Uint8Array.from(
      { length: 4_000_000 },
      (_, index) => (index * index * 31 + (index >> 7)) & 0xff,
    );
    const data = npyFile(header("<f4", "(1000000,)"), elements);
    const source = new RecordedSource(new MemorySource(buildZip([{ name: "w.npy", data, deflate: true }])));
    const catalog = await open(source);
    expect(source.size).toBeGreaterThan(1_000_000);
    // Later versions of Node take 64 KiB before they inflate.
    expect(source.byteLength).toBeLessThan(120_000);
    expect(await catalog.read(catalog.entries[0]!, { start: 4000, end: 4100 })).toEqual(
      elements.subarray(4000, 4100),
    );
  });
});
