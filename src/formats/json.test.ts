import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import type { JsonValue } from "./json.ts";
import { parseJson } from "./json.ts";

function plain(value: JsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null && "kind" in value) return value.value;
  return typeof value === "bigint" ? Number(value) : value;
}

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // JSON.stringify writes lone surrogates as escapes; a strict reader refuses them.
        fc.pre(!/\\ud[89a-f]/i.test(text));
        expect(plain(parseJson(text, "test"))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("keeps integers, floats and large integers apart", () => {
    expect(parseJson("[1, 1.0, 1e2, -0, 9007199254740993]", "test")).toEqual([
      1,
      { kind: "float", value: 1 },
      { kind: "float", value: 100 },
      -0,
      9007199254740993n,
    ]);
  });

  it("keeps keys that JavaScript objects treat in their own way", () => {
    const value = parseJson('{"b": 1, "10": 2, "__proto__": 3, "2": 4}', "test");
    expect([...(value as Map<string, JsonValue>)]).toEqual([
      ["b", 1],
      ["10", 2],
      ["__proto__", 3],
      ["2", 4],
    ]);
  });

  it.each([
    ["a key that stands twice", '{"a": 1, "\\u0061": 2}', "duplicate-key"],
    ["an inner key that stands twice", '{"a": {"b": 1, "b": 1}}', "duplicate-key"],
    ["no value", "", "bad-json"],
    ["an open list", "[1, 2", "bad-json"],
    ["an open object", '{"a": 1', "bad-json"],
    ["an open string", '"abc', "bad-json"],
    ["a comma too many", "[1, ]", "bad-json"],
    ["a comma too few", "[1 2]", "bad-json"],
    ["a comma first", "[, 1]", "bad-json"],
    ["a key without quotes", "{a: 1}", "bad-json"],
    ["no colon", '{"a" 1}', "bad-json"],
    ["a leading zero", "[01]", "bad-json"],
    ["a point without digits", "[1.]", "bad-json"],
    ["NaN", "[NaN]", "bad-json"],
    ["an unknown word", "[nul]", "bad-json"],
    ["a control character in a string", '"a\nb"', "bad-json"],
    ["an unknown escape", '"\\x41"', "bad-json"],
    ["a short escape", '"\\u12"', "bad-json"],
    ["half of a surrogate pair", '"\\ud800"', "bad-json"],
    ["text after the value", "{} {}", "bad-json"],
    ["a NUL after the value", "{}\0", "bad-json"],
    ["a byte order mark", "\ufeff{}", "bad-json"],
    ["200 levels", "[".repeat(200) + "]".repeat(200), "bad-json"],
    ["an integer of a million digits", "9".repeat(1_000_000), "bad-json"],
  ])("refuses %s", (_what, text, code) => {
    let error: unknown;
    try {
      parseJson(text, "test");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toMatch(/^reading the test as JSON: character \d+: /);
  });
});
