/**
 * What we write, loaded by real PyTorch with `weights_only=True`, beside what PyTorch loads from the file that it was
 * made from. Needs Python with torch and safetensors in `.oracle`; where that is missing the suite says so and skips.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { draft } from "../../src/catalog/draft.ts";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { SaveInput, SaveOptions } from "../../src/formats/save.ts";
import { open } from "../../src/node/open.ts";
import { save } from "../../src/node/save.ts";
import { load } from "../../src/state/load-file.ts";

const python = fileURLToPath(new URL("../../.oracle/bin/python", import.meta.url));
const hasOracle = existsSync(python);
if (!hasOracle)
  console.warn("skipped: no Python with torch in .oracle, so nothing that we write was loaded by PyTorch");

const zips = fileURLToPath(new URL("../fixtures/torch-zip/", import.meta.url));
const real = fileURLToPath(new URL("../../../shared/real/", import.meta.url));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parascope-oracle-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Description {
  readonly value?: unknown;
  readonly metadata?: unknown;
  readonly error?: string;
  readonly message?: string;
}

/** What PyTorch says of files; one process for all of them. */
function described(paths: readonly string[]): readonly Description[] {
  const script = fileURLToPath(new URL("describe.py", import.meta.url));
  const output = execFileSync(python, ["-W", "ignore", script], {
    input: paths.join("\n"),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return (JSON.parse(output) as { files: Description[] }).files;
}

/** Files without their weights, and one whose keys make a description of megabytes. */
const left: ReadonlySet<string> = new Set(["skip-data.pt", "ten-thousand-deflated.pt"]);

/** Bare storages that are windows of others, which PyTorch since 0.4 does not write: they come out as tensors. */
const windows = "storage-view.legacy.pt";

function sources(): string[] {
  const own = readdirSync(zips).filter((name) => name.endsWith(".pt") && !left.has(name));
  const others = existsSync(real)
    ? readdirSync(real).filter((name) => /\.(pt|pth|bin)$/.test(name) && name !== windows)
    : [];
  return [...own.map((name) => join(zips, name)), ...others.map((name) => join(real, name))];
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function rewritten(path: string, name: string, options: SaveOptions = {}): Promise<string | null> {
  let catalog;
  try {
    catalog = await open(path);
  } catch {
    return null;
  }
  const target = join(folder, name);
  await save(catalog, target, options);
  await catalog.close();
  return target;
}

describe.skipIf(!hasOracle)("PyTorch loads from what we write what it loads from the original", () => {
  it.each([
    ["as a zip", "torch-zip"],
    ["in the legacy format", "torch-legacy"],
  ] as const)("%s", async (_, format) => {
    const pairs: [string, string][] = [];
    for (const path of sources()) {
      const target = await rewritten(path, `${format}-${base(path)}`, { format });
      if (target !== null) pairs.push([path, target]);
    }
    const all = described(pairs.flat());
    let loaded = 0;
    for (const [index, [path]] of pairs.entries()) {
      const [before, after] = [all[2 * index]!, all[2 * index + 1]!];
      // With weights_only PyTorch refuses protocol 4, old NumPy names and whole modules. Nothing to compare with then.
      if (before.error !== undefined) continue;
      loaded += 1;
      expect([base(path), after]).toEqual([base(path), before]);
    }
    expect(loaded).toBeGreaterThanOrEqual(15);
  });

  it("as safetensors, packed and with copies of what is shared", async () => {
    const names = ["state-dict.pt", "ties.pt", "views.pt", "keep-vars.pt", "big-endian.pt"];
    const targets = await Promise.all(
      names.map(async (name) => {
        const target = await rewritten(join(zips, name), `${name}.safetensors`, {
          ties: "copy",
          others: "drop",
        });
        return target!;
      }),
    );
    const all = described([...names.map((name) => join(zips, name)), ...targets]);
    const values = (description: Description): Record<string, unknown> =>
      Object.fromEntries(
        (description.value as { items: [string, Record<string, unknown>][] }).items
          .filter(([, facts]) => "sha256" in facts)
          .map(([key, { dtype, shape, sha256 }]) => [key, { dtype, shape, sha256 }]),
      );
    for (const [index, name] of names.entries()) {
      expect([name, values(all[names.length + index]!)]).toEqual([name, values(all[index]!)]);
    }
  });
});

describe.skipIf(!hasOracle)("random checkpoints", () => {
  const count = 30;

  it("come out of opening and of loading as they went in", async () => {
    const script = fileURLToPath(new URL("random_checkpoints.py", import.meta.url));
    const made = mkdtempSync(join(folder, "random-"));
    const output = execFileSync(python, ["-W", "ignore", script, made, String(count), "1"], {
      encoding: "utf8",
    });
    const paths = output.trim().split("\n");
    const pairs: [string, string][] = [];
    for (const path of paths) {
      for (const format of ["torch-zip", "torch-legacy"] as const) {
        const opened = await rewritten(path, `opened-${format}-${base(path)}`, { format });
        const loaded = join(folder, `loaded-${format}-${base(path)}`);
        await save((await load(path)) as SaveInput, loaded, { format });
        pairs.push([path, opened!], [path, loaded]);
      }
    }
    expect(pairs.length).toBeGreaterThan(3 * count);
    const all = described([...paths, ...pairs.map(([, target]) => target)]);
    for (const [index, [path, target]] of pairs.entries()) {
      const [before, after] = [all[paths.indexOf(path)], all[paths.length + index]];
      expect([target, after]).toEqual([target, before]);
    }
  }, 120_000);
});

describe.skipIf(!hasOracle)("PyTorch loads an edited file", () => {
  async function edited(
    name: string,
    edit: (catalog: Catalog) => Promise<Catalog> | Catalog,
  ): Promise<unknown[]> {
    const catalog = await open(join(zips, name));
    const target = join(folder, `edited-${name}`);
    await save(await edit(catalog), target);
    await catalog.close();
    const description = described([target])[0]!;
    expect(description.error).toBeUndefined();
    return (description.value as { items: unknown[] }).items;
  }

  it("with casts as PyTorch casts", async () => {
    const items = await edited("state-dict.pt", (catalog) => draft(catalog).cast("**.weight", "bfloat16"));
    const script = [
      "import sys, json, torch, hashlib",
      "sd = torch.load(sys.argv[1], weights_only=True)",
      "print(json.dumps({k: hashlib.sha256(bytes(v.bfloat16().view(torch.uint8).numpy())).hexdigest() for k, v in sd.items() if k.endswith('weight')}))",
    ].join("\n");
    const expected = JSON.parse(
      execFileSync(python, ["-W", "ignore", "-c", script, join(zips, "state-dict.pt")], { encoding: "utf8" }),
    ) as Record<string, string>;
    expect(Object.keys(expected).length).toBeGreaterThan(0);
    for (const [key, sha256] of Object.entries(expected)) {
      const found = (items as [string, object][]).find(([name]) => name === `'${key}'`)![1];
      expect(found).toMatchObject({ dtype: "torch.bfloat16", sha256 });
    }
  });

  it("with renamed and deleted keys", async () => {
    let kept: string[] = [];
    const items = await edited("keep-vars.pt", (catalog) => {
      const [first, second, ...others] = catalog.entries.map(({ name }) => name);
      kept = ["renamed.weight", ...others, "note"];
      return draft(catalog).delete(first!).rename(second!, "renamed.weight").setItem(["note"], "edited");
    });
    expect(items.map((item) => (item as [string])[0])).toEqual(kept.map((name) => `'${name}'`));
    expect(items.at(-1)).toEqual(["'note'", "str 'edited'"]);
  });
});
