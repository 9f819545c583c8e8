/**
 * `torch.save` since PyTorch 1.6: a zip with a pickle, `data.pkl`, and one record a storage, `data/<key>`, all in one
 * folder of any name.
 *
 * Opening reads the zip's directory, the pickle and the small records beside it. A storage is found when it is read.
 * Source: torch/serialization.py and caffe2/serialize/inline_container.cc of PyTorch 2.13.
 */

import type { ByteSource } from "../bytes/source.ts";
import type { Zip, ZipEntry } from "../bytes/zip.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { unpickle } from "../pickle/machine.ts";
import type { Unpickled } from "../pickle/machine.ts";
import { TorchReader } from "../pickle/torch.ts";
import type { Candidate, Format } from "./format.ts";
import { graftNested } from "./nested-storages.ts";
import { withArrays } from "./numpy-arrays.ts";
import { catalogOfPickle } from "./pickled-catalog.ts";

/** The format of today's `.pt`, `.pth`, `.bin` and `.ckpt` files. */
export const torchZip: Format = {
  name: "torch-zip",

  async claims(candidate) {
    if (!candidate.isZip) return false;
    const zip = await candidate.zip();
    const root = rootOf(zip);
    // TorchScript archives, torch.package and torch.export have records that these files never have.
    return (
      root !== null &&
      zip.get(`${root}/data.pkl`) !== undefined &&
      !["constants.pkl", "archive_format", ".data/extern_modules"].some((name) => zip.get(`${root}/${name}`))
    );
  },

  async open(candidate) {
    const zip = await candidate.zip();
    const archive = new Archive(zip, rootOf(zip)!);
    const [pickle, facts] = await Promise.all([
      archive.pickle(candidate.limits, candidate.signal),
      archive.facts(candidate.signal),
    ]);
    return catalogOf(candidate, archive, pickle, facts);
  },
};

/** The folder that holds all records, which PyTorch takes from the first one; null when there is none. */
function rootOf(zip: Zip): string | null {
  const slash = zip.entries[0]?.name.indexOf("/") ?? -1;
  return slash < 1 ? null : zip.entries[0]!.name.slice(0, slash);
}

/** What the small records say. */
interface ArchiveFacts {
  readonly byteOrder: "little" | "big";
  /** For the catalog's metadata. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
}

/** The small records, and what they are called in the metadata. */
const smallRecords = {
  version: "version",
  byteorder: "byteOrder",
  ".format_version": "formatVersion",
  ".storage_alignment": "storageAlignment",
  ".data/serialization_id": "serializationId",
} as const;

/** Bytes of a small record; the longest real one has 40. */
const smallRecordBytes = 256;

/** Versions that PyTorch reads; it writes 3. Source: caffe2/serialize/versions.h. */
const oldestVersion = 1;
const newestVersion = 10;

/** The records of a checkpoint. */
class Archive {
  readonly zip: Zip;
  readonly root: string;
  /** The storages by key. */
  readonly storages: ReadonlyMap<string, ZipEntry>;

  constructor(zip: Zip, root: string) {
    this.zip = zip;
    this.root = root;
    const prefix = `${root}/data/`;
    this.storages = new Map(
      zip.entries.flatMap((entry) =>
        entry.name.startsWith(prefix) ? [[entry.name.slice(prefix.length), entry] as const] : [],
      ),
    );
  }

  async pickle(limits: Limits, signal: AbortSignal | undefined): Promise<Unpickled & { rest: number }> {
    const entry = this.zip.get(`${this.root}/data.pkl`)!;
    if (entry.byteLength > limits.pickleBytes) {
      throw new LimitError(
        `opening a torch.save file: its pickle has ${entry.byteLength} bytes, of at most ${limits.pickleBytes}`,
        { code: "pickle-bytes", hint: "If you trust the file, raise limits.pickleBytes." },
      );
    }
    const bytes = await this.zip.read(entry, signal);
    const unpickled = unpickle(bytes, { limits });
    return { ...unpickled, rest: bytes.length - unpickled.end };
  }

