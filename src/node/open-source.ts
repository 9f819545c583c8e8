/**
 * What the command line calls a SOURCE, as a source of bytes: a path, or an address. It uses the global `process`:
 * importing `node:process` takes 4 ms of every start.
 */

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { ByteSource } from "../bytes/source.ts";
import { quote, UsageError } from "../errors.ts";
import { openFile } from "./file-source.ts";

/** A source that was opened by its name. Whoever opened it closes it. */
export interface OpenedSource {
  readonly source: ByteSource;
  /** The file's name without its folder. */
  readonly name: string;
  /** Closes what was opened; of an address, nothing. */
  close(): Promise<void>;
}

/** How to open a SOURCE. */
export interface OpenSourceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where `HF_ENDPOINT`, `HF_TOKEN` and `PARASCOPE_ALLOW_HTTP` are looked up. Default the process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens a file by its path or `file:` address, a file on a web server by its `https://` address, or one on the Hugging Face Hub by
 * `hf://owner/repo[@revision][/file]`. What opens addresses is loaded when there is one.
 *
 * `http://` is for this machine; beyond it only with `PARASCOPE_ALLOW_HTTP=1` in the environment.
 *
 * Throws: as `openFile`, `openUrl` and `openHubFile` do; `UsageError` with code `"address"` for any other address.
 *
 * @example
 * const { source, name, close } = await openSource("hf://openai-community/gpt2");
 */
export async function openSource(address: string, options: OpenSourceOptions = {}): Promise<OpenedSource> {
  const environment = options.environment ?? process.env;
  const { signal } = options;
  const allowHttp = environment["PARASCOPE_ALLOW_HTTP"] === "1";
  const noClose = async (): Promise<void> => undefined;
  switch (schemeOf(address)) {
    case "http":
    case "https": {
      const { openUrl } = await import("../bytes/url-source.ts");
      const source = await openUrl(address, { allowHttp, signal });
      return { source, name: source.name, close: noClose };
    }
    case "hf": {
      const { openHubFile } = await import("../bytes/hub-repository.ts");
      const { source, name } = await openHubFile(address, {
        allowHttp,
        signal,
        endpoint: environment["HF_ENDPOINT"] || undefined,
        token: environment["HF_TOKEN"],
      });
      return { source, name: basename(name), close: noClose };
    }
    case "file":
      return openPath(pathOf(address));
    case null:
      return openPath(address);
    default:
      throw new UsageError(`opening ${quote(address)}: only https:// and hf:// addresses can be opened`, {
        code: "address",
        hint: "A file in an object store (s3://, gs://, az://) opens by its public or pre-signed https:// address.",
      });
  }
}

/** The scheme of an address, in lower case; null for a path. */
function schemeOf(address: string): string | null {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(address)?.[1]?.toLowerCase() ?? null;
}

function pathOf(address: string): string {
  try {
    return fileURLToPath(address);
  } catch (error) {
    throw new UsageError(`opening ${quote(address)}: it is not the address of a file here`, {
      code: "address",
      hint: "Expected a path, or an address like file:///home/me/model.pt.",
      cause: error,
    });
  }
}

async function openPath(path: string): Promise<OpenedSource> {
  const source = await openFile(path);
  return { source, name: basename(path), close: () => source.close() };
}
