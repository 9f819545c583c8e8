/** Saves to files by their path, for Node. */

import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { SinkFolder } from "../bytes/sink.ts";
import type { Saved, SaveInput, SaveOptions, SaveShardsOptions } from "../formats/save.ts";
import { isDraft, saveShards as saveShardsTo, saveTo } from "../formats/save.ts";
import type { FileSinkOptions } from "./file-sink.ts";
import { createFile, FileSinkFolder } from "./file-sink.ts";

/** How to write to a path. */
export interface PathOptions extends Omit<FileSinkOptions, "inputs"> {
  /** Whether the file that is read from may be replaced. Default false. */
  readonly replaceInput?: boolean | undefined;
}

/** The file or the folder that a value is read from: the folder too where an index names the files beside it. */
function inputsOf(value: SaveInput): string[] {
  const opened = isDraft(value) ? value.base : value;
  if (typeof opened !== "object" || opened === null || !("path" in opened)) return [];
  const { path } = opened;
  if (typeof path !== "string") return [];
  const isDivided = "metadata" in opened && Object.hasOwn(opened.metadata as object, "shards");
  return isDivided ? [path, dirname(path)] : [path];
}

/** What must stay is what the value is read from. */
function sinkOptions(value: SaveInput, { replaceInput = false, ...options }: PathOptions): FileSinkOptions {
  return { ...options, inputs: replaceInput ? [] : inputsOf(value) };
}

/**
 * Saves tensors and what is around them as PyTorch's `torch.save` does, or as safetensors when the path ends so. The
 * file takes its name when it is complete, on the disk, and checked; until then, and on any fault, what was there stays.
 *
 * Throws: `UsageError` for what cannot be saved, for a path that is a symbolic link or an input; `StateError` for what
 * the format cannot hold; `SourceError` when the disk is full or may not be written to.
 *
 * @example
 * await save(new Map([["weight", weight]]), "model.safetensors");
 * await save({ epoch: 3, state_dict: stateDict }, "checkpoint.pt");
 * await save(draft(await open("old.pt")).delete("head.*"), "new.pt");
 */
export async function save(
  value: SaveInput,
  path: string | URL,
  options: SaveOptions & PathOptions = {},
): Promise<Saved> {
  const file = typeof path === "string" ? path : fileURLToPath(path);
  const sink = await createFile(file, sinkOptions(value, options));
  return saveTo(value, sink, { name: basename(file), ...options });
}

/**
 * Saves safetensors in several files by size to a folder, with their index: to a directory by its path, or as in a page
 * to a `SinkFolder`. Files of a checkpoint of the same name that are there already are replaced or taken away, as
 * `save_torch_state_dict` of huggingface_hub does.
 *
 * Throws: as `save`.
 *
 * @example
 * await saveShards(stateDict, "model", { shardByteLength: 2e9 });
 */
export async function saveShards(
  value: SaveInput,
  folder: string | URL | SinkFolder,
  options: SaveShardsOptions & PathOptions = {},
): Promise<readonly string[]> {
  if (typeof folder === "object" && "create" in folder) return saveShardsTo(value, folder, options);
  const path = typeof folder === "string" ? folder : fileURLToPath(folder);
  return saveShardsTo(value, new FileSinkFolder(path, sinkOptions(value, options)), options);
}
