import { describe, expect, it } from "vitest";
import { pickleOf, tensorOf } from "../../test/fixtures/pickle-builder.ts";
import { torchZip } from "../../test/fixtures/zip-builder.ts";
import { open } from "./open.ts";

const floats = (count: number): Uint8Array =>
  new Uint8Array(Float32Array.from({ length: count }, (_, index) => index + 1).buffer);

/** Three tensors, of which two share a storage; the storages take 400 and 800 bytes. */
const whole = torchZip([
  {
    name: "model/data.pkl",
    data: pickleOf(
      new Map([
        ["a", tensorOf("0", [100])],
        ["b", tensorOf("1", [10, 10], { numel: 200 })],
        ["c", tensorOf("1", [200])],
      ]),
    ),
  },
  { name: "model/byteorder", data: "little" },
  { name: "model/data/0", data: floats(100) },
  { name: "model/data/1", data: floats(200) },
  { name: "model/version", data: "3\n" },
]);

/** Where the elements of a storage start. */
function startOf(count: number): number {
  return Buffer.from(whole).indexOf(floats(count).subarray(0, 400), count === 100 ? 0 : startOf(100) + 400);
}

async function answerTo(length: number): Promise<{ code: string; message: string }> {
  return open(whole.subarray(0, length)).then(
    () => expect.fail("it opened"),
    (error: unknown) => error as { code: string; message: string },
  );
}

describe("a torch.save zip that was cut short", () => {
  it.each<[string, number, RegExp]>([
    ["inside its first header", 20, /^reading a zip: it begins as one/],
    ["inside its pickle", 150, /cut short at byte 150: it ends inside its data\.pkl/],
    ["before its first storage", startOf(100) - 1, /none of its 3 tensors is whole$/],
    ["inside its first storage", startOf(100) + 399, /none of its 3 tensors is whole$/],
    [
      "behind its first storage",
      startOf(100) + 400,
      /of its 3 tensors, 1 is whole \("a"; 400 of 1600 bytes\)$/,
    ],
    [
      "inside its second storage",
      startOf(200) + 799,
      /of its 3 tensors, 1 is whole \("a"; 400 of 1600 bytes\)$/,
    ],
    [
      "before its directory",
      startOf(200) + 800,
      /of its 3 tensors, 3 are whole \("a", "b", …; 1600 of 1600 bytes\)$/,
    ],
  ])("%s says what is left of it", async (_where, length, message) => {
    const answer = await answerTo(length);
    expect(answer).toMatchObject({ name: "FormatError", code: "zip-truncated" });
    expect(answer.message).toMatch(message);
  });

  it("says no more than that it is one, where the pickle does not come first or is damaged", async () => {
    const other = torchZip([
      { name: "model/data/0", data: floats(100) },
      { name: "model/data.pkl", data: pickleOf(new Map()) },
    ]);
    await expect(open(other.subarray(0, 300))).rejects.toMatchObject({
      code: "zip-truncated",
      message: expect.stringMatching(/^reading a zip/),
    });
    const damaged = whole.slice(0, 600);
    damaged.fill(0xff, 80, 100);
    await expect(open(damaged)).rejects.toMatchObject({
      code: "zip-truncated",
      message: expect.stringMatching(/^reading a zip/),
    });
  });

  it("answers every length with an error of its own", async () => {
    for (let length = 4; length < whole.length; length += 7) {
      expect(await answerTo(length)).toMatchObject({
        name: "FormatError",
        code: expect.stringMatching(/^zip-/),
      });
    }
  });
});
