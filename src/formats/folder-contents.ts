/** Which checkpoint a folder holds, by the names of its files. Their bytes then say what it is. */

import type { FolderFile } from "../bytes/folder.ts";
import { checkpointName, modelNames } from "../bytes/model-names.ts";
import { quote, UsageError } from "../errors.ts";
import { foreignHint } from "./signatures.ts";

/**
 * The checkpoint of a folder: a file that knows the others, files that are numbered and nothing more, or the states of
 * DeepSpeed, here or in the folder that `latest` names.
 */
export type FolderCheckpoint =
  | { readonly what: "deepspeed"; readonly hasLatest: boolean }
  | { readonly what: "file"; readonly name: string }
  | { readonly what: "shards"; readonly names: readonly string[]; readonly missing: readonly string[] };

/** Numbered files. Source: huggingface_hub's `save_torch_state_dict`, and transformers before it. */
const numbered = /^(.*)-(\d{5,6})-of-(\d{5,6})\.(safetensors|bin)$/;

/** Files of ranks, with an unnumbered rank before the number. Source: torch/distributed/checkpoint/_hf_utils.py. */
const distributed = /^shard-\d{5}-(?:model|.*)-\d{5}-of-\d{5}\.safetensors$/;

/** What DeepSpeed calls the states of a model. Source: deepspeed/runtime/engine.py. */
const deepspeed = /^(?:zero_pp_rank_\d+_)?mp_rank_\d+_model_states\.pt$/;

/** Files that are no checkpoints of models though their names could be: what trainers save beside them, and Core ML in itself. */
const beside =
  /(?:^|\/)(?:training_args\.bin|optimizer\.(?:bin|pt)|scheduler\.(?:bin|pt)|scaler\.pt|rng_state[^/]*\.pth|com\.apple\.CoreML\/.*)$/;

/**
 * Finds the checkpoint among the files of a folder that messages call `where`.
 *
 * Throws: `UsageError` with code `"folder-checkpoint"` when there is none, or when there are several.
 */
export function checkpointIn(files: readonly FolderFile[], where: string): FolderCheckpoint {
  const names = files.map(({ name }) => name);
  const top = names.filter((name) => !name.includes("/"));
  const known = new Set(top);
  const first = known.has(".metadata") ? ".metadata" : modelNames.find((name) => known.has(name));
  const isStep = top.some((name) => deepspeed.test(name));
  // Trainers leave the step beside the model that they make of it, which is smaller and complete.
  if (first === undefined && (isStep || known.has("latest")))
    return { what: "deepspeed", hasLatest: !isStep };
  if (first !== undefined) return { what: "file", name: first };
  const indexes = top.filter((name) => /\.(?:safetensors|bin)\.index\.json$/.test(name));
  if (indexes.length === 1) return { what: "file", name: indexes[0]! };
  const ranks = top.filter((name) => distributed.test(name));
  if (ranks.length > 0) return { what: "shards", names: ranks.sort(), missing: [] };
  const set = numberedSet(top);
  if (set !== null) return set;
  const checkpoints = names.filter((name) => checkpointName.test(name) && !beside.test(name));
  const found = checkpoints.filter((name) => !name.includes("/"));
  if (found.length === 1) return { what: "file", name: found[0]! };
  const foreign = foreignFolder(names);
  if (foreign !== null && checkpoints.length === 0) {
    throw new UsageError(`opening ${quote(where)}: it is a directory with ${foreign}, not one of PyTorch`, {
      code: "folder-checkpoint",
      hint: foreignHint,
    });
  }
  throw notOne(found.length === 0 ? checkpoints : found, files.length, where);
}

/** What other programs leave in folders, by names that they give to files. */
const foreignFiles: readonly (readonly [name: RegExp, what: string])[] = [
  [/(?:^|\/)(?:_CHECKPOINT_METADATA|manifest\.ocdbt)$/, "an Orbax checkpoint (JAX)"],
  [/(?:^|\/)saved_model\.pb(?:txt)?$/, "a TensorFlow SavedModel"],
  [/\.data-\d{5}-of-\d{5}$/, "a TensorFlow checkpoint"],
  [/(?:^|\/)com\.apple\.CoreML\//, "a Core ML package"],
  [/\.msgpack$/, "weights of Flax (JAX)"],
  [/\.(?:h5|hdf5|keras)$/, "weights of Keras"],
];

/** What a folder holds that is of another program; null where nothing tells. */
function foreignFolder(names: readonly string[]): string | null {
  return foreignFiles.find(([name]) => names.some((one) => name.test(one)))?.[1] ?? null;
}

/** The files of one numbered set, and those that should be there; null where there is none, or several. */
function numberedSet(names: readonly string[]): FolderCheckpoint | null {
  const sets = new Map<string, string[]>();
  for (const name of names) {
    const match = numbered.exec(name);
    if (match === null) continue;
    const set = `${match[1]}\n${match[3]}\n${match[4]}`;
    sets.set(set, [...(sets.get(set) ?? []), name]);
  }
  const [only, ...others] = sets;
  if (only === undefined || others.length > 0) return null;
  const [stem, total, ending] = only[0].split("\n") as [string, string, string];
  const present = new Set(only[1]);
  const missing: string[] = [];
  // Only those that a folder of this many files could lack are named: a number in a name proves nothing.
  for (let number = 1; number <= Number(total) && missing.length <= names.length; number += 1) {
    const name = `${stem}-${String(number).padStart(total.length, "0")}-of-${total}.${ending}`;
    if (!present.has(name)) missing.push(name);
  }
  return { what: "shards", names: only[1].sort(), missing };
}

function notOne(found: readonly string[], count: number, where: string): UsageError {
  const shown = found.slice(0, 8).map(quote).join(", ");
  const isInner = found[0]?.includes("/") === true;
  const what =
    count === 0
      ? "no files in it"
      : found.length === 0
        ? `no checkpoint among its ${count} files`
        : `${found.length} checkpoint${found.length === 1 ? "" : "s"}${isInner ? " in folders inside it" : ""}: ${shown}${found.length > 8 ? ", …" : ""}`;
  return new UsageError(`opening ${quote(where)}: it is a directory with ${what}; expected one checkpoint`, {
    code: "folder-checkpoint",
    hint:
      found.length === 0
        ? "Name a checkpoint, or a folder that has one."
        : `Name ${found.length === 1 ? "it" : "one of them"}.`,
  });
}
