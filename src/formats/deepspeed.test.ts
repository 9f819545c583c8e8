import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { folderOf } from "../bytes/folder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { ParascopeError } from "../errors.ts";
import { open } from "./open.ts";

type Files = Record<string, Uint8Array>;

/** Opens the files of a fixture, changed; the names begin with those of their folders. */
function openWith(fixture: string, change: (files: Files) => void): Promise<Catalog> {
  const place = fileURLToPath(new URL(`../../test/fixtures/folders/${fixture}`, import.meta.url));
  const files: Files = {};
  for (const item of readdirSync(place, { recursive: true, withFileTypes: true })) {
    if (!item.isFile()) continue;
    const path = join(item.parentPath, item.name);
    files[relative(place, path).replaceAll(sep, "/")] = Uint8Array.from(readFileSync(path));
  }
  change(files);
  return open(
    folderOf(Object.entries(files).map(([name, bytes]) => [name, new MemorySource(bytes)] as const)),
  );
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("a checkpoint of DeepSpeed", () => {
  it.each([
    ["zero-2", 2],
    ["zero-3", 3],
  ])("of %s says its stage, and which parameters are trained", async (fixture, zeroStage) => {
    const { entries, metadata } = await openWith(fixture, () => undefined);
    expect(metadata).toMatchObject({ tag: "global_step5", zeroStage, ranks: 2, deepspeedVersion: "0.16.4" });
    const facts = new Map(
      entries.map(({ name, kind, kindFrom, requiresGrad }) => [name, `${kind} ${kindFrom} ${requiresGrad}`]),
    );
    expect(facts.get("0.weight")).toBe("parameter recorded true");
    expect(facts.get("1.running_mean")).toBe("buffer recorded null");
    expect(facts.get("frozen")).toBe(zeroStage === 2 ? "parameter recorded false" : undefined);
  });

  it("shows shared parameters as one", async () => {
    const { entries } = await openWith("zero-2", () => undefined);
    const [weight, tied] = ["0.weight", "tied"].map((name) => entries.find((entry) => entry.name === name)!);
    expect([tied!.storage, tied!.offset]).toEqual([weight!.storage, weight!.offset]);
  });

  it("opens from the folder of the step too", async () => {
    const { entries } = await openWith("zero-3", (files) => {
      for (const name of Object.keys(files)) {
        if (name.includes("/")) files[name.slice(name.indexOf("/") + 1)] = files[name]!;
        delete files[name];
      }
    });
    expect(entries).toHaveLength(9);
  });

  it.each<[string, (files: Files) => void, string]>([
    ["whose latest leads elsewhere", (files) => (files["latest"] = text("../other")), "outside-folder"],
    ["whose latest is a path", (files) => (files["latest"] = text("a/b")), "outside-folder"],
    ["whose latest is empty", (files) => (files["latest"] = text("\n")), "outside-folder"],
    ["whose step is not there", (files) => (files["latest"] = text("global_step6")), "deepspeed-files"],
    [
      "of which a rank is missing",
      (files) => delete files["global_step5/bf16_zero_pp_rank_1_mp_rank_00_optim_states.pt"],
      "deepspeed-ranks",
    ],
    [
      "of several model-parallel ranks",
      (files) =>
        (files["global_step5/mp_rank_01_model_states.pt"] =
          files["global_step5/mp_rank_00_model_states.pt"]!),
      "model-parallel",
    ],
  ])("%s is refused", async (_, change, code) => {
    const error: unknown = await openWith("zero-2", change).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ParascopeError);
    expect(error).toMatchObject({ code });
  });
});
