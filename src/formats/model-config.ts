/** The `config.json` beside a model: its class, its sizes, how its weights are quantized. */

import type { FolderFile } from "../bytes/folder.ts";
import { FormatError } from "../errors.ts";
import { parseJson } from "./json.ts";
import { plainJson } from "./json-plain.ts";
import type { ShardContext } from "./shard-files.ts";

/** Bytes of a configuration. Real: 5 KB, with the names of 20 000 classes 1 MB. */
const maxByteLength = 4 * 2 ** 20;

/**
 * What the configuration in a folder says, as plain data; undefined where there is none, or none that can be read: a
 * model opens without it.
 */
export async function modelConfig(files: readonly FolderFile[], context: ShardContext): Promise<unknown> {
  const file = files.find(({ name }) => name === "config.json");
  if (file === undefined || file.byteLength > maxByteLength) return undefined;
  const source = await context.folder.open(file.name, context.signal);
  const text = new TextDecoder().decode(await source.read(0, source.size, context.signal));
  try {
    return plainJson(parseJson(text, "config.json"));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
