import { describe, expect, it } from "vitest";
import { MemorySource } from "../bytes/memory-source.ts";
import { MemorySink } from "../bytes/sink.ts";
import type { ByteSource } from "../bytes/source.ts";
import { dtypes } from "../dtype.ts";
import { CastSource } from "./cast-source.ts";
import { OverlaySource } from "./overlay-source.ts";
import type { Checksum, PlanStep } from "./plan.ts";
import { carryOut, planOf } from "./plan.ts";

const big = Uint8Array.from({ length: 9 * 2 ** 20 + 1 }, (_, index) => (index * 7) & 0xff);

describe("a plan", () => {
  it("joins bytes, ranges, blocks and what depends on checksums before it", async () => {
    const checksum: Checksum = { crc32: 0 };
    const steps: PlanStep[] = [
      { step: "bytes", bytes: new Uint8Array([1, 2]) },
      {
        step: "copy",
        open: () => new MemorySource(new TextEncoder().encode("x123456789y")),
        start: 1,
        end: 10,
        checksum,
      },
      { step: "late", byteLength: 4, make: () => new Uint8Array(Uint32Array.of(checksum.crc32).buffer) },
      {
        step: "blocks",
        byteLength: 3,
        async *blocks() {
          yield new Uint8Array([7]);
          yield new Uint8Array([8, 9]);
        },
      },
    ];
    const sink = new MemorySink();
    await carryOut(planOf(steps), sink);
    await sink.commit();
    expect(Buffer.from(sink.bytes).toString("latin1")).toBe("\x01\x02123456789\x26\x39\xf4\xcb\x07\x08\x09");
  });

  it("reports its progress in pieces of at least 4 MiB, and the end", async () => {
    const seen: number[] = [];
    const plan = planOf([{ step: "copy", open: () => new MemorySource(big), start: 0, end: big.length }]);
    await carryOut(plan, new MemorySink(), {
      onProgress: ({ writtenByteLength }) => seen.push(writtenByteLength),
    });
    expect(seen).toEqual([4 * 2 ** 20, 8 * 2 ** 20, big.length]);
  });

  it("gives up between pieces", async () => {
    const controller = new AbortController();
    const plan = planOf([{ step: "copy", open: () => new MemorySource(big), start: 0, end: big.length }]);
    const options = { signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) };
    await expect(carryOut(plan, new MemorySink(), options)).rejects.toThrow("enough");
  });

  it.each<[string, (source: ByteSource) => ByteSource]>([
    ["another byte", (source) => new OverlaySource(source, 5, new Uint8Array([99]))],
    ["a byte less", (source) => ({ size: source.size - 1, read: (start, end) => source.read(start, end) })],
  ])("notices a sink that gives back %s", async (_, damage) => {
    class DamagedSink extends MemorySink {
      override async finish(): Promise<ByteSource> {
        return damage(await super.finish());
      }
    }
    const plan = planOf([{ step: "bytes", bytes: new Uint8Array(10) }]);
    await expect(carryOut(plan, new DamagedSink())).rejects.toMatchObject({ code: "write-mismatch" });
  });

  it("shows nothing of a sink in memory before it is committed", async () => {
    const sink = new MemorySink();
    await carryOut(planOf([{ step: "bytes", bytes: new Uint8Array(1) }]), sink);
    expect(() => sink.bytes).toThrow("it is not complete yet");
    await sink.discard();
    expect(() => sink.bytes).toThrow("it is not complete yet");
  });
});

describe("an edited source", () => {
  it("is equal to the edited bytes for every range", async () => {
    const bytes = Uint8Array.from({ length: 12 }, (_, index) => index);
    const expected = bytes.slice();
    expected.set([50, 51, 52], 4);
    const source = new OverlaySource(new MemorySource(bytes), 4, new Uint8Array([50, 51, 52]));
    for (let start = 0; start <= 12; start += 1) {
      for (let end = start; end <= 12; end += 1) {
        expect([...(await source.read(start, end))]).toEqual([...expected.subarray(start, end)]);
      }
    }
  });

  it("is converted the same for every range", async () => {
    const values = Float32Array.of(1, -2.5, 1e9, NaN);
    const source = new CastSource(
      new MemorySource(new Uint8Array(values.buffer)),
      dtypes.float32,
      dtypes.float16,
    );
    const whole = await source.read(0, 8);
    expect([...new Uint16Array(whole.slice().buffer)]).toEqual([0x3c00, 0xc100, 0x7c00, 0x7e00]);
    for (let start = 0; start <= 8; start += 1) {
      for (let end = start; end <= 8; end += 1) {
        expect([...(await source.read(start, end))]).toEqual([...whole.subarray(start, end)]);
      }
    }
  });
});
