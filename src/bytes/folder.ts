/**
 * A folder that a checkpoint of several files lies in: on disk, beside a web address, in a repository, in memory. Names
 * come from files that nobody vouches for, so every folder checks them before it opens anything.
 */

import { FormatError, quote, SourceError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

/** A file of a folder. */
export interface FolderFile {
  /** Its path inside the folder, with `/` between its parts. */
  readonly name: string;
  readonly byteLength: number;
}

/** Files that belong together, by their names. */
export interface Folder {
  /**
   * The files, those of inner folders too; null where nobody can tell, as on a web server. A folder on disk leaves out
   * what no checkpoint is made of (hidden folders, and deep ones), unless everything in it is asked for.
   */
  list(signal?: AbortSignal, extent?: "checkpoint" | "everything"): Promise<readonly FolderFile[] | null>;
  /**
   * Opens a file by its path inside the folder.
   *
   * Throws: `FormatError` with code `"outside-folder"` for a name that could lead elsewhere; `SourceError`, with code
   * `"file-missing"` where there is no such file.
   */
  open(name: string, signal?: AbortSignal): Promise<ByteSource>;
}

/** Characters of a path inside a folder. Real: 200. Prevents: messages and requests of megabytes. */
const longestName = 4096;

/**
 * Refuses names that could lead out of a folder: absolute ones, those with `..` or empty parts, with backslashes, with a
 * drive letter or the scheme of an address, with control characters.
 *
 * Throws: `FormatError` with code `"outside-folder"`.
 */
export function checkFileName(name: string): void {
  const isPlain =
    name.length <= longestName &&
    name.split("/").every((part) => part !== "" && part !== "." && part !== "..") &&
    !/[\\\u0000-\u001f]|^[a-z]:|:\/\//i.test(name);
  if (isPlain) return;
  throw new FormatError(
    `opening a checkpoint of several files: ${quote(name)} is no name of a file in its folder`,
    {
      code: "outside-folder",
      hint: "The file that says so is damaged, or made to read what it must not.",
    },
  );
}

/** The error for a name that a folder has no file of. */
export function missingFile(name: string): SourceError {
  return new SourceError(`opening ${quote(name)}: there is no such file in the folder`, {
    code: "file-missing",
    hint: "Fetch the whole checkpoint; this file of it is not there.",
  });
}

/** A folder inside another. */
export class InnerFolder implements Folder {
  readonly #outer: Folder;
  readonly #prefix: string;

  /** `name` is the inner folder's path in the outer one. Throws: `FormatError` as `checkFileName`. */
  constructor(outer: Folder, name: string) {
    checkFileName(name);
    this.#outer = outer;
    this.#prefix = `${name}/`;
  }

  async list(
    signal?: AbortSignal,
    extent?: "checkpoint" | "everything",
  ): Promise<readonly FolderFile[] | null> {
    const files = await this.#outer.list(signal, extent);
    return (
      files?.flatMap(({ name, byteLength }) =>
        name.startsWith(this.#prefix) ? [{ name: name.slice(this.#prefix.length), byteLength }] : [],
      ) ?? null
    );
  }

  async open(name: string, signal?: AbortSignal): Promise<ByteSource> {
    checkFileName(name);
    return this.#outer.open(this.#prefix + name, signal);
  }
}

/** The folder in which a file of another folder lies. */
export function folderBeside(folder: Folder, file: string): Folder {
  const slash = file.lastIndexOf("/");
  return slash < 0 ? folder : new InnerFolder(folder, file.slice(0, slash));
}

/**
 * Sources under names, as a folder: what a page has of files that were dropped on it.
 *
 * @example
 * const folder = folderOf(files.map((file) => [file.name, new BlobSource(file)]));
 * const catalog = await open(folder);
 */
export function folderOf(files: Iterable<readonly [name: string, source: ByteSource]>): Folder {
  const sources = new Map(files);
  return {
    list: async () => [...sources].map(([name, { size }]) => ({ name, byteLength: size })),
    async open(name) {
      checkFileName(name);
      const source = sources.get(name);
      if (source === undefined) throw missingFile(name);
      return source;
    },
  };
}
