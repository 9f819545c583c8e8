/**
 * What the command line calls a SOURCE, as a source of bytes: a path, or an address. It uses the global `process`:
 * importing `node:process` takes 4 ms of every start.
 */

import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Folder } from "../bytes/folder.ts";
import { folderBeside } from "../bytes/folder.ts";
import type { HubOptions } from "../bytes/hub-repository.ts";
import type { ByteSource } from "../bytes/source.ts";
import { quote, UsageError } from "../errors.ts";
import { FileFolder } from "./file-folder.ts";
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

/** A place with a checkpoint: a file and what lies beside it, or a folder. Whoever opened it closes it. */
export interface OpenedPlace {
  /** What `open` takes. */
  readonly file: ByteSource | Folder;
  /** The name of the file without its folder, or of the folder. */
  readonly name: string;
  /** The files beside the file; undefined for a folder, which has its own. */
  readonly folder: Folder | undefined;
  /** Closes what was opened; of an address, nothing. */
  close(): Promise<void>;
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
  const { source, name, close } = await openFileAt(address, options);
  return { source, name, close };
}

/**
 * Opens a SOURCE as `openSource` does, and directories and repositories as folders; of a file it also gives the folder, in
 * which an index finds the files that it names.
 *
 * Throws: as `openSource`.
 *
 * @example
 * const { file, ...place } = await openPlace("checkpoints/step-1000");
 * const catalog = await open(file, place);
 */
export async function openPlace(address: string, options: OpenSourceOptions = {}): Promise<OpenedPlace> {
  const scheme = schemeOf(address);
  if (scheme === null || scheme === "file") {
    const path = scheme === null ? address : pathOf(address);
    const isDirectory = await stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isDirectory) {
      const folder = new FileFolder(path);
      return { file: folder, name: basename(resolve(path)), folder: undefined, close: () => folder.close() };
    }
  }
  if (scheme === "hf") {
    const [{ HubRepository }, { parseHubAddress }] = await Promise.all([
      import("../bytes/hub-repository.ts"),
      import("../bytes/hub-address.ts"),
    ]);
    const parsed = parseHubAddress(address);
    if (parsed.file === null) {
      const repository = new HubRepository(parsed, hubOptions(options));
      return { file: repository, name: parsed.repo, folder: undefined, close: async () => undefined };
    }
  }
  const { source, name, folder, close } = await openFileAt(address, options);
  return { file: source, name, folder, close };
}

/** What the environment says of the Hub. */
function hubOptions({ environment = process.env, signal }: OpenSourceOptions): HubOptions {
  return {
    allowHttp: environment["PARASCOPE_ALLOW_HTTP"] === "1",
    signal,
    endpoint: environment["HF_ENDPOINT"] || undefined,
    token: environment["HF_TOKEN"],
  };
}

/** A file that was opened, and what lies beside it. */
interface FileAt extends OpenedSource {
  readonly folder: Folder;
}

async function openFileAt(address: string, options: OpenSourceOptions): Promise<FileAt> {
  const environment = options.environment ?? process.env;
  const { signal } = options;
  const allowHttp = environment["PARASCOPE_ALLOW_HTTP"] === "1";
  const noClose = async (): Promise<void> => undefined;
  switch (schemeOf(address)) {
    case "http":
    case "https": {
      const [{ openUrl }, { UrlFolder }] = await Promise.all([
        import("../bytes/url-source.ts"),
        import("../bytes/url-folder.ts"),
      ]);
      const source = await openUrl(address, { allowHttp, signal });
      return { source, name: source.name, folder: new UrlFolder(address, { allowHttp }), close: noClose };
    }
    case "hf": {
      const { openHubFile } = await import("../bytes/hub-repository.ts");
      const { source, name, repository } = await openHubFile(address, hubOptions(options));
      return { source, name: basename(name), folder: folderBeside(repository, name), close: noClose };
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

async function openPath(path: string): Promise<FileAt> {
  const source = await openFile(path);
  const folder = new FileFolder(dirname(path));
  const close = async (): Promise<void> => {
    await Promise.all([source.close(), folder.close()]);
  };
  return { source, name: basename(path), folder, close };
}
