/** What every byte source does, whatever lies beneath: the suite that runs over all sources and wrappers. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../src/bytes/source.ts";
import { UsageError } from "../../src/errors.ts";

/** Runs the suite. `make` gives a source over exactly these bytes, which the suite does not change. */
export function describeSource(name: string, make: (bytes: Uint8Array) => Promise<ByteSource>): void {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7 + (i >> 3)) & 0xff);

  describe(`${name} as a byte source`, () => {
    it("knows its size", async () => {
      expect((await make(bytes)).size).toBe(1000);
      expect((await make(new Uint8Array(0))).size).toBe(0);
    });

    it("gives exactly the bytes of any range, in any order", async () => {
      const source = await make(bytes);
      await fc.assert(
        fc.asyncProperty(fc.nat(1000), fc.nat(1000), async (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          const read = await source.read(start, end);
          expect(read).toBeInstanceOf(Uint8Array);
          expect(Buffer.from(read).equals(bytes.subarray(start, end))).toBe(true);
        }),
        { numRuns: 60, seed: 1 },
      );
    });

    it("gives the right bytes to reads that run at the same time", async () => {
      const source = await make(bytes);
      const ranges = Array.from({ length: 40 }, (_, i) => [i * 13, i * 13 + ((i * 37) % 480)] as const);
      const reads = await Promise.all(ranges.map(([start, end]) => source.read(start, end)));
      for (const [i, [start, end]] of ranges.entries()) {
        expect(Buffer.from(reads[i]!).equals(bytes.subarray(start, end))).toBe(true);
      }
    });

    it("gives no bytes for an empty range, at both ends and when there are none", async () => {
      const source = await make(bytes);
      expect(await source.read(0, 0)).toHaveLength(0);
      expect(await source.read(1000, 1000)).toHaveLength(0);
      expect(await (await make(new Uint8Array(0))).read(0, 0)).toHaveLength(0);
    });

    it.each([
      [-1, 10],
      [10, 9],
      [0, 1001],
      [1001, 1001],
      [0.5, 2],
      [0, Number.NaN],
      [0, Number.POSITIVE_INFINITY],
    ])("rejects the range from %d to %d as a wrong call", async (start, end) => {
      const source = await make(bytes);
      await expect(source.read(start, end)).rejects.toThrow(UsageError);
      await expect(source.read(start, end)).rejects.toThrow("<= 1000");
    });

    it("rejects with the signal's reason when it is aborted before, and reads on afterwards", async () => {
      const source = await make(bytes);
      const reason = new Error("changed my mind");
      await expect(source.read(0, 10, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await source.read(3, 5)).toEqual(bytes.slice(3, 5));
    });

    it("does not let one reader's abort disturb another who reads the same bytes", async () => {
      const source = await make(bytes);
      const controller = new AbortController();
      const given = source.read(0, 500, controller.signal).catch(() => "aborted");
      const kept = source.read(0, 500, new AbortController().signal);
      controller.abort();
      // A source may have been faster than the abort; what it must not do is fail the other one.
      await given;
      expect(Buffer.from(await kept).equals(bytes.subarray(0, 500))).toBe(true);
    });
  });
}
