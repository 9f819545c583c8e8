import { describe, expect, it } from "vitest";
import { pickleOf } from "../../test/fixtures/pickle-builder.ts";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { join } from "../../test/fixtures/zip-builder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { defaultLimits } from "../limits.ts";
import { PickleStream } from "./pickle-stream.ts";

const sourceOf = (...pieces: Uint8Array[]): RecordedSource =>
  new RecordedSource(new MemorySource(join(...pieces)));
const limits = defaultLimits;
const long = "x".repeat(300_000);

describe("PickleStream", () => {
  it("reads pickles one after another, and bytes between them", async () => {
    const source = sourceOf(pickleOf(1), pickleOf("two"), Uint8Array.of(1, 2, 3), pickleOf(3));
    const stream = new PickleStream(source, { limits });
    expect((await stream.next()).value).toBe(1);
    expect((await stream.next()).value).toBe("two");
    expect((await stream.take(3)).getUint8(2)).toBe(3);
    expect((await stream.next()).value).toBe(3);
    expect(stream.position).toBe(source.size);
    expect(source.reads).toHaveLength(1);
  });

  it("fetches a long pickle in growing pieces, each byte once", async () => {
    const source = sourceOf(pickleOf(1), pickleOf(long), pickleOf(2));
    const stream = new PickleStream(source, { limits });
    await stream.next();
    expect((await stream.next()).value).toBe(long);
    expect((await stream.next()).value).toBe(2);
    expect(source.byteLength).toBe(source.size);
    expect(source.reads.length).toBeLessThan(5);
  });

  it("passes over bytes without fetching them, forwards and backwards", async () => {
    const gap = new Uint8Array(2 ** 20);
    const source = sourceOf(pickleOf(1), gap, pickleOf(2));
    const stream = new PickleStream(source, { limits });
    stream.position = source.size - pickleOf(2).length;
    expect((await stream.next()).value).toBe(2);
    stream.position = 0;
    expect((await stream.next()).value).toBe(1);
    expect(source.byteLength).toBeLessThan(2 ** 17);
  });

  it("says where a pickle is cut off, and that bytes are missing", async () => {
    const stream = new PickleStream(sourceOf(pickleOf(long).subarray(0, 200_000)), { limits });
    await expect(stream.next()).rejects.toMatchObject({ name: "FormatError", code: "pickle-truncated" });
    await expect(stream.take(200_001)).rejects.toMatchObject({ name: "FormatError", code: "pickle-stream" });
  });

  it("keeps to the limit of a pickle's bytes, not of the file's", async () => {
    const source = sourceOf(pickleOf(1), pickleOf(long), pickleOf(long));
    const stream = new PickleStream(source, { limits: { ...limits, pickleBytes: 100_000 } });
    expect((await stream.next()).value).toBe(1);
    await expect(stream.next()).rejects.toMatchObject({ name: "LimitError", code: "pickle-bytes" });
    expect(source.byteLength).toBeLessThan(110_000);
    const enough = new PickleStream(source, { limits: { ...limits, pickleBytes: 300_100 } });
    await enough.next();
    expect((await enough.next()).value).toBe(long);
    expect((await enough.next()).value).toBe(long);
  });

  it("does not fetch more for a fault that more bytes cannot mend", async () => {
    const source = sourceOf(Uint8Array.of(0x80, 2, 0xff), new Uint8Array(2 ** 20));
    await expect(new PickleStream(source, { limits }).next()).rejects.toMatchObject({
      code: "pickle-opcode",
    });
    expect(source.byteLength).toBe(2 ** 16);
  });
});
