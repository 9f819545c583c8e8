import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "./errors.ts";
import { selector } from "./selector.ts";
import { processorTime } from "../test/processor-time.ts";

/** "fine" when `act` returns or complains about its usage, else what it threw. */
function outcome(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error instanceof UsageError ? "fine" : error;
  }
  return "fine";
}

describe("a glob", () => {
  it.each([
    ["fc1.weight", ["fc1.weight"], ["fc1.weight_g", "xfc1.weight", "fc1/weight", ""]],
    ["*", ["weight", ""], ["fc.weight", "a/b"]],
    ["**", ["weight", "", "a/b.c"], []],
    [
      "encoder.*.weight",
      ["encoder.0.weight", "encoder..weight"],
      ["encoder.0.1.weight", "encoder.0/x.weight"],
    ],
    ["*.weight", ["fc.weight"], ["weight", "a.fc.weight", "state_dict/fc.weight"]],
    ["**.bias", ["bias", "fc.bias", "a.b.bias", "s/fc.bias", "s/bias"], ["xbias", "fc.bias_hh", "fc.xbias"]],
    ["**/bias", ["bias", "s/bias", "s/t/bias"], ["fc.bias", "s/fc.bias"]],
    ["encoder.**", ["encoder.0", "encoder.0.a/b"], ["encoder", "xencoder.0"]],
    ["encoder.**.weight", ["encoder.weight", "encoder.0.1.weight"], ["encoder.0weight"]],
    ["a**z", ["az", "a.b/z"], ["a.b"]],
    ["a***.z", ["a.z", "ab.c.z"], ["az"]],
    ["layer?.w", ["layer1.w", "layer😀.w"], ["layer.w", "layer12.w", "layer/.w", "layer..w"]],
    ["l[0-2x].w", ["l0.w", "l2.w", "lx.w"], ["l3.w", "l-.w"]],
    ["l[!0-2]w", ["l3w"], ["l1w", "l.w", "l/w"]],
    ["l[^a]w", ["lbw"], ["law"]],
    ["l[]a]", ["l]", "la"], ["lb"]],
    ["l[a-]", ["la", "l-"], ["lb"]],
    ["l[\\]\\\\]", ["l]", "l\\"], ["la"]],
    ["{fc1,fc2}.w", ["fc1.w", "fc2.w"], ["fc3.w", ".w"]],
    ["{a,b{c,d*}}", ["a", "bc", "bd", "bdd"], ["b", "ad"]],
    ["{,x}w", ["w", "xw"], ["xxw"]],
    ["{**.bias,*.w}", ["bias", "a.b.bias", "a.w"], ["w", "a.b.w"]],
    ["a\\*", ["a*"], ["ab"]],
    ["a,b", ["a,b"], ["a"]],
    ["\\/x", ["/x"], ["x"]],
    ["", [""], ["a"]],
  ])("%j selects %j and not %j", (pattern, yes, no) => {
    const matches = selector(pattern);
    expect(yes.filter((name) => !matches(name))).toEqual([]);
    expect(no.filter((name) => matches(name))).toEqual([]);
  });

  it("that is a name without special characters selects exactly that name", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", ".", "/", "~", "0", "-", "é") });
    fc.assert(
      fc.property(name, name, (pattern, other) => {
        fc.pre(!pattern.startsWith("/"));
        expect(selector(pattern)(pattern)).toBe(true);
        expect(selector(pattern)(other)).toBe(other === pattern);
      }),
    );
  });

  it("selects a name that looks like a pattern by that name", () => {
    expect(selector("blocks[0].w")("blocks[0].w")).toBe(true);
  });

  it("agrees with a backtracking reading of stars", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
    const slow = (text: string): RegExp =>
      new RegExp(
        `^${text
          .replace(/(^|\.)\*\*+\./g, "$1<deep>")
          .replace(/\*\*+/g, "<any>")
          .replaceAll(".", "\\.")
          .replaceAll("*", "[^./]*")
          .replaceAll("?", "[^./]")
          .replaceAll("<any>", "[^]*")
          .replaceAll("<deep>", "(?:[^]*[./])?")}$`,
      );
    fc.assert(
      fc.property(pattern, name, (text, candidate) => {
        // Two adjoining "**." share a dot that one replacement cannot see twice.
        fc.pre(!/\*\*+\.\*\*/.test(text) && text !== candidate);
        expect(selector(text)(candidate)).toBe(slow(text).test(candidate));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes time in proportion, also for patterns made to go back", () => {
    const started = processorTime();
    const matches = selector(`${"*a".repeat(50)}b`);
    expect(matches("a".repeat(5000))).toBe(false);
    const deep = selector(`${"**.".repeat(50)}x`);
    expect(deep("a.".repeat(2000))).toBe(false);
    expect(processorTime() - started).toBeLessThan(2000);
  });
});

describe("a regular expression", () => {
  it("is searched anywhere in the name, with its flags", () => {
    expect(selector("/\\.(q|k)_proj\\./")("a.q_proj.weight")).toBe(true);
    expect(selector("/^A/i")("abc")).toBe(true);
    expect(selector("/^b/")("abc")).toBe(false);
    expect(selector("/a/b/")("xa/b")).toBe(true);
  });
});

describe("a malformed pattern", () => {
  it.each([
    ["layer[0-9", 'pattern "layer[0-9": a set is opened and not closed at character 6'],
    ["[]", 'pattern "[]": a set is opened and not closed at character 1'],
    ["[!]", 'pattern "[!]": a set is opened and not closed at character 1'],
    ["a[z-a]", 'pattern "a[z-a]": a range runs backwards at character 3'],
    ["{a,b", 'pattern "{a,b": { is opened and not closed at character 1'],
    ["a}", 'pattern "a}": } closes nothing at character 2'],
    ["a\\", 'pattern "a\\": \\ escapes nothing at character 2'],
    ["/abc", 'pattern "/abc": a regular expression is opened and not closed at character 1'],
    ["/a/gx", 'pattern "/a/gx": the flags "gx" are not understood at character 4'],
  ])("%j is refused with its position", (pattern, message) => {
    expect(() => selector(pattern)).toThrow(UsageError);
    expect(() => selector(pattern)).toThrow(
      expect.objectContaining({ message, code: "bad-pattern" }) as Error,
    );
  });

  it("says what the engine says about a bad regular expression", () => {
    expect(() => selector("/(/")).toThrow(/pattern "\/\(\/": Invalid regular expression/);
  });

  it("never is anything but a usage error, however deep", () => {
    expect(() => selector("{".repeat(100_000))).toThrow(UsageError);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("[", "]", "{", "}", ",", "\\", "*", "-", "!", "a", "/") }),
        (text) => {
          expect(outcome(() => selector(text)("a.b"))).toBe("fine");
        },
      ),
      { numRuns: 2000 },
    );
  });
});
