/**
 * What `open` and `read` say of TorchScript, torch.export, GGUF and ONNX, beside what PyTorch, gguf and onnx loaded from
 * the same files (`archives.py` made the JSON).
 */

import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { Entry } from "../../src/catalog/entry.ts";
import { joinPath } from "../../src/name.ts";
import type { GoldenEntry, GoldenModule } from "./listing.ts";
import { describeListings, goldenFiles, hashOf, isMissing, load, note } from "./listing.ts";

const files = goldenFiles<{
  readonly entries: readonly GoldenEntry[];
  readonly modules?: readonly GoldenModule[];
}>("archives.json");

/** An entry as the golden says it. */
async function described(catalog: Catalog, entry: Entry, wanted: GoldenEntry | undefined): Promise<object> {
  const { path, dtype, shape, stride, offset, requiresGrad, layout } = entry;
  return {
    path,
    dtype,
    shape,
    // Where a flag is not recorded PyTorch shows its default.
    ...(wanted?.requiresGrad === undefined ? {} : { requiresGrad: requiresGrad ?? wanted.requiresGrad }),
    ...(wanted?.kind === undefined
      ? {}
      : { kind: entry.kindFrom === "recorded" ? entry.kind : "unrecorded" }),
    ...(wanted?.stride === undefined ? {} : { stride }),
    ...(wanted?.offset === undefined ? {} : { offset }),
    ...(layout === "strided" ? {} : { layout }),
    ...(layout === "blocks" ? { type: entry.type } : {}),
    ...(wanted?.sha256 === undefined ? {} : { sha256: await hashOf(catalog, entry) }),
  };
}

describeListings(files, described);

const withModules = files.filter(([, file]) => file.modules !== undefined);

describe.each(withModules)("%s", (name, file) => {
  it.skipIf(isMissing(name))(`lists the modules with their classes and modes${note(name)}`, async () => {
    const { modules } = await load(name);
    const found = modules.flatMap(({ name, class: className, training }) =>
      // PyTorch has the bare name of the class.
      className === null ? [] : [[name, className.split(".").at(-1), training]],
    );
    const wanted = file.modules!.map(({ path, class: className, training }) => [
      joinPath(path),
      className,
      training,
    ]);
    expect(found).toEqual(wanted);
  });
});
