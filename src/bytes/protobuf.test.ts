import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemorySource } from "./memory-source.ts";
import type { ProtobufField } from "./protobuf.ts";
import { ProtobufReader, varintAt } from "./protobuf.ts";

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}

async function fieldsOf(
  bytes: readonly number[] | Uint8Array,
  end: number = bytes.length,
): Promise<ProtobufField[]> {
  const reader = new ProtobufReader(new MemorySource(Uint8Array.from(bytes)), "a message");
  const fields: ProtobufField[] = [];
  for await (const field of reader.fields(0, end)) fields.push(field);
  return fields;
}

describe("a varint", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.nat(3), (value, before) => {
        const bytes = [...Array.from({ length: before }, () => 255), ...varint(value)];
        expect(varintAt(Uint8Array.from(bytes), before)).toEqual({ value, end: bytes.length });
      }),
    );
  });

  it.each([
    ["nothing", []],
    ["one that ends too early", [128, 128]],
    ["one that is too long", Array.from({ length: 12 }, () => 128)],
    ["a long one that ends too early", Array.from({ length: 9 }, () => 255)],
  ])("is null for %s", (_what, bytes) => {
    expect(varintAt(Uint8Array.from(bytes), 0)).toBeNull();
  });
});

describe("the fields of a message", () => {
  it("are found in every form", async () => {
    const bytes = [0x08, 0x96, 0x01, 0x12, 2, 7, 8, 0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(await fieldsOf(bytes)).toEqual([
      { number: 1, wire: "varint", value: 150n, start: 1, end: 3 },
      { number: 2, wire: "bytes", value: 0n, start: 5, end: 7 },
      { number: 3, wire: "fixed32", value: 0n, start: 8, end: 12 },
      { number: 4, wire: "fixed64", value: 0n, start: 13, end: 21 },
    ]);
  });

  it("pass over what is long without reading it", async () => {
    const size = 2 ** 40;
    const head = Uint8Array.from([0x12, ...varint(BigInt(size - 21))]);
    let read = 0;
    const source = {
      size,
      async read(start: number, end: number): Promise<Uint8Array> {
        read += end - start;
        const bytes = new Uint8Array(end - start);
        if (start === 0) bytes.set(head);
        // The rest is fields of number 1, each 0.
        else bytes.fill(0).forEach((_, index) => (bytes[index] = (start + index) % 2 === 0 ? 8 : 0));
        return bytes;
      },
    };
    const reader = new ProtobufReader(source, "a message");
    const found: number[] = [];
    for await (const { number } of reader.fields(0, size)) found.push(number);
    expect(found[0]).toBe(2);
    expect(found.slice(1).every((number) => number === 1)).toBe(true);
    expect(read).toBeLessThan(200_000);
  });

  it.each<[string, number[]]>([
    ["a field of number 0", [0x00, 0x01]],
    ["a group", [0x0b, 0x0c]],
    ["bytes that end beyond the message", [0x12, 5, 1]],
    ["a length beyond all files", [0x12, ...varint(2n ** 63n)]],
    ["a number cut off", [0x08, 0x80]],
    ["a fixed number cut off", [0x0d, 1, 2]],
    ["a tag without a value", [0x08]],
  ])("are refused for %s", async (_what, bytes) => {
    await expect(fieldsOf(bytes)).rejects.toMatchObject({ name: "FormatError", code: "protobuf" });
  });

  it("are refused where a number ends in the bytes after the message", async () => {
    await expect(fieldsOf([0x08, 0x96, 0x01], 2)).rejects.toMatchObject({ code: "protobuf" });
  });
});
