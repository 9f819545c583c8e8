import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { open } from "../formats/open.ts";
import { saveBytes } from "../formats/save.ts";
import type { Catalog } from "./catalog.ts";
import { draft } from "./draft.ts";

/** A safetensors file of two float32 numbers with a byte order that somebody claims. */
function claiming(byteOrder: string): Uint8Array {
  const header = JSON.stringify({
    __metadata__: { byteOrder },
    weight: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  });
  const bytes = new Uint8Array(8 + header.length + 8);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(new Uint8Array(new Float32Array([1.5, -2]).buffer), 8 + header.length);
  return bytes;
}

async function first(catalog: Catalog): Promise<number[]> {
  const bytes = await catalog.read(catalog.entries[0]!);
  return [...new Float32Array(bytes.slice().buffer)];
}

describe("the storages of a draft", () => {
  it.each(["torch-zip", "torch-legacy", "safetensors"] as const)(
    "have the byte order that the storage says, not the one that the metadata claim, as %s",
    async (format) => {
      const base = await open(claiming("big"));
      expect(await first(base)).toEqual([1.5, -2]);
      expect(await first(await open(await saveBytes(draft(base), { format })))).toEqual([1.5, -2]);
    },
  );

  it("of a big-endian array are swapped where the format has no byte order", async () => {
    const array = new Uint8Array(
      readFileSync(new URL("../../test/fixtures/numpy/big-endian.npy", import.meta.url)),
    );
    const base = await open(array);
    const written = await open(await saveBytes(draft(base), { format: "torch-legacy" }));
    expect(await written.read(written.entries[0]!)).toEqual(await base.read(base.entries[0]!));
  });
});
