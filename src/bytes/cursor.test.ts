import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { Cursor } from "./cursor.ts";

const bytes = new Uint8Array([0x80, 0x01, 0xff, 0x7f, 0x00, 0x0a, 0xc0, 0x3f]);
const over = (items: Uint8Array, bigEndian = false): Cursor =>
  new Cursor(items, { what: "the header", bigEndian });

describe("a cursor", () => {
  it.each([
    ["u8", 0x80, 0x80, 7],
    ["i8", -0x80, -0x80, 7],
    ["u16", 0x0180, 0x8001, 6],
    ["i16", 0x0180, -0x7fff, 6],
    ["u32", 0x7fff0180, 0x8001ff7f, 4],
    ["i32", 0x7fff0180, -0x7ffe0081, 4],
    ["i64", 0x3fc00a007fff0180n, -0x7ffe0080fff5_3fc1n, 0],
  ] as const)("reads %s in both byte orders", (field, little, big, remaining) => {
    const cursor = over(bytes);
    expect(cursor[field]()).toBe(little);
    expect(cursor.remaining).toBe(remaining);
    expect(over(bytes, true)[field]()).toBe(big);
  });

  it("reads what a DataView wrote, in both byte orders", () => {
    fc.assert(
      fc.property(fc.double(), fc.maxSafeNat(), fc.boolean(), (float, natural, bigEndian) => {
        const view = new DataView(new ArrayBuffer(20));
        view.setFloat64(0, float, !bigEndian);
        view.setBigUint64(8, BigInt(natural), !bigEndian);
        view.setFloat32(16, float, !bigEndian);
        const cursor = over(new Uint8Array(view.buffer), bigEndian);
        expect(cursor.f64()).toBe(float);
        expect(cursor.u64()).toBe(natural);
        expect(cursor.f32()).toBe(Math.fround(float));
        expect(cursor.remaining).toBe(0);
      }),
      { seed: 1 },
    );
  });

  it("reads within a part of a buffer, and shares its memory", () => {
    const cursor = over(bytes.subarray(2, 6));
    cursor.skip(1);
    const taken = cursor.take(2);
    expect([...taken]).toEqual([0x7f, 0]);
    expect(taken.buffer).toBe(bytes.buffer);
    expect(cursor.remaining).toBe(1);
  });

  it("reads lines without their line feed", () => {
    const cursor = over(new TextEncoder().encode("one\n\ntwo"));
    expect(new TextDecoder().decode(cursor.line())).toBe("one");
    expect(cursor.line()).toHaveLength(0);
    expect(() => cursor.line()).toThrow(
      "reading the header at offset 5: a line wanted, no line feed follows",
    );
    expect(cursor.remaining).toBe(3);
  });

  it.each<readonly [string, (cursor: Cursor) => unknown]>([
    ["1 byte wanted, 0 are left", (cursor) => [cursor.skip(3), cursor.u8()]],
    ["2 bytes wanted, 1 are left", (cursor) => [cursor.skip(2), cursor.u16()]],
    ["4 bytes wanted, 3 are left", (cursor) => cursor.u32()],
    ["8 bytes wanted, 3 are left", (cursor) => cursor.i64()],
    ["4 bytes wanted, 3 are left", (cursor) => cursor.take(4)],
    ["4294967295 bytes wanted, 3 are left", (cursor) => cursor.take(2 ** 32 - 1)],
    ["-1 bytes wanted, 3 are left", (cursor) => cursor.take(-1)],
    ["0.5 bytes wanted, 3 are left", (cursor) => cursor.skip(0.5)],
    ["NaN bytes wanted, 3 are left", (cursor) => cursor.skip(Number.NaN)],
  ])("stops at the end: %s", (message, read) => {
    const cursor = over(new Uint8Array(3));
    expect(() => read(cursor)).toThrow(FormatError);
    expect(() => read(over(new Uint8Array(3)))).toThrow(message);
  });

  it("consumes nothing when it fails, and names the offset in the file and the code it was given", () => {
    const cursor = new Cursor(bytes, { what: "a record", base: 1000, code: "record-truncated" });
    cursor.skip(6);
    expect(() => cursor.u32()).toThrow(
      expect.objectContaining({
        code: "record-truncated",
        message: "reading a record at offset 1006: 4 bytes wanted, 2 are left",
      }),
    );
    expect(cursor.position).toBe(6);
    expect(cursor.offset).toBe(1006);
    expect(cursor.u16()).toBe(0x3fc0);
  });

  it("refuses a 64-bit number that JavaScript would round", () => {
    const limit = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]);
    expect(over(limit).u64()).toBe(Number.MAX_SAFE_INTEGER);
    const above = new Uint8Array([0, 0, 0, 0, 0, 0, 0x20, 0]);
    expect(() => over(above).u64()).toThrow("found the 64-bit number 9007199254740992, expected at most");
  });
});
