/** What opening a folder says of a checkpoint of several files, beside what PyTorch loaded of it (`make-folders.py`). */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { open } from "../../src/node/open.ts";

interface GoldenTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sha256: string;
}

const { versions, ...golden } = JSON.parse(
  readFileSync(new URL("folders.json", import.meta.url), "utf8"),
) as Record<string, readonly GoldenTensor[]>;

function digest(pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

describe.each(Object.entries(golden))("the folder %s", (name, tensors) => {
  it("lists the tensors and their values as PyTorch loads them", async () => {
    const folder = fileURLToPath(new URL(`../fixtures/folders/${name}`, import.meta.url));
    await using catalog = await open(folder);
    const found = [];
    for (const entry of catalog.entries) {
      const { name: entryName, dtype, shape } = entry;
      const whole = digest([await catalog.read(entry)]);
      const blocks = [];
      for await (const block of catalog.blocks(entry, 7)) blocks.push(block.slice());
      expect(digest(blocks)).toBe(whole);
      found.push({ name: entryName, dtype, shape, sha256: whole });
    }
    expect(found).toEqual(tensors);
    expect(catalog.notices).toEqual([]);
  });
});

it("knows the versions that made the files", () => {
  expect(versions).toHaveProperty("torch");
});
