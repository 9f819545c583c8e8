/** Damaged files: whatever bytes change, opening and reading ends soon, and with an error of ours if with any. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ParascopeError } from "../src/errors.ts";
import { open } from "../src/formats/open.ts";

const fixtures = new URL("fixtures/", import.meta.url);
const names = [
  "torch-zip/module.pt",
  "torch-zip/exotic.pt",
  "torch-zip/quantized.pt",
  "torch-zip/checkpoint-protocol-5.pt",
  "torch-zip/views.pt",
  "safetensors/dtypes.safetensors",
  "torchscript/shared.jit",
  "torchscript/old.jit",
  "export/model.pt2",
  "export/before-2.8.pt2",
  "gguf/types.gguf",
  "onnx/model.onnx",
];

/** What is fine with a damaged file. */
const answers = ["opened", "refused"];

/** Opens a file and reads what can be read of it: one of the answers, or the text of an error that must not be. */
async function verdictOn(bytes: Uint8Array): Promise<string> {
  try {
    const catalog = await open(bytes);
    for (const entry of catalog.entries) {
      // An expanded view may be as large as it likes; nobody has to read all of it.
      const end = Math.min(entry.byteLength, 65_536);
      if (entry.layout === "strided") await catalog.read(entry, { end });
    }
    return "opened";
  } catch (error) {
    return error instanceof ParascopeError && error.code !== "internal" ? "refused" : String(error);
  }
}

describe.each(names)("%s, damaged", (name) => {
  const original = new Uint8Array(readFileSync(new URL(name, fixtures)));

  it("opens or is refused when bytes change", async () => {
    const place = fc.nat({ max: original.length - 1 });
    const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(changes, async (list) => {
      const bytes = original.slice();
      for (const [at, value] of list) bytes[at] = value;
      expect(answers).toContain(await verdictOn(bytes));
    });
    await fc.assert(property, { numRuns: 400, seed: 7 });
  });

  it("opens or is refused when it is cut or grows", async () => {
    const property = fc.asyncProperty(
      fc.nat({ max: original.length }),
      fc.uint8Array({ maxLength: 20 }),
      async (length, more) => {
        const bytes = new Uint8Array([...original.subarray(0, length), ...more]);
        expect(answers).toContain(await verdictOn(bytes));
      },
    );
    await fc.assert(property, { numRuns: 100, seed: 8 });
  });
});
