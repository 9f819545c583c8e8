/**
 * Weights of few bits that lie packed in ordinary tensors, as GPTQ, AWQ, bitsandbytes, MXFP4, NVFP4 and compressed-tensors write
 * them: how many parameters such a tensor stands for, beside the elements that are stored.
 *
 * Names and shapes of neighbours tell; where they do not agree a tensor is what it looks like. The scales, zero points and
 * tables beside a packed weight belong to it, and are no parameters of the network.
 */

import type { Entry } from "../catalog/entry.ts";

/** A packed weight. */
export interface Packed {
  /** Who packs so: `"GPTQ"`, `"AWQ"`, `"bitsandbytes"`, `"MXFP4"`, `"NVFP4"`, `"compressed-tensors"`. */
  readonly scheme: string;
  /** Bits of one parameter. */
  readonly bits: number;
  /** Parameters that the tensor stands for. */
  readonly parameters: number;
}

/** What is packed in a catalog. */
export interface PackedWeights {
  /** The packed weights by their entries. */
  readonly weights: ReadonlyMap<Entry, Packed>;
  /** What belongs to packed weights and counts as nothing. */
  readonly helpers: ReadonlySet<Entry>;
}

/** Finds a neighbour: a tensor of the same module by the rest of its name. */
type Neighbour = (ending: string) => Entry | undefined;

/** A way to pack. */
interface Scheme {
  /** What the names of packed weights end in. */
  readonly ending: string;
  /** What the names of helpers end in, after what is before the ending. */
  readonly helpers: readonly string[];
  /** The packed weight; undefined where it is none. */
  read(weight: Entry, neighbour: Neighbour, bits: number | null): Packed | undefined;
}

/** Widths that are packed into words. */
const widths: ReadonlySet<number> = new Set([2, 3, 4, 8]);

/** A tensor of words, each of which holds parts of several parameters. */
function words(scheme: string, weight: Entry, bits: number): Packed | undefined {
  const parameters = (weight.numel * 32) / bits;
  return widths.has(bits) && Number.isInteger(parameters) ? { scheme, bits, parameters } : undefined;
}

/** A tensor of bytes, each of which holds two parameters. */
function pairs(scheme: string, weight: Entry): Packed {
  return { scheme, bits: 4, parameters: 2 * weight.numel };
}

