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

/** What stands for every storage without bytes: PyTorch has all of them at address 0, and so together. */
const nowhere = Symbol("a storage without bytes");

/** Divides tensors in their order; names that share a storage stay together. */
function shardsOf(tensors: readonly NamedTensor[], most: number): NamedTensor[][] {
  const shards: NamedTensor[][] = [];
  const homes = new Map<StoredBytes | typeof nowhere, { shard: NamedTensor[]; others: NamedTensor[] }>();
  let open: NamedTensor[] = [];
  let held = 0;
  for (const named of tensors) {
    const storage = named.tensor.storage.byteLength === 0 ? nowhere : named.tensor.storage;
    const home = homes.get(storage);
    if (home !== undefined) {
      home.others.push(named);
      continue;
    }
    const byteLength = storedByteLength(named.tensor);
    if (byteLength > most) {
      const own = [named];
      homes.set(storage, { shard: own, others: [] });
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
    homes.set(storage, { shard: open, others: [] });
  }
  for (const { shard, others } of homes.values()) shard.push(...others);
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
  const { tensors, metadata: texts } = safetensorsContent(document, options);
  // The transformers library refuses files that do not say this of themselves.
  const format = texts.get("format") ?? "pt";
  const shards = shardsOf(tensors, shardByteLength);
  if (shards.length === 1) {
    return [
      {
        name: `${stem}.safetensors`,
        plan: encodeTensors(shards[0]!, new Map([...texts, ["format", format]])),
      },
    ];
  }
  const total = String(shards.length).padStart(5, "0");
  const files = new Map<string, string>();
  const plans = shards.map((shard, index): ShardPlan => {
    const name = `${stem}-${String(index + 1).padStart(5, "0")}-of-${total}.safetensors`;
    for (const named of shard) files.set(named.name, name);
    return { name, plan: encodeTensors(shard, new Map([["format", format]])) };
  });
  if (options.metadata === undefined) texts.delete("format");
  const totalSize = tensors.reduce((sum, { tensor }) => sum + storedByteLength(tensor), 0);
  return [...plans, { name: `${stem}.safetensors.index.json`, plan: indexPlan(totalSize, texts, files) }];
}

/** Whether a name is that of a file of such a checkpoint, of any number of files. */
export function isShardOf(stem: string, name: string): boolean {
  if (!name.startsWith(stem)) return false;
  return /^(?:-\d{5,6}-of-\d{5,6})?\.safetensors(?:\.index\.json)?$/.test(name.slice(stem.length));
}

/** The index: what is said of all files, and the tensors file by file. */
function indexPlan(
  totalSize: number,
  texts: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, string>,
): Plan {
  const pairs = [...texts].filter(([key]) => key !== "total_size");
  const told = pairs.map(([key, text]) => `    ${asciiJson(key)}: ${asciiJson(text)}`);
  const facts = [`    "total_size": ${totalSize}`, ...told].join(",\n");
  const lines = [...files].map(([name, file]) => `    ${asciiJson(name)}: ${asciiJson(file)}`).join(",\n");
  const text = `{\n  "metadata": {\n${facts}\n  },\n  "weight_map": {\n${lines}\n  }\n}`;
  return planOf([{ step: "bytes", bytes: new TextEncoder().encode(text) }]);
}

/** A text as Python's `json` writes it: only ASCII. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
    unit === "\u007f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
