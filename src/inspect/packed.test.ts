import { describe, expect, it } from "vitest";
import type { Catalog } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import { inferKind } from "../catalog/kind.ts";
import { dtypes, type DTypeName } from "../dtype.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import { report } from "./report.ts";
import { renderText } from "./text.ts";

type Tensors = Readonly<Record<string, readonly [DTypeName, readonly number[]]>>;

/** A catalog of tensors by name, each with a storage of its own. */
function catalogOf(tensors: Tensors, metadata: Readonly<Record<string, unknown>> = {}): Catalog {
  const entries = Object.entries(tensors).map(([name, [dtype, shape]], index): Entry => {
    const byteLength = countOf(shape) * dtypes[dtype].itemSize;
    return {
      index,
      path: [name],
      name,
      module: "",
      kind: inferKind(name, dtypes[dtype]),
      kindFrom: "inferred",
      dtype,
      shape,
      numel: countOf(shape),
      byteLength,
      device: null,
      requiresGrad: null,
      layout: "strided",
      stride: contiguousStrides(shape),
      offset: 0,
      storage: { key: name, byteLength },
    };
  });
  const storedByteLength = entries.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const unused = (): never => {
    throw new Error("nothing is read");
  };
  return {
    format: "test",
    entries,
    root: null,
    modules: [],
    metadata,
    notices: [],
    storedByteLength,
    read: unused,
    blocks: unused,
  };
}

// A layer of 128 inputs and 64 outputs, in groups of 32 inputs: 8192 parameters.
const gptq = (bits: number): Tensors => ({
  "l.qweight": ["int32", [(128 * bits) / 32, 64]],
  "l.qzeros": ["int32", [4, (64 * bits) / 32]],
  "l.scales": ["float16", [4, 64]],
  "l.g_idx": ["int32", [128]],
  "l.bias": ["float16", [64]],
});
const modelOpt: Tensors = {
  "l.weight": ["uint8", [64, 64]],
  "l.weight_scale": ["float8_e4m3fn", [64, 8]],
  "l.weight_scale_2": ["float32", []],
  "l.input_scale": ["float32", []],
  "l.bias": ["float16", [64]],
};
const awq: Tensors = {
  "l.qweight": ["int32", [128, 8]],
  "l.qzeros": ["int32", [4, 8]],
  "l.scales": ["float16", [4, 64]],
  "l.bias": ["float16", [64]],
};
const nf4: Tensors = {
  "l.weight": ["uint8", [4096, 1]],
  "l.weight.absmax": ["uint8", [128]],
  "l.weight.nested_absmax": ["float32", [1]],
  "l.weight.nested_quant_map": ["float32", [256]],
  "l.weight.quant_map": ["float32", [16]],
  "l.weight.quant_state.bitsandbytes__nf4": ["uint8", [120]],
  "l.bias": ["float16", [64]],
};
const int8: Tensors = {
  "l.weight": ["int8", [64, 128]],
  "l.SCB": ["float32", [64]],
  "l.bias": ["float16", [64]],
};
const mxfp4: Tensors = {
  "l.gate_up_proj_blocks": ["uint8", [2, 32, 4, 16]],
  "l.gate_up_proj_scales": ["uint8", [2, 32, 4]],
  "l.bias": ["float16", [64]],
};
const packedInts: Tensors = {
  "l.weight_packed": ["int32", [64, 16]],
  "l.weight_scale": ["float16", [64, 4]],
  "l.weight_shape": ["int64", [2]],
  "l.bias": ["float16", [64]],
};
const config = {
  config: { quantization_config: { config_groups: { group_0: { weights: { num_bits: 4 } } } } },
};
const nvfp4: Tensors = {
  "l.weight_packed": ["uint8", [64, 64]],
  "l.weight_scale": ["float8_e4m3fn", [64, 8]],
  "l.weight_global_scale": ["float32", [1]],
  "l.bias": ["float16", [64]],
};

describe("packed weights", () => {
  it.each<[string, number, Tensors, Readonly<Record<string, unknown>>]>([
    ["GPTQ", 2, gptq(2), {}],
    ["GPTQ", 3, gptq(3), {}],
    ["GPTQ", 4, gptq(4), {}],
    ["GPTQ", 8, gptq(8), {}],
    ["AWQ", 4, awq, {}],
    ["bitsandbytes", 4, nf4, {}],
    ["bitsandbytes", 8, int8, {}],
    ["MXFP4", 4, mxfp4, {}],
    ["NVFP4", 4, modelOpt, {}],
    ["compressed-tensors", 4, packedInts, config],
    ["compressed-tensors", 4, nvfp4, {}],
  ])(
    "of %s with %i bits stand for more parameters than they have elements",
    (scheme, bits, tensors, metadata) => {
      const { entries, totals } = report(catalogOf(tensors, metadata));
      expect(entries[0]!.packed).toEqual({ scheme, bits, parameters: 8192 });
      expect(entries.slice(1).some(({ packed }) => packed !== undefined)).toBe(false);
      expect(totals.logicalParameters).toBe(8192 + 64);
      const stored = entries.reduce((sum, { numel }) => sum + numel, 0);
      expect(totals.elements).toBe(stored);
    },
  );

  it.each<[string, Tensors]>([
    ["there are no zero points", { "l.qweight": ["int32", [16, 64]], "l.scales": ["float16", [4, 64]] }],
    ["the shapes do not agree", { ...gptq(4), "l.qweight": ["int32", [16, 63]] }],
    ["the width is none", { ...gptq(4), "l.qzeros": ["int32", [4, 10]] }],
    ["the weights are plain numbers", { "l.weight": ["float32", [64, 128]], "l.bias": ["float32", [64]] }],
    ["nothing tells the width", packedInts],
  ])("are not seen where %s", (_, tensors) => {
    const { entries, totals } = report(catalogOf(tensors));
    expect(entries.every(({ packed }) => packed === undefined)).toBe(true);
    expect(totals).not.toHaveProperty("logicalParameters");
  });

  it("are shown beside the elements that are stored", () => {
    const lines = renderText(report(catalogOf(gptq(4)), { source: "x" }));
    expect(lines.find((line) => line.startsWith("l.qweight"))).toMatch(/ 1,024 .* 8,192 of 4 bits \(GPTQ\)/);
    expect(lines.find((line) => line.startsWith("x "))).toContain("unpacked 8,256 (8.3 K)");
  });
});
