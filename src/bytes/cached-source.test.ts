import { describe, expect, it } from "vitest";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { CachedSource } from "./cached-source.ts";
import { MemorySource } from "./memory-source.ts";

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);

function cached(maxByteLength = 400): { readonly source: CachedSource; readonly beneath: RecordedSource } {
  const beneath = new RecordedSource(new MemorySource(bytes));
  return { source: new CachedSource(beneath, { pageByteLength: 100, maxByteLength }), beneath };
}

describe("a cached source", () => {
  it("reads whole pages, and each once", async () => {
    const { source, beneath } = cached();
    await source.read(110, 120);
    await source.read(190, 200);
    await source.read(100, 200);
    expect(beneath.reads).toEqual([[100, 200]]);
  });

  it("ends the last page where the source ends", async () => {
    const beneath = new RecordedSource(new MemorySource(bytes.subarray(0, 950)));
    const source = new CachedSource(beneath, { pageByteLength: 100 });
    expect(await source.read(940, 950)).toEqual(bytes.slice(940, 950));
    expect(beneath.reads).toEqual([[900, 950]]);
  });

  it("fetches missing pages that lie side by side in one read, and leaves out the ones it has", async () => {
    const { source, beneath } = cached();
    await source.read(250, 260);
    expect(await source.read(50, 450)).toEqual(bytes.slice(50, 450));
    expect(beneath.reads).toEqual([
      [200, 300],
      [0, 200],
      [300, 500],
    ]);
  });

  it("forgets the page that was used least recently", async () => {
    const { source, beneath } = cached(300);
    for (const start of [0, 100, 200, 0, 300]) await source.read(start, start + 1);
    beneath.reads.length = 0;
    for (const start of [0, 200, 300, 100]) await source.read(start, start + 1);
    expect(beneath.reads).toEqual([[100, 200]]);
  });

  it("passes on a read that is longer than the cache, and keeps nothing of it", async () => {
    const { source, beneath } = cached(300);
    await source.read(0, 1);
    await source.read(50, 600);
    await source.read(2, 3);
    expect(beneath.reads).toEqual([
      [0, 100],
      [50, 600],
    ]);
  });

  it("shares one fetch between readers who come while it runs", async () => {
    const { source, beneath } = cached();
    const reads = await Promise.all([source.read(10, 20), source.read(30, 40), source.read(90, 110)]);
    expect(reads[2]).toEqual(bytes.slice(90, 110));
    expect(beneath.reads).toEqual([
      [0, 100],
      [100, 200],
    ]);
  });

  it("does not keep a fetch that failed", async () => {
    const { source, beneath } = cached();
    beneath.fault = new Error("lost connection");
    await expect(source.read(0, 250)).rejects.toThrow("lost connection");
    beneath.fault = null;
    expect(await source.read(0, 250)).toEqual(bytes.slice(0, 250));
  });

  it("goes on for one reader when another gives up, and stops when all have", async () => {
    const { source, beneath } = cached();
    beneath.gate = new Promise<void>(() => {});
    const [one, other] = [new AbortController(), new AbortController()];
    const reads = [source.read(0, 150, one.signal), source.read(50, 60, other.signal)];
    const outcomes = Promise.allSettled(reads);
    await Promise.resolve();
    one.abort(new Error("one"));
    await Promise.resolve();
    expect(beneath.abortedReads).toBe(0);
    other.abort(new Error("other"));
    expect((await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason.message)).toEqual([
      "one",
      "other",
    ]);
    expect(beneath.abortedReads).toBe(1);
    beneath.gate = null;
    expect(await source.read(0, 150)).toEqual(bytes.slice(0, 150));
  });

  it("does not fetch for a reader who had given up before", async () => {
    const { source, beneath } = cached();
    await expect(source.read(0, 10, AbortSignal.abort(new Error("no")))).rejects.toThrow("no");
    expect(beneath.reads).toEqual([]);
  });
});
