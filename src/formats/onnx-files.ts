/** The files beside an ONNX model that its tensors say their elements are in. */

import type { Folder } from "../bytes/folder.ts";
import { checkFileName } from "../bytes/folder.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Notice } from "../catalog/catalog.ts";
import { FormatError, quote } from "../errors.ts";
import type { OnnxData } from "./onnx-tensor.ts";

type External = Extract<OnnxData, { readonly where: "external" }>;

/** Where elements are said to be. */
interface Claim {
  readonly location: string;
  readonly start: number;
  /** Bytes that the model speaks of; null where it does not. */
  readonly byteLength: number | null;
}

function claimOf({ entries }: External): Claim {
  const length = entries.get("length");
  return {
    location: entries.get("location") ?? "",
    start: Number(entries.get("offset") ?? 0),
    byteLength: length === undefined ? null : Number(length),
  };
}

function leadsOut(location: string): boolean {
  try {
    checkFileName(location);
    return false;
  } catch (error) {
    if (error instanceof FormatError) return true;
    throw error;
  }
}

/** The files of one model. Names that lead out of the folder are never followed. */
export class OnnxFiles {
  readonly #folder: Folder | undefined;
  readonly #signal: AbortSignal | undefined;
  /** The sizes of the files by name; null where nobody tells. */
  #sizes: ReadonlyMap<string, number> | null = null;
  /** The files that tensors name, those that are there, and those that cannot be looked for. */
  readonly #named: Map<string, number> = new Map();
  readonly #faults: Map<string, number> = new Map();

  constructor(folder: Folder | undefined, signal: AbortSignal | undefined) {
    this.#folder = folder;
    this.#signal = signal;
  }

  /** Finds out which files there are. */
  async look(): Promise<void> {
    const files = (await this.#folder?.list(this.#signal)) ?? null;
    this.#sizes = files && new Map(files.map(({ name, byteLength }) => [name, byteLength]));
  }

  /** Why elements cannot be read; null when they can, as far as is known. */
  faultOf(data: External, byteLength: number): string | null {
    const claim = claimOf(data);
    const fault = this.#faultOf(claim, byteLength);
    const counts = fault === null ? this.#named : this.#faults;
    const key = fault ?? claim.location;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return fault;
  }

  #faultOf({ location, start, byteLength: claimed }: Claim, byteLength: number): string | null {
    if (leadsOut(location)) {
      return `its elements are said to be in ${quote(location)}, which is no file beside the model`;
    }
    if (!Number.isSafeInteger(start) || start < 0) {
      return `its elements in ${quote(location)} are said to start at byte ${start}`;
    }
    if (claimed !== null && claimed !== byteLength) {
      return `its elements take ${byteLength} bytes, and ${claimed} of ${quote(location)} are said to be theirs`;
    }
    if (this.#folder === undefined) return `its elements are in another file, ${quote(location)}`;
    if (this.#sizes === null) return null;
    const size = this.#sizes.get(location);
    if (size === undefined) return `its elements are in another file, ${quote(location)}, which is not there`;
    return start + byteLength <= size
      ? null
      : `its elements end at byte ${start + byteLength} of ${quote(location)}, which has ${size}`;
  }

  /** The elements that `faultOf` has no fault of. */
  async open(data: External, byteLength: number): Promise<ByteSource> {
    const { location, start } = claimOf(data);
    const source = await this.#folder!.open(location, this.#signal);
    if (start + byteLength <= source.size) return new SliceSource(source, start, start + byteLength);
    throw new FormatError(
      `reading a tensor of an ONNX model: ${quote(location)} has ${source.size} bytes, and the model wants those up to ${start + byteLength}`,
      { code: "onnx-data", hint: "Fetch the file again; saving or copying it was interrupted." },
    );
  }

  /** Where the elements are, and which are not there. */
  notices(): Notice[] {
    const found = [...this.#named].map(([location, count]) => ({
      code: "external-data",
      message: `${count === 1 ? "1 tensor has its" : `${count} tensors have their`} elements in ${quote(location)}.`,
      names: [],
    }));
    const missing = [...this.#faults].map(([fault, count]) => ({
      code: "missing-data",
      message: `${count === 1 ? "1 tensor is" : `${count} tensors are`} listed without elements: ${fault}.`,
      names: [],
    }));
    return [...found, ...missing];
  }
}
