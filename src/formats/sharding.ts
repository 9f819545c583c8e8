/**
 * Safetensors in several files by size, with the index that says which file has which tensor, as
 * `save_torch_state_dict` of huggingface_hub 1.33 writes them, byte for byte.
 */

import type { Document, StoredBytes } from "../catalog/document.ts";
import type { Plan } from "../catalog/plan.ts";
import { planOf } from "../catalog/plan.ts";
import { storedByteLength } from "../catalog/stored-tensor.ts";
import { UsageError } from "../errors.ts";
import type { NamedTensor } from "./named-tensors.ts";
import type { SafetensorsOptions } from "./safetensors-writing.ts";
import { encodeTensors, safetensorsContent } from "./safetensors-writing.ts";

/** How to divide. */
export interface ShardOptions extends SafetensorsOptions {
  /** Bytes of tensors in one file; a larger tensor gets a file of its own. Default 5 · 10^9. */
  readonly shardByteLength?: number | undefined;
  /** What the files' names begin with. Default `"model"`. */
  readonly stem?: string | undefined;
}

/** A file of a sharded checkpoint. */
export interface ShardPlan {
  /** Its name in the folder. */
  readonly name: string;
  readonly plan: Plan;
}

/** Divides tensors in their order; names that share a storage stay together. */
function shardsOf(tensors: readonly NamedTensor[], most: number): NamedTensor[][] {
  const shards: NamedTensor[][] = [];
  const homes = new Map<StoredBytes, NamedTensor[]>();
  let open: NamedTensor[] = [];
  let held = 0;
  for (const named of tensors) {
    const home = homes.get(named.tensor.storage);
    if (home !== undefined) {
      home.push(named);
      continue;
    }
    const byteLength = storedByteLength(named.tensor);
    if (byteLength > most) {
      const own = [named];
      homes.set(named.tensor.storage, own);
      shards.push(own);
      continue;
    }
    if (held + byteLength > most) {
      shards.push(open);
      open = [];
      held = 0;
    }
    open.push(named);
    held += byteLength;
    homes.set(named.tensor.storage, open);
  }
  if (open.length > 0 || shards.length === 0) shards.push(open);
  return shards.filter((shard) => shard.length > 0 || shards.length === 1);
}

/**
 * The plans of the files of a sharded checkpoint, the index last; one file without an index where all fit in it.
 *
 * Throws: as `encodeSafetensors`; `UsageError` for a size that is no positive number or a stem that is no file name.
 */
export function encodeShards(document: Document, options: ShardOptions = {}): readonly ShardPlan[] {
  const { shardByteLength = 5e9, stem = "model" } = options;
  if (!(shardByteLength > 0)) {
    throw new UsageError(`writing shards: ${shardByteLength} bytes each, expected a positive number`, {
      code: "bad-shard-size",
    });
  }
  if (stem === "" || /[/\\\u0000]/.test(stem)) {
    throw new UsageError(`writing shards: ${JSON.stringify(stem)} cannot begin a file name`, {
      code: "bad-stem",
    });
  }
  const { tensors, metadata } = safetensorsContent(document, options);
  // The transformers library refuses files that do not say this of themselves.
  if (options.metadata === undefined && !metadata.has("format")) metadata.set("format", "pt");
  const shards = shardsOf(tensors, shardByteLength);
  if (shards.length === 1) {
    return [{ name: `${stem}.safetensors`, plan: encodeTensors(shards[0]!, metadata) }];
  }
  const total = String(shards.length).padStart(5, "0");
  const files = new Map<string, string>();
  const plans = shards.map((shard, index): ShardPlan => {
    const name = `${stem}-${String(index + 1).padStart(5, "0")}-of-${total}.safetensors`;
    for (const named of shard) files.set(named.name, name);
    return { name, plan: encodeTensors(shard, metadata) };
  });
  const totalSize = tensors.reduce((sum, { tensor }) => sum + storedByteLength(tensor), 0);
  return [...plans, { name: `${stem}.safetensors.index.json`, plan: indexPlan(totalSize, files) }];
}

/** The index: the tensors file by file. */
function indexPlan(totalSize: number, files: ReadonlyMap<string, string>): Plan {
  const lines = [...files].map(([name, file]) => `    ${asciiJson(name)}: ${asciiJson(file)}`);
  const text = `{\n  "metadata": {\n    "total_size": ${totalSize}\n  },\n  "weight_map": {\n${lines.join(",\n")}\n  }\n}`;
  return planOf([{ step: "bytes", bytes: new TextEncoder().encode(text) }]);
}

/** A text as Python's `json` writes it: only ASCII. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
    unit === "\u007f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
