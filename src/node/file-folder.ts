/** A directory on disk as a folder, for Node: its files are opened when they are read, and few at a time. */

import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import type { ByteSource } from "../bytes/source.ts";
import { checkRead } from "../bytes/source.ts";
import { checkFileName, type Folder, type FolderFile, missingFile } from "../bytes/folder.ts";
import { FormatError, quote, SourceError } from "../errors.ts";
import { fileError, openFile, type FileSource } from "./file-source.ts";

/** Files that are open at once. Systems allow 256 to 1024, and the program wants some too. */
const openAtOnce = 32;

/** Files that are listed. Real: 10 000. Prevents: a walk through a whole disk. */
const maxFiles = 100_000;

/** Directories inside each other that are looked through: a checkpoint's step and its ranks are two. */
const maxDepth = 3;

/** A file of the folder while it is open. */
interface OpenFile {
  readonly source: Promise<FileSource>;
  /** Reads under way. */
  readers: number;
}

/** What a file was when it was found: another size or date says that it is another file. */
interface Version {
  readonly size: number;
  readonly changedAt: number;
}

/**
 * A directory. Symbolic links are followed as long as they stay inside it; in a snapshot of the Hugging Face cache, whose
 * files are links, they may lead to the `blobs` beside it.
 */
export class FileFolder implements Folder {
  readonly path: string;
  readonly #open: Map<string, OpenFile> = new Map();
  #isClosed = false;

  /** Opening a directory reads nothing and does not fail: its files may. */
  constructor(path: string) {
    this.path = path;
  }

  async list(
    signal?: AbortSignal,
    extent: "checkpoint" | "everything" = "checkpoint",
  ): Promise<readonly FolderFile[]> {
    const isAll = extent === "everything";
    const files: FolderFile[] = [];
    const pending = [{ prefix: "", depth: 0 }];
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      const { prefix, depth } = next;
      const items = await readdir(join(this.path, prefix), { withFileTypes: true }).catch(
        (error: unknown) => {
          if (prefix !== "" && !isAll) return [];
          throw unreadable(this.path, error);
        },
      );
      for (const item of items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        signal?.throwIfAborted();
        const name = prefix + item.name;
        if (item.isDirectory()) {
          if (isAll || (depth < maxDepth && !item.name.startsWith(".")))
            pending.push({ prefix: `${name}/`, depth: depth + 1 });
          continue;
        }
        const stats = await stat(join(this.path, name)).catch(() => undefined);
        if (stats?.isFile()) files.push({ name, byteLength: stats.size });
        if (files.length > maxFiles) {
          throw new SourceError(`listing ${quote(this.path)}: found more than ${maxFiles} files`, {
            code: "folder-files",
            hint: "Name the checkpoint inside it.",
          });
        }
      }
    }
    return files;
  }

  async open(name: string): Promise<ByteSource> {
    checkFileName(name);
    const path = await this.#pathOf(name);
    // Opened at once, so that what cannot be read is known now; it stays open while there is room.
    const version = await this.#use(path, undefined, async (source) => versionOf(path, source.size));
    return {
      size: version.size,
      read: async (start, end, signal) => {
        checkRead(version.size, start, end, signal);
        return this.#use(path, version, (source) => source.read(start, end, signal));
      },
    };
  }

  /** Closes the files that are open; what reads them later fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map(async ({ source }) => (await source.catch(() => undefined))?.close()));
  }

  /** The file that a name leads to in the end. */
  async #pathOf(name: string): Promise<string> {
    const root = await realpath(this.path).catch((error: unknown) => {
      throw unreadable(this.path, error);
    });
    const path = await realpath(join(root, name)).catch((error: unknown) => {
      throw isMissing(error) ? missingFile(name) : unreadable(name, error);
    });
    const homes = [root];
    if (basename(dirname(root)) === "snapshots") homes.push(join(dirname(dirname(root)), "blobs"));
    if (homes.some((home) => path.startsWith(home.endsWith(sep) ? home : home + sep))) return path;
    throw new FormatError(`opening ${quote(name)}: it is a link that leads out of its folder`, {
      code: "outside-folder",
      hint: "If you trust it, copy the file that it leads to into the folder.",
    });
  }

  async #use<Result>(
    path: string,
    version: Version | undefined,
    use: (source: FileSource) => Promise<Result>,
  ): Promise<Result> {
    if (this.#isClosed) {
      throw new SourceError(`reading ${quote(path)}: the checkpoint was closed before`, {
        code: "source-closed",
      });
    }
    const file = this.#open.get(path) ?? { source: reopened(path, version), readers: 0 };
    // The latest stands last; the first that nobody reads is closed when there are too many.
    this.#open.delete(path);
    this.#open.set(path, file);
    file.readers += 1;
    try {
      this.#makeRoom();
      return await use(await file.source);
    } catch (error) {
      if (this.#open.get(path) === file) this.#open.delete(path);
      throw error;
    } finally {
      file.readers -= 1;
      if (file.readers === 0 && this.#open.get(path) !== file) void closeQuietly(file);
    }
  }

  #makeRoom(): void {
    for (const [path, file] of this.#open) {
      if (this.#open.size <= openAtOnce) return;
      if (file.readers > 0) continue;
      this.#open.delete(path);
      void closeQuietly(file);
    }
  }
}

/** Closes a file that nobody reads; one that could not be opened is closed already. */
async function closeQuietly({ source }: OpenFile): Promise<void> {
  await (await source.catch(() => undefined))?.close();
}

async function versionOf(path: string, size: number): Promise<Version> {
  return { size, changedAt: (await stat(path)).mtimeMs };
}

/** Opens a file, a second time only when it is still the same. */
async function reopened(path: string, version: Version | undefined): Promise<FileSource> {
  const source = await openFile(path);
  if (version === undefined) return source;
  const found = await versionOf(path, source.size);
  if (found.size === version.size && found.changedAt === version.changedAt) return source;
  await source.close();
  throw new SourceError(`reading ${quote(path)}: the file is not the one that was opened`, {
    code: "file-changed",
    hint: "Another program has replaced it; open the checkpoint again.",
  });
}

function isMissing(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function unreadable(path: string, error: unknown): SourceError {
  if (!isMissing(error)) return fileError("opening", path, error);
  return new SourceError(`opening ${quote(path)}: there is no such directory`, {
    code: "file-missing",
    cause: error,
  });
}
