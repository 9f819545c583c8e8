import { describe, expect, test } from "vitest";
import { keyOf } from "../catalog/value.ts";
import type { ObjectValue, Value } from "../catalog/value.ts";
import { FormatError, LimitError } from "../errors.ts";
import { unpickle } from "./machine.ts";
import { opcodeNames, opcodes } from "./opcodes.ts";

/** A pickle from its bytes, spelled as a string of characters up to 0xFF. */
function pickled(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function read(text: string): Value {
  return unpickle(pickled(text)).value;
}

const os = { kind: "global", module: "os", name: "system" } as const;
const shell = "cos\nsystem\n";

function object(made: ObjectValue["made"], callable: Value, items: Value[] | null): ObjectValue {
  const args: Value = items === null ? null : { kind: "tuple", items };
  return { kind: "object", made, callable, args, kwargs: null, state: null };
}

describe("objects are described and never made", () => {
  // prettier-ignore
  test.each<[string, string, Value]>([
    ["GLOBAL", `${shell}.`, os],
    ["STACK_GLOBAL", "\x80\x04\x8c\x02os\x8c\x06system\x93.", os],
    ["REDUCE", `${shell}(U\x02idtR.`, object("reduce", os, ["id"])],
    ["NEWOBJ", `\x80\x02${shell})\x81.`, object("new", os, [])],
    ["NEWOBJ_EX", `\x80\x04${shell})}\x92.`, { ...object("new", os, []), kwargs: unpickle(pickled("}.")).value }],
    ["INST with arguments", "(U\x02idios\nsystem\n.", object("reduce", os, ["id"])],
    ["INST without arguments", "(ios\nsystem\n.", object("new", os, [])],
    ["OBJ with arguments", `(${shell}U\x02ido.`, object("reduce", os, ["id"])],
    ["OBJ without arguments", `(${shell}o.`, object("new", os, [])],
    ["BUILD", `\x80\x02${shell})\x81K\x05b.`, { ...object("new", os, []), state: 5 }],
    ["BUILD twice", `\x80\x02${shell})\x81K\x05bK\x06b.`, { ...object("new", os, []), state: 5, moreStates: [6] }],
    ["APPEND to an object", `\x80\x02${shell})\x81K\x05a.`, { ...object("new", os, []), appended: [5] }],
    ["ADDITEMS to an object", `\x80\x04${shell})\x81(K\x05\x90.`, { ...object("new", os, []), appended: [5] }],
    ["SETITEM on an object", `\x80\x02${shell})\x81U\x01kK\x05s.`, { ...object("new", os, []), items: [{ key: "k", value: 5 }] }],
    ["BUILD on a class", `${shell}K\x05b.`, { ...object("extend", os, null), state: 5 }],
    ["SETITEM on a class", `${shell}U\x01kK\x05s.`, { ...object("extend", os, null), items: [{ key: "k", value: 5 }] }],
    ["PERSID", "Pkey\n.", { kind: "persistent", id: "key" }],
    ["BINPERSID", "K\x05Q.", { kind: "persistent", id: 5 }],
    ["NEXT_BUFFER", "\x80\x05\x97\x97\x86.", { kind: "tuple", items: [0, 1].map((id) => ({ kind: "persistent", id, outOfBand: true })) }],
    ["EXT1", "\x80\x02\x82\x05.", { kind: "global", module: "copyreg", name: "extension 5", extension: 5 }],
    ["EXT2", "\x80\x02\x83\x00\x01.", { kind: "global", module: "copyreg", name: "extension 256", extension: 256 }],
    ["EXT4", "\x80\x02\x84\x00\x00\x01\x00.", { kind: "global", module: "copyreg", name: "extension 65536", extension: 65536 }],
  ])("%s", (_, pickle, value) => {
    expect(read(pickle)).toEqual(value);
  });

  test("a call whose arguments are no tuple keeps them as they are", () => {
    expect(read(`${shell}K\x05R.`)).toEqual({ ...object("reduce", os, null), args: 5 });
  });

  test("calls of Python's own data with arguments that it does not take stay objects", () => {
    for (const call of [
      "c__builtin__\nset\nK\x05\x85R.",
      "c_codecs\nencode\nU\x01aU\x03rot\x86R.",
      "c__builtin__\ncomplex\nU\x01a\x85R.",
    ]) {
      expect(read(`\x80\x02${call}`)).toMatchObject({ kind: "object", made: "reduce" });
    }
  });

  test("extending by nothing is allowed for anything, as in Python", () => {
    expect(read("\x80\x04K\x05(e(u(\x90.")).toBe(5);
  });

  test("a result fetched from the memo is the same node", () => {
    const list = read(`\x80\x02]${shell})Rq\x00ah\x00a.`) as { items: Value[] };
    expect(list.items[0]).toBe(list.items[1]);
  });

  test("two names of one class are one node", () => {
    const { items } = read(`(${shell}${shell}l.`) as { items: Value[] };
    expect(items[0]).toBe(items[1]);
  });
});

describe("what Python writes as calls but is data", () => {
  test("attributes of an OrderedDict stand beside its items", () => {
    const value = read("\x80\x02ccollections\nOrderedDict\n)R(U\x01aK\x01u}U\x09_metadataK\x07sb.");
    expect(value).toMatchObject({ kind: "dict", class: "collections.OrderedDict" });
    const { items, attributes } = value as Extract<Value, { kind: "dict" }>;
    expect(items.get(keyOf("a"))).toEqual({ key: "a", value: 1 });
    expect(attributes).toMatchObject({
      kind: "dict",
      items: new Map([[keyOf("_metadata"), { key: "_metadata", value: 7 }]]),
    });
  });

  // prettier-ignore
  test.each([
    ["ADDITEMS", "\x80\x04\x8f(K\x01\x88K\x02\x90(K\x02K\x03\x90.", [1, 2, 3]],
    ["FROZENSET", "\x80\x04(\x88K\x01\x91.", [true]],
    ["set", "\x80\x02c__builtin__\nset\n(K\x01K\x01l\x85R.", [1]],
  ])("a set has each member once: %s", (_, pickle, items) => {
    expect(read(pickle)).toMatchObject({ kind: "set", items });
  });

  test("a default dictionary keeps its factory", () => {
    expect(read("\x80\x02ccollections\ndefaultdict\nc__builtin__\nlist\n\x85R.")).toMatchObject({
      kind: "dict",
      class: "collections.defaultdict",
      args: { kind: "tuple", items: [{ kind: "global", module: "builtins", name: "list" }] },
    });
  });

  // prettier-ignore
  test.each([
    ["UTF-8", "U\x02\xc3\xa9.", "é"],
    ["ISO 8859-1 where it is not UTF-8", "U\x01\xe9.", "é"],
  ])("a string of Python 2 is text: %s", (_, pickle, text) => {
    expect(read(pickle)).toBe(text);
  });
});

describe("globals", () => {
  test("are listed with what the file calls them, where, how often, and how often they would be called", () => {
    const { globals } = unpickle(pickled(`\x80\x02(c__builtin__\neval\n${shell}q\x00)R${shell}h\x00l.`));
    expect(globals).toEqual([
      {
        module: "builtins",
        name: "eval",
        writtenModule: "__builtin__",
        writtenName: "eval",
        how: "GLOBAL",
        offset: 3,
        count: 1,
        calls: 0,
      },
      {
        module: "os",
        name: "system",
        writtenModule: "os",
        writtenName: "system",
        how: "GLOBAL",
        offset: 21,
        count: 2,
        calls: 1,
      },
    ]);
  });

  // prettier-ignore
  test.each([
    ["__builtin__\nset", "builtins", "set"],
    ["__builtin__\nlong", "builtins", "int"],
    ["copy_reg\n_reconstructor", "copyreg", "_reconstructor"],
    ["cPickle\nloads", "pickle", "loads"],
    ["UserDict\nUserDict", "collections", "UserDict"],
    ["exceptions\nKeyError", "builtins", "KeyError"],
    ["exceptions\nStandardError", "builtins", "Exception"],
    ["commands\ngetoutput", "subprocess", "getoutput"],
  ])("below protocol 3 %j is Python 3's %s.%s", (written, module, name) => {
    expect(read(`\x80\x02c${written}\n.`)).toEqual({ kind: "global", module, name });
    const [before, after] = written.split("\n");
    expect(read(`\x80\x03c${written}\n.`)).toEqual({ kind: "global", module: before, name: after });
  });
});

describe("attacks", () => {
  // prettier-ignore
  test.each([
    ["STACK_GLOBAL of numbers", "\x80\x04K\x01K\x02\x93.", [1, 2]],
    ["STACK_GLOBAL of strings from the memo and None", "\x80\x04\x8c\x02os\x940h\x00N\x93.", ["os", null]],
  ])("%s is shown as a lookup", (_, pickle, items) => {
    const { value, globals } = unpickle(pickled(pickle));
    expect(value).toEqual(object("lookup", null, items));
    expect(globals).toMatchObject([{ how: "STACK_GLOBAL", count: 1 }]);
  });

  test("STACK_GLOBAL of strings from the memo is found", () => {
    const { globals } = unpickle(pickled("\x80\x04\x8c\x02os\x94\x8c\x06system\x9400h\x00h\x01\x93)R."));
    expect(globals).toMatchObject([{ module: "os", name: "system", how: "STACK_GLOBAL", calls: 1 }]);
  });

  test("a dotted name stays one name", () => {
    expect(read("\x80\x04\x8c\x05torch\x8c\x09os.system\x93.")).toEqual({
      kind: "global",
      module: "torch",
      name: "os.system",
    });
  });

  test("names of look-alike letters stay what they are", () => {
    expect(read("\x80\x04\x8c\x03\xd0\xbes\x8c\x06system\x93.")).toEqual({
      kind: "global",
      module: "оs",
      name: "system",
    });
  });

  test("a memo bomb makes few nodes and a graph of any size", () => {
    // Each level holds the one before twice: 2^60 paths, 61 lists.
    let text = "]q\x00";
    for (let level = 1; level <= 60; level++)
      text += `(h${String.fromCharCode(level - 1)}2lq${String.fromCharCode(level)}`;
    let value = read(`${text}.`) as { items: Value[] };
    for (let level = 0; level < 60; level++) {
      expect(value.items[0]).toBe(value.items[1]);
      value = value.items[0] as { items: Value[] };
    }
    expect(value.items).toEqual([]);
  });

  // prettier-ignore
  test.each([
    ["a memo bomb of tuples as a key", (n: number) => `h${String.fromCharCode(n)}2\x86`],
    ["a memo bomb of frozen sets as a key", (n: number) => `(h${String.fromCharCode(n)}2\x86)\x91`],
  ])("%s ends", (_, next) => {
    let text = "\x80\x04)q\x00";
    for (let level = 1; level <= 60; level++) text += `${next(level - 1)}q${String.fromCharCode(level)}`;
    const value = read(`${text}}h\x3cK\x01s.`) as Extract<Value, { kind: "dict" }>;
    expect(value.items.size).toBe(1);
  });

  // prettier-ignore
  test.each([
    ["a list of 200 000 levels", "]".repeat(200_000) + "a".repeat(199_999)],
    ["tuples of 200 000 levels", ")" + "\x85".repeat(200_000)],
    ["tuples of 200 000 levels as a key", "})" + "\x85".repeat(200_000) + "K\x01s"],
  ])("%s is read without recursion", (_, text) => {
    expect(() => read(`\x80\x02${text}.`)).not.toThrow();
  });

  test("a list that contains itself is a cycle", () => {
    const value = read("]q\x00h\x00a.") as { items: Value[] };
    expect(value.items[0]).toBe(value);
  });

  test("keys that JavaScript gives a meaning are only keys", () => {
    const value = read("}(U\x09__proto__K\x01U\x0bconstructorK\x02U\x08toStringK\x03u.") as Extract<
      Value,
      { kind: "dict" }
    >;
    expect([...value.items.values()].map(({ key }) => key)).toEqual(["__proto__", "constructor", "toString"]);
    expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
  });

  test("a memo index of 2^32 - 1 costs one entry", () => {
    expect(read("]r\xff\xff\xff\xff(j\xff\xff\xff\xffl.")).toEqual({
      kind: "list",
      items: [{ kind: "list", items: [] }],
    });
  });

  test("several pickles in a row: the first one is read and its end told", () => {
    const bytes = pickled("K\x01.K\x02.");
    const first = unpickle(bytes);
    expect([first.value, first.end]).toEqual([1, 3]);
    expect(unpickle(bytes, { start: first.end })).toMatchObject({ value: 2, end: 6 });
  });

  // prettier-ignore
  test.each<[string, string, string, string]>([
    ["no STOP", "K\x01", "pickle-truncated", "pickle: byte 2: it ends without STOP"],
    ["an empty pickle", "", "pickle-truncated", "pickle: byte 0: it ends without STOP"],
    ["a stack underflow", "K\x01a.", "pickle-stack", "pickle: byte 2: APPEND needs a value on the stack, found none"],
    ["STOP on an empty stack", ".", "pickle-stack", "pickle: byte 0: STOP needs a value on the stack, found none"],
    ["a stack underflow through a mark", "K\x01(a.", "pickle-stack", "pickle: byte 3: APPEND needs a value on the stack, found none"],
    ["two values where three are needed", "NN\x87.", "pickle-stack", "pickle: byte 2: TUPLE3 needs 3 values on the stack, found 2"],
    ["a mark underflow", "K\x01t.", "pickle-stack", "pickle: byte 2: TUPLE needs a mark, found none"],
    ["a memo miss", "h\x05.", "pickle-memo", "pickle: byte 0: BINGET asks for memo entry 5, which was never put there"],
    ["a text memo miss", "g77\n.", "pickle-memo", "pickle: byte 0: GET asks for memo entry 77, which was never put there"],
    ["a negative memo index", "]p-1\n.", "pickle-memo", "pickle: byte 1: PUT needs an index, found -1"],
    ["a memo of an empty stack", "q\x00.", "pickle-stack", "pickle: byte 0: BINPUT needs a value on the stack, found none"],
    ["protocol 6", "\x80\x06N.", "pickle-protocol", "pickle: byte 0: protocol 6, where the newest is 5"],
    ["an unknown opcode", "N\x01.", "pickle-opcode", "pickle: byte 1: no opcode is 0x01"],
    ["a web page", "<html>", "pickle-opcode", 'pickle: byte 0: no opcode is 0x3c ("<")'],
    ["BINUNICODE8 past the end", "\x8d\xff\xff\xff\xff\xff\xff\xff\x7fa.", "pickle-truncated", "pickle: byte 0: BINUNICODE8 needs 9223372036854776000 bytes, found 2"],
    ["BINBYTES8 past the end", "\x8e\x00\x00\x00\x00\x00\x00\x00\x80a.", "pickle-truncated", "pickle: byte 0: BINBYTES8 needs 9223372036854776000 bytes, found 2"],
    ["BYTEARRAY8 past the end", "\x96\x00\x00\x00\x00\x01\x00\x00\x00.", "pickle-truncated", "pickle: byte 0: BYTEARRAY8 needs 4294967296 bytes, found 1"],
    ["LONG4 past the end", "\x8b\xff\xff\xff\x7f\x01.", "pickle-truncated", "pickle: byte 0: LONG4 needs 2147483647 bytes, found 2"],
    ["LONG4 of a negative length", "\x8b\xff\xff\xff\xff.", "pickle-length", "pickle: byte 0: LONG4 claims a length of -1"],
    ["BINSTRING of a negative length", "T\xff\xff\xff\xff.", "pickle-length", "pickle: byte 0: BINSTRING claims a length of -1"],
    ["FRAME past the end", "\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00N.", "pickle-truncated", "pickle: byte 2: FRAME needs 255 bytes, found 2"],
    ["a length that is cut off", "X\x01\x00", "pickle-truncated", "pickle: byte 0: BINUNICODE needs 4 bytes, found 2"],
    ["a line without an end", "cos\nsystem", "pickle-truncated", "pickle: byte 0: GLOBAL needs a line, found no line feed"],
    ["text that is not UTF-8", "X\x01\x00\x00\x00\xff.", "pickle-text", "pickle: byte 0: the text of BINUNICODE is not what it has to be"],
    ["an integer that is none", "Iten\n.", "pickle-text", "pickle: byte 0: INT is followed by what is no integer"],
    ["a float that is none", "F0x10\n.", "pickle-text", "pickle: byte 0: FLOAT is followed by what is no number"],
    ["a string without quotes", "Sabc\n.", "pickle-text", "pickle: byte 0: STRING needs a quoted string"],
    ["an odd number of items", "}(K\x01u.", "pickle-stack", "pickle: byte 4: SETITEMS needs keys and values in pairs, found 1 values"],
    ["SETITEM on a list", "]K\x00K\x01s.", "pickle-target", "pickle: byte 5: SETITEM cannot extend a list"],
    ["APPEND to a number", "K\x01K\x02a.", "pickle-target", "pickle: byte 4: APPEND cannot extend an int"],
    ["ADDITEMS to a frozen set", "\x80\x04(\x91(K\x01\x90.", "pickle-target", "pickle: byte 7: ADDITEMS cannot extend a set"],
    ["BUILD on a string", "U\x01aNb.", "pickle-target", "pickle: byte 4: BUILD cannot extend a str"],
    ["OBJ without a class", "(o.", "pickle-stack", "pickle: byte 1: OBJ needs a class above its mark"],
    ["extension 0", "\x82\x00.", "pickle-extension", "pickle: byte 0: EXT1 needs a number above 0, found 0"],
  ])("%s is refused with the byte where it stands", (_, pickle, code, message) => {
    let error: unknown;
    try {
      read(pickle);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ code, message, hint: expect.any(String) });
  });

  // prettier-ignore
  test.each<[string, string, Parameters<typeof unpickle>[1], string]>([
    ["more bytes than allowed", "NNNN.", { limits: { pickleBytes: 4 } }, "pickle-bytes"],
    ["more values than allowed", "N".repeat(200) + ".", { limits: { pickleValues: 100 } }, "pickle-values"],
    ["an integer of too many bytes", "\x80\x02\x8b\x01\x20\x00\x00" + "a".repeat(8193) + ".", {}, "pickle-integer"],
    ["an integer of too many digits", "L" + "9".repeat(20_000) + "L\n.", {}, "pickle-integer"],
    ["a large list copied from the memo again and again", `\x80\x02c__builtin__\nset\nq\x00](${"N".repeat(5000)}e\x85q\x01${"0h\x00h\x01R".repeat(5000)}.`, { limits: { pickleValues: 1e6 } }, "pickle-values"],
    ["a long key used again and again", `\x80\x02}T\x40\x42\x0f\x00${"k".repeat(1_000_000)}q\x00${"K\x01s".repeat(1)}${"h\x00K\x01s".repeat(5000)}.`, { limits: { pickleValues: 1e6 } }, "pickle-values"],
    ["long bytes encoded again and again", `\x80\x02c_codecs\nencode\nq\x00T\x40\x42\x0f\x00${"k".repeat(1_000_000)}U\x06latin1\x86q\x01${"0h\x00h\x01R".repeat(5000)}.`, { limits: { pickleValues: 1e6 } }, "pickle-values"],
  ])("%s meets a limit", (_, pickle, options, code) => {
    let error: unknown;
    try {
      unpickle(pickled(pickle), options);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ code });
  });
});

test("the table of opcodes has no number twice", () => {
  expect(opcodeNames.size).toBe(Object.keys(opcodes).length);
  expect(opcodeNames.size).toBe(68);
});
