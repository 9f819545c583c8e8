/**
 * A file on disk as a sink, for Node. It is written under another name beside its target, brought to the disk, and then
 * takes the target's name in one step: whoever looks at the target, at any moment and after any crash, sees the old
 * file or the new one, each whole.
 */

import { randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import {
  access,
  chmod,
  constants,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { OldFile, Sink, SinkFolder } from "../bytes/sink.ts";
import type { ByteSource } from "../bytes/source.ts";
import { quote, SourceError, UsageError } from "../errors.ts";
import type { FileSource } from "./file-source.ts";
import { openFile } from "./file-source.ts";

/** How to write a file. */
export interface FileSinkOptions {
  /** Whether a file that is there may be replaced. Default true, as `torch.save` does. */
  readonly overwrite?: boolean | undefined;
  /** Whether a symbolic link may be followed and the file that it leads to be replaced. Default false. */
  readonly followLinks?: boolean | undefined;
  /** Files that must not be replaced, and folders whose files must not: what is read from. */
  readonly inputs?: readonly string[] | undefined;
}

/**
 * What the names of unfinished files end in. No program takes one for a checkpoint: what ends in `.pt` or
 * `.safetensors` does not end so.
 */
const unfinishedEnding = ".unfinished";

/**
 * Starts a file at a path. Nothing is there, or what was there stays, until `commit`.
 *
 * Throws: `UsageError` with code `"output-exists"`, `"output-is-link"`, `"output-is-input"` or `"output-not-a-file"`;
 * `SourceError` when the folder is missing or may not be written to.
 */
export async function createFile(path: string, options: FileSinkOptions = {}): Promise<FileSink> {
  const target = await targetOf(path, options);
  const name = `.${beginning(basename(target.path))}.${randomBytes(6).toString("hex")}${unfinishedEnding}`;
  const unfinished = join(dirname(target.path), name);
  try {
    // "wx" fails where a file or a link of that name is already there.
    const handle = await open(unfinished, "wx+", target.mode ?? 0o666);
    return new FileSink(target.path, unfinished, handle, target.mode);
  } catch (error) {
    throw failed("writing", path, error);
  }
}

/** Bytes of the target's name that an unfinished file's begins with: file systems allow 255 for all of it. */
const keptByteLength = 200;

/** As much of a name as fits, whole characters. */
function beginning(name: string): string {
  let kept = name.slice(0, keptByteLength);
  while (Buffer.byteLength(kept) > keptByteLength) kept = kept.slice(0, -1);
  return kept;
}

interface Target {
  readonly path: string;
  /** The mode of the file that is there; null when there is none. */
  readonly mode: number | null;
}

async function targetOf(path: string, options: FileSinkOptions): Promise<Target> {
  const { overwrite = true, followLinks = false, inputs = [] } = options;
  if (path === "") {
    throw new UsageError("writing a file: its path is empty", { code: "output-not-a-file" });
  }
  let found: Awaited<ReturnType<typeof lstat>>;
  try {
    found = await lstat(path);
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return { path, mode: null };
    throw failed("writing", path, error);
  }
  let real = path;
  if (found.isSymbolicLink()) {
    if (!followLinks) {
      throw new UsageError(
        `writing ${quote(path)}: it is a symbolic link, and replacing it would not change what it leads to`,
        {
          code: "output-is-link",
          hint: "Name the file itself, or allow that links are followed.",
        },
      );
    }
    try {
      real = await realpath(path);
      found = await lstat(real);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ENOENT") throw failed("writing", path, error);
      throw new UsageError(`writing ${quote(path)}: it is a symbolic link that leads nowhere`, {
        code: "output-is-link",
        hint: "Name the file itself.",
      });
    }
  }
  if (!found.isFile()) {
    throw new UsageError(`writing ${quote(path)}: it is there and is no regular file`, {
      code: "output-not-a-file",
    });
  }
  const around = await stat(dirname(real)).catch(() => null);
  for (const input of inputs) {
    const other = await stat(input).catch(() => null);
    const own = other?.isDirectory() === true ? around : found;
    if (other !== null && own !== null && other.dev === own.dev && other.ino === own.ino) {
      const what =
        own === found ? "it is the file that is read from" : "it is in the folder that is read from";
      throw new UsageError(`writing ${quote(path)}: ${what}`, {
        code: "output-is-input",
        hint: "Name another file, or allow that the input is replaced.",
      });
    }
  }
  if (!overwrite) {
    throw new UsageError(`writing ${quote(path)}: it is already there`, {
      code: "output-exists",
      hint: "Name another file, or allow that it is replaced.",
    });
  }
  try {
    // A new name could take the place of a file that is protected; writing into it, as torch.save does, could not.
    await access(real, constants.W_OK);
  } catch (error) {
    throw failed("writing", path, error);
  }
  return { path: real, mode: found.mode & 0o7777 };
}

/** A file being written; made by `createFile`. */
export class FileSink implements Sink {
  /** The path that it will have. */
  readonly path: string;
  readonly #unfinished: string;
  readonly #mode: number | null;
  #handle: FileHandle | null;
  #source: FileSource | null = null;
  #isDone = false;

  constructor(path: string, unfinished: string, handle: FileHandle, mode: number | null) {
    this.path = path;
    this.#unfinished = unfinished;
    this.#handle = handle;
    this.#mode = mode;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await this.#open.write(bytes, written, bytes.length - written);
        written += bytesWritten;
      }
    } catch (error) {
      throw failed("writing", this.path, error);
    }
  }

  async finish(): Promise<ByteSource> {
    try {
      const handle = this.#open;
      // The mode is set here and not only at the start, where the process's mask takes bits away.
      if (this.#mode !== null) await chmod(this.#unfinished, this.#mode);
      await handle.sync();
      this.#handle = null;
      await handle.close();
    } catch (error) {
      throw failed("writing", this.path, error);
    }
    this.#source = await openFile(this.#unfinished);
    return this.#source;
  }

  async commit(): Promise<void> {
    await this.#source?.close();
    this.#source = null;
    try {
      await rename(this.#unfinished, this.path);
    } catch (error) {
      throw failed("replacing", this.path, error);
    }
    this.#isDone = true;
    await syncFolder(dirname(this.path));
  }

  async discard(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    await this.#source?.close();
    await this.#handle?.close();
    this.#handle = null;
    await unlink(this.#unfinished).catch(() => undefined);
  }

  get #open(): FileHandle {
    if (this.#handle !== null) return this.#handle;
    throw new UsageError(`writing ${quote(this.path)}: it was finished before`, { code: "sink-finished" });
  }
}

/** Brings a folder's list of names to the disk, so that the new name outlives a power cut; not every system can. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}

/** A folder on disk that checkpoints of several files are written to; it is made when it is not there. */
export class FileSinkFolder implements SinkFolder {
  /** The folder's path. */
  readonly path: string;
  readonly #options: FileSinkOptions;

  constructor(path: string, options: FileSinkOptions = {}) {
    this.path = path;
    this.#options = options;
  }

  async create(name: string): Promise<Sink> {
    if (name !== basename(name) || name === "" || name === "." || name === "..") {
      throw new UsageError(`writing ${quote(name)}: expected a file name`, { code: "bad-file-name" });
    }
    try {
      await mkdir(this.path, { recursive: true });
    } catch (error) {
      throw failed("writing", this.path, error);
    }
    return createFile(join(this.path, name), this.#options);
  }

  async old(isMeant: (name: string) => boolean): Promise<readonly OldFile[]> {
    const found = await readdir(this.path).catch(() => []);
    const files: OldFile[] = [];
    for (const name of found.filter(isMeant)) {
      const { path } = await targetOf(join(this.path, name), this.#options);
      const remove = async (): Promise<void> => {
        try {
          await unlink(path);
        } catch (error) {
          throw failed("replacing", path, error);
        }
      };
      files.push({ name, remove });
    }
    return files;
  }
}

const reasons: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "there is no such folder"],
  ["ENOTDIR", "part of its path is no folder"],
  ["EEXIST", "it is a file, expected a folder"],
  ["ENAMETOOLONG", "its name is too long for the file system"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EBUSY", "it is in use, or mounted by itself"],
  ["EROFS", "the disk is read-only"],
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EFBIG", "the file system does not hold files this large"],
]);

function failed(doing: string, path: string, error: unknown): Error {
  if (error instanceof UsageError || error instanceof SourceError) return error;
  const { code } = error as { readonly code?: unknown };
  return new SourceError(
    `${doing} ${quote(path)}: ${reasons.get(code) ?? `the system says ${String(code)}`}`,
    {
      code: code === "ENOSPC" || code === "EDQUOT" ? "disk-full" : "write-failed",
      hint: "Nothing was replaced.",
      cause: error,
    },
  );
}