const schemes: readonly Scheme[] = [
  {
    // GPTQ packs along the inputs, AWQ along the outputs; zero points are packed along the outputs by both, and scales are
    // not packed: the two tell the width. Source: AutoGPTQ's and AutoAWQ's `WQLinear` and `QuantLinear`.
    ending: "qweight",
    helpers: ["qzeros", "scales", "g_idx"],
    read(weight, neighbour) {
      const zeros = neighbour("qzeros");
      const scales = neighbour("scales");
      const isMatrix = [weight, zeros, scales].every((entry) => entry?.shape.length === 2);
      if (weight.dtype !== "int32" || !isMatrix) return undefined;
      const bits = (32 * zeros!.shape[1]!) / scales!.shape[1]!;
      if (weight.shape[1] === scales!.shape[1]) return words("GPTQ", weight, bits);
      return weight.shape[1] === zeros!.shape[1] ? words("AWQ", weight, bits) : undefined;
    },
  },
  {
    // Source: `QuantState.as_dict(packed=True)` of bitsandbytes, and its `Linear8bitLt`.
    ending: "weight",
    helpers: [
      "weight.absmax",
      "weight.quant_map",
      "weight.nested_absmax",
      "weight.nested_quant_map",
      "weight.quant_state.bitsandbytes__nf4",
      "weight.quant_state.bitsandbytes__fp4",
      "SCB",
      "weight_format",
    ],
    read(weight, neighbour) {
      const state =
        neighbour("weight.quant_state.bitsandbytes__nf4") ??
        neighbour("weight.quant_state.bitsandbytes__fp4");
      if (state !== undefined && neighbour("weight.absmax") !== undefined) {
        return weight.dtype === "uint8" ? pairs("bitsandbytes", weight) : undefined;
      }
      const isInt8 = weight.dtype === "int8" && neighbour("SCB") !== undefined;
      return isInt8 ? { scheme: "bitsandbytes", bits: 8, parameters: weight.numel } : undefined;
    },
  },
  {
    // Blocks of 16 values, a scale of 8 bits for each and one for all. Source: the checkpoints that ModelOpt exports.
    ending: "weight",
    helpers: ["weight_scale", "weight_scale_2", "input_scale"],
    read(weight, neighbour) {
      const scale = neighbour("weight_scale");
      const fits =
        weight.dtype === "uint8" &&
        scale?.dtype === "float8_e4m3fn" &&
        neighbour("weight_scale_2") !== undefined &&
        scale.numel * 8 === weight.numel;
      return fits ? pairs("NVFP4", weight) : undefined;
    },
  },
  {
    // Blocks of 32 values in 16 bytes, each with a scale. Source: the OCP Microscaling formats, as gpt-oss stores them.
    ending: "_blocks",
    helpers: ["_scales"],
    read(weight, neighbour) {
      const scales = neighbour("_scales");
      const fits =
        weight.dtype === "uint8" &&
        weight.shape.at(-1) === 16 &&
        scales?.dtype === "uint8" &&
        String(scales.shape) === String(weight.shape.slice(0, -1));
      return fits ? pairs("MXFP4", weight) : undefined;
    },
  },
  {
    // Source: the compressors `pack-quantized` and `nvfp4-pack-quantized` of compressed-tensors.
    ending: "weight_packed",
    helpers: [
      "weight_scale",
      "weight_shape",
      "weight_zero_point",
      "weight_g_idx",
      "weight_global_scale",
      "input_global_scale",
    ],
    read(weight, neighbour, recorded) {
      const scale = neighbour("weight_scale");
      if (scale === undefined) return undefined;
      if (weight.dtype === "uint8") return pairs("compressed-tensors", weight);
      if (weight.dtype !== "int32") return undefined;
      const zeros = neighbour("weight_zero_point");
      const bits = zeros?.dtype === "int32" ? (32 * zeros.shape[0]!) / scale.shape[0]! : recorded;
      return bits === null ? undefined : words("compressed-tensors", weight, bits);
    },
  },
];

/**
 * Finds the packed weights among entries. `metadata` may have the configuration of the model, which some need to know
 * their width.
 */
export function packedWeights(
  entries: readonly Entry[],
  metadata: Readonly<Record<string, unknown>>,
): PackedWeights {
  const weights = new Map<Entry, Packed>();
  const helpers = new Set<Entry>();
  // Nearly all files have none: their names are looked at once.
  const found = entries.flatMap((entry) => {
    if (entry.dtype.startsWith("float") || entry.dtype === "bfloat16") return [];
    return schemes.filter(({ ending }) => entry.name.endsWith(ending)).map((scheme) => ({ entry, scheme }));
  });
  if (found.length === 0) return { weights, helpers };
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const bits = recordedBits(metadata);
  for (const { entry, scheme } of found) {
    const stem = entry.name.slice(0, -scheme.ending.length);
    const neighbour: Neighbour = (ending) => byName.get(stem + ending);
    const packed = scheme.read(entry, neighbour, bits);
    if (packed === undefined) continue;
    weights.set(entry, packed);
    for (const ending of scheme.helpers) {
      const helper = neighbour(ending);
      if (helper !== undefined) helpers.add(helper);
    }
  }
  return { weights, helpers };
}

/** The width that the configuration of a model states, where it states one. */
function recordedBits(metadata: Readonly<Record<string, unknown>>): number | null {
  const quantization = fieldOf(fieldOf(metadata, "config"), "quantization_config");
  const groups = fieldOf(quantization, "config_groups");
  const widthsOfGroups = Object.values(typeof groups === "object" && groups !== null ? groups : {}).map(
    (group) => fieldOf(fieldOf(group, "weights"), "num_bits"),
  );
  const [bits, ...others] = widthsOfGroups;
  return typeof bits === "number" && others.every((other) => other === bits) ? bits : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
