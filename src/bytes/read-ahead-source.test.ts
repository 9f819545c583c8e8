import { describe, expect, it } from "vitest";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { MemorySource } from "./memory-source.ts";
import { ReadAheadSource } from "./read-ahead-source.ts";

const block = 2 ** 18;
const bytes = Uint8Array.from({ length: 24 * block }, (_, i) => (i * 7 + (i >> 11)) & 0xff);

function ahead(): { readonly source: ReadAheadSource; readonly beneath: RecordedSource } {
  const beneath = new RecordedSource(new MemorySource(bytes));
  return { source: new ReadAheadSource(beneath, { maxByteLength: 4 * block }), beneath };
}

/** The reads that arrived beneath, in blocks. */
function inBlocks(beneath: RecordedSource): number[][] {
  return beneath.reads.map((range) => range.map((at) => at / block));
}

describe("a source that reads ahead", () => {
  it("fetches as much again as was read, up to its limit, while it is read from front to back", async () => {
    const { source, beneath } = ahead();
    for (let at = 0; at < bytes.byteLength; at += block) {
      expect(Buffer.from(await source.read(at, at + block)).equals(bytes.subarray(at, at + block))).toBe(
        true,
      );
    }
    expect(inBlocks(beneath)).toEqual([
      [0, 1],
      [1, 3],
      [3, 7],
      [7, 12],
      [12, 17],
      [17, 22],
      [22, 24],
    ]);
  });

  it("goes on over padding", async () => {
    const { source, beneath } = ahead();
    await source.read(0, block);
    await source.read(block + 64, 2 * block + 64);
    expect(beneath.reads).toEqual([
      [0, block],
      [block + 64, 3 * block + 64],
    ]);
  });

  it.each<[string, readonly (readonly [number, number])[]]>([
    [
      "jumps",
      [
        [4 * block, 5 * block],
        [0, block],
        [8 * block, 9 * block],
      ],
    ],
    [
      "goes backwards",
      [
        [2 * block, 3 * block],
        [block, 2 * block],
        [0, block],
      ],
    ],
    [
      "reads a little only",
      [
        [0, 1000],
        [1000, 9000],
        [9000, 20_000],
      ],
    ],
    [
      "reads something small behind something large",
      [
        [0, 8 * block],
        [8 * block, 8 * block + 500],
      ],
    ],
    [
      "reads the same again",
      [
        [0, block],
        [0, block],
      ],
    ],
  ])("fetches what is asked for when its reader %s", async (_, reads) => {
    const { source, beneath } = ahead();
    for (const [start, end] of reads) await source.read(start, end);
    expect(beneath.reads).toEqual(reads);
  });

  it("joins nothing wrong when reads straddle the end of what was fetched ahead", async () => {
    const { source } = ahead();
    let at = 0;
    for (const length of [block, block, block / 2, block + 7, 3 * block, 1, 2 * block]) {
      expect(Buffer.from(await source.read(at, at + length)).equals(bytes.subarray(at, at + length))).toBe(
        true,
      );
      at += length;
    }
  });

  it("passes a failure on, and reads on afterwards", async () => {
    const { source, beneath } = ahead();
    await source.read(0, block);
    beneath.fault = new Error("lost");
    await expect(source.read(block, 2 * block)).rejects.toThrow("lost");
    beneath.fault = null;
    expect(await source.read(block, block + 3)).toEqual(bytes.slice(block, block + 3));
  });
});
