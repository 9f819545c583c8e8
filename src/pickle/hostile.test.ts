/** Pickles of any kind and real files: every one is answered in bounded time, and by our own errors only. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemorySource } from "../bytes/memory-source.ts";
import { openZip } from "../bytes/zip.ts";
import type { Value } from "../catalog/value.ts";
import { FormatError, ParascopeError } from "../errors.ts";
import { unpickle } from "./machine.ts";
import type { Unpickled } from "./machine.ts";
import { moduleOf } from "./module.ts";
import { opcodes } from "./opcodes.ts";
import { TorchReader } from "./torch.ts";
import { processorTime } from "../../test/processor-time.ts";

/** All nodes that can be reached, each once. */
function nodesOf(root: Value): Set<Value> {
  const nodes = new Set<Value>([root]);
  for (const node of nodes) {
    if (typeof node !== "object" || node === null) continue;
    switch (node.kind) {
      case "list":
      case "tuple":
      case "set":
        for (const item of node.items) nodes.add(item);
        break;
      case "dict":
        for (const { key, value } of node.items.values()) nodes.add(key).add(value);
        for (const more of [node.attributes, node.args ?? null, ...(node.moreStates ?? [])]) nodes.add(more);
        break;
      case "object":
        for (const part of [node.callable, node.args, node.kwargs, node.state]) nodes.add(part);
        for (const part of [...(node.moreStates ?? []), ...(node.appended ?? [])]) nodes.add(part);
        for (const { key, value } of node.items ?? []) nodes.add(key).add(value);
        break;
      case "persistent":
        nodes.add(node.id);
        break;
      default:
    }
  }
  return nodes;
}

/** Reads a pickle and everything in it that could be a tensor or a module; undefined when it is refused. */
function readAll(bytes: Uint8Array): Unpickled | undefined {
  let result: Unpickled;
  try {
    result = unpickle(bytes, { limits: { pickleValues: 200_000 } });
  } catch (error) {
    if (error instanceof ParascopeError && error.code !== "internal") return undefined;
    throw error;
  }
  const reader = new TorchReader();
  for (const node of nodesOf(result.value)) {
    reader.tensor(node);
    reader.storage(node);
    reader.array(node);
    reader.scalar(node);
    moduleOf(node);
  }
  return result;
}

const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/pickles.json", import.meta.url), "utf8"),
) as Record<"python" | "tensors" | "arrays" | "scalars", { pickle: string }[]>;
const sound = [...golden.python, ...golden.tensors, ...golden.arrays, ...golden.scalars]
  .map(({ pickle }) => new Uint8Array(Buffer.from(pickle, "base64")))
  .filter(({ length }) => length < 2000);

describe("whatever the bytes are, the answer is a value or one of our errors", () => {
  test("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const result = readAll(bytes);
        expect(result === undefined || result.end <= bytes.length).toBe(true);
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  test("random opcodes with small arguments", () => {
    const opcode = fc.constantFrom(...Object.values(opcodes));
    const program = fc.array(
      fc.oneof({ weight: 3, arbitrary: opcode }, { weight: 1, arbitrary: fc.nat(4) }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(program, (codes) => {
        // Values to work on come first, so that fewer programs end at the first opcode.
        const bytes = new Uint8Array([
          ...Buffer.from("((](}(cos\nsystem\n)NK\x01K\x02q\x00", "latin1"),
          ...codes,
          opcodes.STOP,
        ]);
        const result = readAll(bytes);
        expect(result === undefined || result.end <= bytes.length).toBe(true);
      }),
      { numRuns: 5000, seed: 2 },
    );
  });

  test("sound pickles with some bytes changed, cut off or repeated", () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.nat(255),
      how: fc.constantFrom("set", "cut", "insert", "repeat"),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...sound),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (pickle, changes) => {
          let bytes = [...pickle];
          for (const { at, byte, how } of changes) {
            const index = at % (bytes.length + 1);
            if (how === "set") bytes[index] = byte;
            else if (how === "cut") bytes = bytes.slice(0, index);
            else if (how === "insert") bytes.splice(index, 0, byte);
            else bytes.push(...bytes.slice(index));
          }
          const result = readAll(new Uint8Array(bytes));
          expect(result === undefined || result.end <= bytes.length).toBe(true);
        },
      ),
      { numRuns: 5000, seed: 3 },
    );
  });

  test("every cut of a sound pickle is refused", () => {
    for (const pickle of sound.slice(0, 40)) {
      const { end } = unpickle(pickle);
      for (let length = 0; length < end; length++) {
        expect(() => unpickle(pickle.subarray(0, length))).toThrow(FormatError);
      }
    }
  });
});

