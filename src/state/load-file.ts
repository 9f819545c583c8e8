/** Loads files by their path or address, for Node. */

import type { OpenOptions } from "../formats/open.ts";
import { open } from "../node/open.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Loadable } from "./load.ts";
import { load as loadOpened, loadCatalog } from "./load.ts";

/**
 * Loads a whole file: by its path, an `https://` or `hf://` address, from bytes, or from an opened catalog. See `load`
 * of the browser entry for what becomes of Python's kinds.
 *
 * `T` is what you expect; as with `JSON.parse`, nothing checks it. `loadStateDict` does.
 *
 * Throws: what `open` throws, `UsageError` for tensors of a kind that is not here (sparse, quantized), `FormatError` for
 * elements that the file has not.
 *
 * @example
 * model.loadStateDict(await load("model.pt"));
 * const checkpoint = await load<Map<string, unknown>>("checkpoint.pt");
 * checkpoint.get("epoch");
 */
export async function load<T = Map<string, Tensor>>(
  file: string | URL | Loadable,
  options: OpenOptions = {},
): Promise<T> {
  if (typeof file !== "string" && !(file instanceof URL)) return loadOpened<T>(file, options);
  const catalog = await open(file, options);
  try {
    return (await loadCatalog(catalog, options.signal)) as T;
  } finally {
    await catalog.close();
  }
}
