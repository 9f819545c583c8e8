import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PlanStep } from "../catalog/plan.ts";
import type { LiveTensor, Saveable } from "../catalog/saveable.ts";
import { documentOf } from "../catalog/saveable.ts";
import { dtypes } from "../dtype.ts";
import { draft } from "../catalog/draft.ts";
import { open } from "./open.ts";
import { saveBytes } from "./save.ts";
import { encodeTorchZip } from "./torch-zip-writing.ts";

function tensor(bytes: Uint8Array, count: number): LiveTensor {
  const storage = { bytes, byteLength: 4 * count };
  return { dtype: dtypes.float32, shape: [count], strides: [1], offset: 0, storage };
}

const ones = tensor(new Uint8Array(Float32Array.of(1, 1, 1).buffer), 3);

describe("a zip beyond 4 GiB", () => {
  const golden = JSON.parse(
    readFileSync(new URL("../../test/golden/large-zip.json", import.meta.url), "utf8"),
  ) as { byteLength: number; crc32: number; before: string; after: string };

  it("has PyTorch's bytes before and after its large storage", async () => {
    const large = tensor(new Uint8Array(0), golden.byteLength / 4);
    const empty = tensor(new Uint8Array(0), 0);
    const { steps, byteLength } = encodeTorchZip(documentOf({ large, empty, small: ones }), {
      archive: "large",
    });
    const at = steps.findIndex((step) => step.step === "copy");
    const copy = steps[at] as Extract<PlanStep, { step: "copy" }>;
    copy.checksum!.crc32 = golden.crc32;
    const bytesOf = async (some: readonly PlanStep[]): Promise<string> => {
      const pieces: Uint8Array[] = [];
      for (const step of some) {
        if (step.step === "bytes") pieces.push(step.bytes);
        else if (step.step === "late") pieces.push(step.make());
        else if (step.step === "copy" && step.end > 0) {
          pieces.push(await (await step.open()).read(0, step.end));
          step.checksum!.crc32 = 0xdc7c4e94;
        }
      }
      return Buffer.concat(pieces).toString("hex");
    };
    expect(await bytesOf(steps.slice(0, at))).toBe(golden.before);
    expect(await bytesOf(steps.slice(at + 1))).toBe(golden.after);
    expect(byteLength).toBe((golden.before.length + golden.after.length) / 2 + golden.byteLength);
  });
});

describe("a file that PyTorch wrote", () => {
  const names = [
    "aligned-4096",
    "bare-parameter",
    "bare-tensor",
    "checkpoint-protocol-2",
    "cycle",
    "dtypes",
    "empty",
    "keep-vars",
    "keys",
    "named-parameters",
    "no-tensors",
    "parameter-list",
    "quantized",
    "state-dict",
    "ties",
    "views",
  ];

  it.each(names)("is written back unchanged byte for byte: %s", async (name) => {
    const bytes = new Uint8Array(
      readFileSync(new URL(`../../test/fixtures/torch-zip/${name}.pt`, import.meta.url)),
    );
    const catalog = await open(bytes);
    const alignment = Number(catalog.metadata["storageAlignment"]);
    const written = await saveBytes(catalog, { name: `${name}.pt`, alignment });
    expect(Buffer.from(written).equals(bytes)).toBe(true);
  });

  it("keeps objects of unknown classes when tensors are edited", async () => {
    const bytes = readFileSync(new URL("../../test/fixtures/torch-zip/module.pt", import.meta.url));
    const catalog = await open(new Uint8Array(bytes));
    const reopened = await open(await saveBytes(draft(catalog).cast("**.weight", "float64")));
    expect(reopened.modules).toEqual(catalog.modules);
    const facts = ({ entries }: typeof catalog): unknown[] =>
      entries.map(({ name, kind, kindFrom, requiresGrad, shape }) => ({
        name,
        kind,
        kindFrom,
        requiresGrad,
        shape,
      }));
    expect(facts(reopened)).toEqual(facts(catalog));
  });

  it("without its weights is refused, since they are not there to be written", async () => {
    const bytes = readFileSync(new URL("../../test/fixtures/torch-zip/skip-data.pt", import.meta.url));
    await expect(saveBytes(await open(new Uint8Array(bytes)))).rejects.toMatchObject({
      code: "missing-storage",
    });
  });
});

describe("what a program saves", () => {
  it.each<[string, Saveable, string]>([
    ["a function", { a: [(() => 1) as never] }, 'saving "a/0": found a function'],
    ["undefined", { a: undefined as never }, 'saving "a": found undefined'],
    ["an instance of a class", { a: new Date(0) as never }, 'saving "a": found an object of class "Date"'],
    [
      "a typed array that is no bytes",
      { a: new Float32Array(1) as never },
      'found an object of class "Float32Array"',
    ],
    ["a reference into a file", { a: { kind: "tensor", entry: 0 } }, "a reference into a file"],
  ])("is refused with its place: %s", async (_, value, message) => {
    await expect(saveBytes(value)).rejects.toThrow(message);
  });

  it("has cycles and shared values as one object", async () => {
    const list: Saveable[] = [1];
    list.push(list as never);
    const { root } = await open(await saveBytes({ list, again: list }));
    const items = [...(root as Extract<typeof root, { kind: "dict" }>).items.values()].map(
      ({ value }) => value,
    );
    expect(items[0]).toBe(items[1]);
    expect((items[0] as { items: unknown[] }).items[1]).toBe(items[0]);
  });

  it.each([
    [{ alignment: 0 }, "bad-alignment"],
    [{ alignment: 1.5 }, "bad-alignment"],
    [{ alignment: 65_536 }, "bad-alignment"],
    [{ archive: "a/b" }, "bad-archive-name"],
    [{ archive: "" }, "bad-archive-name"],
  ])("is refused for %j", (options, code) => {
    expect(() => encodeTorchZip(documentOf({ ones }), options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("a TorchScript archive", () => {
  it("becomes what its state_dict() is, without its classes, whose program is not written", async () => {
    const bytes = readFileSync(new URL("../../test/fixtures/torchscript/recurrent.jit", import.meta.url));
    const catalog = await open(new Uint8Array(bytes));
    const names = catalog.entries.map(({ name }) => name);
    for (const format of ["torch-zip", "torch-legacy"] as const) {
      const written = await open(
        await saveBytes(draft(catalog).rename(names[0]!, "lstm.renamed"), { format }),
      );
      expect(written.entries.map(({ name }) => name)).toEqual(["lstm.renamed", ...names.slice(1)]);
      expect(written.root).toMatchObject({ kind: "dict", class: "dict" });
      const values = await Promise.all(written.entries.map((entry) => written.read(entry)));
      expect(values).toEqual(await Promise.all(catalog.entries.map((entry) => catalog.read(entry))));
    }
  });
});
