import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { inflate } from "./inflate.ts";
import { MemorySource } from "./memory-source.ts";

const noise = (byteLength: number): Uint8Array => {
  const bytes = new Uint8Array(byteLength);
  let state = 1;
  for (let i = 0; i < byteLength; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
};

const deflated = (bytes: Uint8Array): RecordedSource =>
  new RecordedSource(new MemorySource(deflateRawSync(bytes)));

describe("inflate", () => {
  it.each([0, 1, 1000, 1_000_000])("gives back %d bytes", async (byteLength) => {
    const bytes = noise(byteLength);
    expect(Buffer.from(await inflate(deflated(bytes), byteLength, "x")).equals(bytes)).toBe(true);
  });

  it("stops at the first byte too many, without reading on", async () => {
    const source = deflated(noise(20_000_000));
    await expect(inflate(source, 1000, 'record "x"')).rejects.toMatchObject({
      name: "FormatError",
      code: "inflate-size",
      message: 'inflating record "x": expected 1000 bytes as declared, but more follow',
    });
    expect(source.byteLength).toBeLessThan(2_000_000);
  });

  it.each([
    ["too few bytes", deflateRawSync(noise(1000)), 1001, "inflate-size"],
    ["a stream that breaks off", deflateRawSync(noise(1000)).subarray(0, 500), 1000, "inflate-data"],
    ["no bytes at all", new Uint8Array(0), 1000, "inflate-size"],
    ["a ratio that deflate cannot reach", deflateRawSync(new Uint8Array(100)), 2 ** 40, "inflate-size"],
    ["another block type than there is", new Uint8Array([0x07, 1, 2, 3]), 1000, "inflate-data"],
  ])("refuses %s", async (_, data, byteLength, code) => {
    await expect(inflate(new MemorySource(data), byteLength, "x")).rejects.toMatchObject({
      name: "FormatError",
      code,
    });
  });

  it("passes on what its source throws", async () => {
    const source = deflated(noise(1000));
    source.fault = new Error("lost connection");
    await expect(inflate(source, 1000, "x")).rejects.toThrow("lost connection");
  });

  it("ends with the signal's reason", async () => {
    const source = deflated(noise(1_000_000));
    source.gate = new Promise<void>(() => {});
    const controller = new AbortController();
    const result = inflate(source, 1_000_000, "x", controller.signal);
    controller.abort(new Error("enough"));
    await expect(result).rejects.toThrow("enough");
  });
});
