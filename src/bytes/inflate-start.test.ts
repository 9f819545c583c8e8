import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { inflateStart } from "./inflate-start.ts";
import { MemorySource } from "./memory-source.ts";

const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + (i >> 7)) & 0xff);
const deflated = new Uint8Array(deflateRawSync(bytes));
const sourceOf = (data: Uint8Array): RecordedSource => new RecordedSource(new MemorySource(data));

describe("inflateStart", () => {
  it.each([0, 1, 256, 5000, 200_000])("gives the first %i bytes", async (length) => {
    expect(await inflateStart(sourceOf(deflated), length, "the record")).toEqual(bytes.subarray(0, length));
  });

  it("gives all bytes when they are fewer than asked for", async () => {
    expect(await inflateStart(sourceOf(deflated), 400_000, "the record")).toEqual(bytes);
  });

  it("reads only the part of the source that holds them", async () => {
    const source = sourceOf(deflated);
    await inflateStart(source, 256, "the record");
    expect(source.byteLength).toBeLessThan(deflated.length / 2);
  });

  it("refuses data that are not deflated", async () => {
    const noise = new Uint8Array(100).fill(0xff);
    await expect(inflateStart(sourceOf(noise), 10, "the record")).rejects.toMatchObject({
      code: "inflate-data",
    });
  });

  it("passes on what the source throws", async () => {
    const source = sourceOf(deflated);
    source.fault = new Error("lost");
    await expect(inflateStart(source, 10, "the record")).rejects.toThrow("lost");
  });
});