const real = new URL("../../../shared/real/", import.meta.url);
const skipped = existsSync(real) ? false : "the folder of real files is not here";
const names = (folder: URL, wanted: RegExp): string[] =>
  skipped === false ? readdirSync(folder).filter((name) => wanted.test(name)) : [];

describe.skipIf(skipped !== false)(`real files${skipped === false ? "" : ` (${skipped})`}`, () => {
  const isZip = (name: string): boolean => readFileSync(new URL(name, real)).readUInt32BE(0) === 0x504b0304;

  test.each(names(real, /\.(pt|pth|bin|jit)$/).filter(isZip))(
    "the pickles in %s are read to their end",
    async (name) => {
      const zip = await openZip(new MemorySource(new Uint8Array(readFileSync(new URL(name, real)))));
      const pickles = zip.entries.filter((entry) => /\/(data|constants)\.pkl$/.test(entry.name));
      expect(pickles.length).toBeGreaterThan(0);
      for (const entry of pickles) {
        const bytes = await zip.read(entry);
        const result = readAll(bytes);
        expect(result?.end).toBe(bytes.length);
        const reader = new TorchReader();
        const readings = [...nodesOf(result!.value)]
          .map((node) => reader.tensor(node))
          .filter((one) => one !== undefined);
        expect(readings.filter(({ refused }) => refused !== null)).toEqual([]);
      }
    },
  );

  test.each(names(real, /legacy|python2/))("the five pickles of %s are read", (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(name, real)));
    let start = 0;
    const values: Value[] = [];
    for (let count = 0; count < 5; count++) {
      const { value, end } = unpickle(bytes, { start });
      values.push(value);
      start = end;
    }
    expect(values[0]).toBe(0x1950a86a20f9469cfc6cn);
    expect(values[1]).toBe(1001);
    const reader = new TorchReader();
    for (const node of nodesOf(values[3]!)) {
      expect(reader.tensor(node)?.refused ?? null).toBe(null);
      expect(reader.storage(node)?.refused ?? null).toBe(null);
    }
    const keys = values[4] as { items: Value[] };
    expect([...reader.storages.keys()].sort()).toEqual([...keys.items].sort());
  });

  const hostile = new URL("hostile/", real);

  test.each(names(hostile, /\.(pkl|pickle|bin|pt)$/))(
    "hostile/%s is answered within a second, and nothing runs",
    (name) => {
      const bytes = new Uint8Array(readFileSync(new URL(name, hostile)));
      const start = processorTime();
      readAll(bytes);
      expect(processorTime() - start).toBeLessThan(1000);
    },
  );

  // prettier-ignore
  test.each([
    ["malicious0.pkl", "builtins.eval"],
    ["malicious1_v0.pkl", "builtins.eval"],
    ["malicious1_v4.pkl", "builtins.eval"],
  ])("hostile/%s names %s as called", (name, callable) => {
    const { globals } = unpickle(new Uint8Array(readFileSync(new URL(name, hostile))));
    expect(globals.filter(({ calls }) => calls > 0).map(({ module, name }) => `${module}.${name}`)).toContain(callable);
  });
});
