/** The arguments of layers at run time, and what an editor offers while they are typed. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { completionsOf } from "./language-server.ts";
import { refused, sameLayers, typedOutputs, untyped } from "./arguments.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("arguments that compile", () => {
  it("make the same layer in all their forms", () => {
    for (const layers of sameLayers()) expect(new Set(layers.map(String)).size).toBe(1);
  });

  it("say what the layer gives", () => {
    expect(typedOutputs().map(({ shape }) => Array.from(shape))).toEqual([
      [1, 1, 2, 2],
      [1, 1, 2, 2],
      [1, 1, 2, 2],
      [4, 4],
    ]);
  });
});

describe("the options of a layer", () => {
  const linear = ["bias", "device", "dtype"];
  const offered: Readonly<Record<string, readonly string[]>> = {
    "new Linear(3, 4, { ": linear,
    "new Linear(3, { ": [...linear, "outFeatures"],
    "new Linear({ ": [...linear, "inFeatures", "outFeatures"],
  };

  it("are completed, and what is required and not given yet with them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "arguments-"));
    try {
      const source = relative(folder, join(root, "src")).replaceAll(sep, "/");
      const calls = Object.keys(offered);
      const program = `import { Linear } from "${source}/nn/index.ts";\n${calls.map((call) => `${call}});\n`).join("")}`;
      const file = join(folder, "completed.ts");
      writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
      writeFileSync(file, program);
      const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
      const found = await completionsOf(compiler, file, program, calls);
      const plain = Object.entries(found).map(([call, labels]) => [
        call,
        labels.map((label) => label.replace("?", "")).toSorted(),
      ]);
      for (const [call, names] of Object.entries(offered)) {
        expect(Object.fromEntries(plain)[call]).toEqual(expect.arrayContaining([...names]));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("arguments that do not compile", () => {
  it.each(refused.map((make) => [String(make).replaceAll(/\s+/g, " ").replace("() => ", ""), make] as const))(
    "throw: %s",
    (_, make) => {
      expect(make).toThrow(expect.objectContaining({ torchType: "TypeError" }));
    },
  );

  it("make a layer where PyTorch takes them", () => {
    expect(untyped.map((make) => String(make()))).toEqual([
      "Linear(in_features=3, out_features=4, bias=False)",
      "Conv2d(3, 16, kernel_size=(3, 3), stride=(2, 2))",
    ]);
  });
});
