import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../catalog/catalog.ts";
import { open } from "./open.ts";
import { saveBytes } from "./save.ts";

function fixture(name: string): Promise<Catalog> {
  return open(
    new Uint8Array(readFileSync(new URL(`../../test/fixtures/torch-zip/${name}.pt`, import.meta.url))),
  );
}

/** What has to stay: everything but the storages' names. */
async function described(catalog: Catalog): Promise<unknown[]> {
  return Promise.all(
    catalog.entries.map(async (entry) => {
      const { name, kind, kindFrom, dtype, shape, stride, offset, requiresGrad, layout, storage } = entry;
      const bytes = layout === "strided" ? Buffer.from(await catalog.read(entry)).toString("base64") : null;
      const sharing = catalog.entries.filter(
        (other) => storage !== null && other.storage?.key === storage.key,
      );
      const names = sharing.map((other) => other.name);
      return { name, kind, kindFrom, dtype, shape, stride, offset, requiresGrad, layout, names, bytes };
    }),
  );
}

describe("a legacy file", () => {
  it.each([
    "state-dict",
    "views",
    "ties",
    "dtypes",
    "keep-vars",
    "checkpoint-protocol-2",
    "module",
    "big-endian",
    "quantized",
  ])("holds what the zip holds that it is made from: %s", async (name) => {
    const zip = await fixture(name);
    const legacy = await open(await saveBytes(zip, { format: "torch-legacy" }));
    expect(legacy.format).not.toBe(zip.format);
    expect(await described(legacy)).toEqual(await described(zip));
    expect(await described(await open(await saveBytes(legacy)))).toEqual(await described(zip));
  });

  it("starts with the magic number, the version and the system's description", async () => {
    const bytes = await saveBytes({}, { format: "torch-legacy" });
    expect(Buffer.from(bytes.subarray(0, 21)).toString("hex")).toBe(
      "80028a0a6cfc9c46f9206aa850192e80024de9032e",
    );
  });
});
