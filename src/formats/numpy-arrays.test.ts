import { describe, expect, it } from "vitest";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { pickleOf } from "../../test/fixtures/pickle-builder.ts";
import type { Value } from "../catalog/value.ts";
import { unpickle } from "../pickle/machine.ts";
import { TorchReader } from "../pickle/torch.ts";
import { isListedArray, withArrays } from "./numpy-arrays.ts";

/** A NumPy array of two elements of one byte. */
const array = (code: string): Pickled => ({
  call: { global: ["numpy._core.multiarray", "_reconstruct"] },
  args: [{ global: ["numpy", "ndarray"] }, { tuple: [0] }, "b"],
  state: {
    tuple: [
      1,
      { tuple: [2] },
      { call: { global: ["numpy", "dtype"] }, args: [code, false, true], state: { tuple: [3, "|", null] } },
      false,
      { call: { global: ["_codecs", "encode"] }, args: ["ab", "latin1"] },
    ],
  },
});

const read = (value: Pickled): Value => unpickle(pickleOf(value)).value;

describe("withArrays", () => {
  it("makes a tensor of an array, which is no tensor of the file's own", () => {
    const tensor = withArrays(read(array("u1")));
    expect(isListedArray(tensor)).toBe(true);
    expect(new TorchReader().tensor(tensor)?.record).toMatchObject({
      dtype: "uint8",
      shape: [2],
      requiresGrad: null,
      device: null,
      layout: { storage: { inline: Uint8Array.of(97, 98) } },
    });
  });

  it("leaves the reason to be found why an array cannot be one", () => {
    const tensor = withArrays(read(array("V1")));
    expect(new TorchReader().tensor(tensor)?.refused).toMatch(/NumPy dtype "V1"/);
  });

  it("leaves everything else", () => {
    const value = read([1, { call: { global: ["numpy", "dtype"] }, args: ["f4"] }]);
    expect(withArrays(value)).toBe(value);
    expect(isListedArray(value)).toBe(false);
  });
});
