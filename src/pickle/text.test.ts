import fc from "fast-check";
import { expect, test } from "vitest";
import { latin1, latin1Bytes, utf8, utf8Bytes } from "./text.ts";

test.each([
  ["", []],
  ["é", [0xc3, 0xa9]],
  ["\ufeff", [0xef, 0xbb, 0xbf]],
  ["\ud800", [0xed, 0xa0, 0x80]],
  ["a\udfffé😀", [0x61, 0xed, 0xbf, 0xbf, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80]],
])("UTF-8 with lone surrogates, as Python writes it: %j", (text, bytes) => {
  expect([...utf8Bytes(text)]).toEqual(bytes);
  expect(utf8(new Uint8Array(bytes))).toBe(text);
});

test("text that is written is read back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(utf8(utf8Bytes(text))).toBe(text);
    }),
    { seed: 1 },
  );
});

test("any bytes are ISO 8859-1 and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      expect(Buffer.compare(latin1Bytes(latin1(bytes))!, bytes)).toBe(0);
    }),
    { seed: 1 },
  );
});

test.each([
  [[0xff]],
  [[0xc3]],
  [[0xed, 0xa0]],
  [[0xed, 0xa0, 0x41]],
  [[0xc0, 0x80]],
  [[0xf5, 0x80, 0x80, 0x80]],
])("bytes that are no UTF-8 are no text: %j", (bytes) => {
  expect(utf8(new Uint8Array(bytes))).toBe(undefined);
});