  async facts(signal: AbortSignal | undefined): Promise<ArchiveFacts> {
    const names = Object.keys(smallRecords) as (keyof typeof smallRecords)[];
    const texts = await Promise.all(names.map((name) => this.#text(name, signal)));
    const text = new Map(names.map((name, index) => [name, texts[index]]));
    const byteOrder = text.get("byteorder") ?? "little";
    if (byteOrder !== "little" && byteOrder !== "big") {
      throw new FormatError(
        `opening a torch.save file: its byte order is ${quote(byteOrder)}, expected "little" or "big"`,
        { code: "torch-zip-byteorder", hint: "The file is damaged." },
      );
    }
    const metadata = names.flatMap((name) => {
      const value = text.get(name);
      if (value === undefined) return [];
      const isNumber = name !== ".data/serialization_id" && /^\d{1,15}$/.test(value);
      return [[smallRecords[name], isNumber ? Number(value) : value] as const];
    });
    return {
      byteOrder,
      metadata: Object.fromEntries(metadata),
      notices: versionNotices(text.get("version")),
    };
  }

  /** The text of a small record; undefined when it is not there. */
  async #text(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    // PyTorch keeps the version in either of two places.
    const entry =
      this.zip.get(`${this.root}/${name}`) ??
      (name === "version" ? this.zip.get(`${this.root}/.data/version`) : undefined);
    if (entry === undefined || entry.byteLength > smallRecordBytes) return undefined;
    return new TextDecoder().decode(await this.zip.read(entry, signal)).trim();
  }

  /** The storages' bytes by key; none is read yet. */
  sources(): [string, ByteSource][] {
    return [...this.storages].map(([key, entry]) => [key, this.zip.open(entry)]);
  }

  /** Whether the storages were left out: `skip_data` writes none of their bytes and no checksum, only for them. */
  get isSkipped(): boolean {
    const written = [...this.storages.values()].filter(({ byteLength }) => byteLength > 0);
    const pickle = this.zip.get(`${this.root}/data.pkl`)!;
    return written.length > 0 && pickle.crc32 !== 0 && written.every((entry) => entry.crc32 === 0);
  }
}

function versionNotices(version: string | undefined): readonly Notice[] {
  const number = Number(version);
  if (
    version !== undefined &&
    Number.isInteger(number) &&
    number >= oldestVersion &&
    number <= newestVersion
  ) {
    return [];
  }
  const found = version === undefined ? "no version" : `the version ${quote(version)}`;
  return [
    {
      code: "version",
      message: `The file has ${found}; PyTorch loads versions ${oldestVersion} to ${newestVersion} only.`,
      names: [],
    },
  ];
}

async function catalogOf(
  candidate: Candidate,
  archive: Archive,
  pickle: Unpickled & { readonly rest: number },
  facts: ArchiveFacts,
): Promise<Catalog> {
  const { limits, signal } = candidate;
  const nested = await graftNested(pickle.value, { limits, signal });
  const storages = new Map([...archive.sources(), ...nested.storages]);
  return catalogOfPickle({
    format: "torch-zip",
    // Where there is no storage, arrays are all there is to see; beside tensors they are not what is looked for.
    root: storages.size === 0 ? withArrays(nested.root) : nested.root,
    torch: new TorchReader(limits),
    storages,
    byteOrder: facts.byteOrder,
    weightless: archive.isSkipped ? "the file was saved without its weights (skip_data)" : null,
    metadata: { archive: archive.root, ...facts.metadata, pickleProtocol: pickle.protocol },
    notices: [...facts.notices, ...archiveNotices(archive, pickle.rest)],
    limits,
  });
}

function notice(code: string, message: string): Notice {
  return { code, message, names: [] };
}

/** What is unusual about the container. */
function archiveNotices(archive: Archive, rest: number): readonly Notice[] {
  const { zip, isSkipped } = archive;
  const notices: Notice[] = [];
  if (isSkipped) {
    notices.push(notice("skipped-weights", "The file was saved without its weights (skip_data)."));
  }
  if (!zip.hasChecksums) {
    notices.push(
      notice("no-checksums", "The file was written without checksums, so damage cannot be noticed."),
    );
  }
  if (rest > 0) {
    notices.push(
      notice("trailing-bytes", `${rest} bytes follow the end of the pickle; PyTorch passes over them.`),
    );
  }
  return notices;
}
