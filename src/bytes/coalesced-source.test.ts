import { describe, expect, it } from "vitest";
import { RecordedSource } from "../../test/fixtures/recorded-source.ts";
import { CoalescedSource } from "./coalesced-source.ts";
import { MemorySource } from "./memory-source.ts";

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);

function coalesced(): { readonly source: CoalescedSource; readonly beneath: RecordedSource } {
  const beneath = new RecordedSource(new MemorySource(bytes));
  return { source: new CoalescedSource(beneath, { maxGap: 10, maxByteLength: 200 }), beneath };
}

describe("a coalesced source", () => {
  it.each([
    [
      "touch",
      [
        [0, 10],
        [10, 20],
      ],
      [[0, 20]],
    ],
    [
      "overlap",
      [
        [0, 50],
        [20, 30],
        [40, 60],
      ],
      [[0, 60]],
    ],
    [
      "lie a gap apart, whatever their order",
      [
        [60, 70],
        [0, 50],
      ],
      [[0, 70]],
    ],
    [
      "are the same",
      [
        [5, 6],
        [5, 6],
      ],
      [[5, 6]],
    ],
    [
      "lie within a longer one",
      [
        [0, 100],
        [5, 6],
        [105, 110],
      ],
      [[0, 110]],
    ],
  ])("does reads that %s as one", async (_, ranges, expected) => {
    const { source, beneath } = coalesced();
    const reads = await Promise.all(ranges.map(([start, end]) => source.read(start!, end!)));
    expect(beneath.reads).toEqual(expected);
    for (const [i, [start, end]] of ranges.entries()) expect(reads[i]).toEqual(bytes.slice(start, end));
  });

  it.each([
    [
      "lie further apart than the gap",
      [
        [0, 10],
        [21, 30],
      ],
    ],
    [
      "would be too long together",
      [
        [0, 150],
        [150, 210],
      ],
    ],
    [
      "are longer than that by themselves",
      [
        [0, 500],
        [500, 1000],
      ],
    ],
  ])("keeps reads apart that %s", async (_, ranges) => {
    const { source, beneath } = coalesced();
    await Promise.all(ranges.map(([start, end]) => source.read(start!, end!)));
    expect(beneath.reads).toEqual(ranges);
  });

  it("does not wait for reads of a later tick", async () => {
    const { source, beneath } = coalesced();
    await source.read(0, 10);
    await source.read(10, 20);
    expect(beneath.reads).toHaveLength(2);
  });

  it("tells all who asked when the one read fails, and reads again the next time", async () => {
    const { source, beneath } = coalesced();
    beneath.fault = new Error("lost connection");
    const outcomes = await Promise.allSettled([source.read(0, 10), source.read(10, 20)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["rejected", "rejected"]);
    beneath.fault = null;
    expect(await source.read(0, 10)).toEqual(bytes.slice(0, 10));
  });

  it("reads on for one when the other gives up", async () => {
    const { source, beneath } = coalesced();
    let openGate = (): void => {};
    beneath.gate = new Promise<void>((resolve) => {
      openGate = resolve;
    });
    const controller = new AbortController();
    const given = source.read(0, 10, controller.signal);
    const kept = source.read(10, 20);
    given.catch(() => {});
    await Promise.resolve();
    controller.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    openGate();
    expect(await kept).toEqual(bytes.slice(10, 20));
    expect(beneath.abortedReads).toBe(0);
  });

  it("leaves out who gives up before the tick ends, and reads nothing if all do", async () => {
    const { source, beneath } = coalesced();
    const controller = new AbortController();
    const given = [source.read(0, 10, controller.signal), source.read(50, 60, controller.signal)];
    const kept = source.read(100, 110);
    controller.abort(new Error("enough"));
    for (const read of given) await expect(read).rejects.toThrow("enough");
    expect(await kept).toEqual(bytes.slice(100, 110));
    expect(beneath.reads).toEqual([[100, 110]]);
    const other = new AbortController();
    const alone = source.read(0, 10, other.signal);
    other.abort(new Error("enough"));
    await expect(alone).rejects.toThrow("enough");
    expect(beneath.reads).toEqual([[100, 110]]);
  });
});
