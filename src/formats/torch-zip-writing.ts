/**
 * Writes `torch.save`'s zip as PyTorch 2.13 does, byte for byte: the order and alignment of the records, the pickle's
 * bookkeeping, the version records, the fingerprint. Reading is in `torch-zip.ts`.
 *
 * Source: torch/serialization.py and caffe2/serialize/inline_container.cc; files are compared whole.
 */

import { crc32 } from "../bytes/crc32.ts";
import { SwappedSource } from "../bytes/swapped-source.ts";
import type { ZipRecord } from "../bytes/zip-layout.ts";
import {
  descriptor,
  descriptorByteLength,
  directory,
  directoryByteLength,
  localHeader,
} from "../bytes/zip-layout.ts";
import type { Document } from "../catalog/document.ts";
import type { Checksum, Plan, PlanStep } from "../catalog/plan.ts";
import { planOf } from "../catalog/plan.ts";
import { StateError, UsageError } from "../errors.ts";
import type { NumberedStorage } from "../pickle/torch-writer.ts";
import { TorchWriter } from "../pickle/torch-writer.ts";
import { writePickle } from "../pickle/writer.ts";
import { serializationId, serializationIdByteLength } from "./serialization-id.ts";

/** How to write a `torch.save` zip. */
export interface TorchZipOptions {
  /**
   * The folder inside the zip that holds all records. PyTorch takes the file's name without its last extension, and
   * `"archive"` where there is no file. Default `"archive"`.
   */
  readonly archive?: string | undefined;
  /** Every record starts at a multiple of this many bytes. Default 64. */
  readonly alignment?: number | undefined;
}

/** Largest padding that its 16-bit length can tell. */
const largestAlignment = 32_768;

/** The records of a zip as they are planned, one after another. */
class Records {
  readonly steps: PlanStep[] = [];
  readonly #archive: string;
  readonly #alignment: number;
  readonly #records: {
    short: string;
    name: Uint8Array;
    byteLength: number;
    headerStart: number;
    checksum: Checksum;
  }[] = [];
  #end = 0;

  constructor(archive: string, alignment: number) {
    this.#archive = archive;
    this.#alignment = alignment;
  }

  /** A record of bytes at hand. */
  bytes(name: string, bytes: Uint8Array): void {
    this.#record(name, bytes.length, { crc32: crc32(bytes) }, () => ({ step: "bytes", bytes }));
  }

  text(name: string, text: string): void {
    this.bytes(name, new TextEncoder().encode(text));
  }

  /** A record that is copied from a storage. */
  storage({ key, bytes, swap }: NumberedStorage, byteOrder: "little" | "big"): void {
    const { byteLength } = bytes;
    this.#record(`data/${key}`, byteLength, { crc32: 0 }, (checksum) => ({
      step: "copy",
      open: async () => {
        const source = await bytes.open();
        return bytes.byteOrder === byteOrder || swap === 1 ? source : new SwappedSource(source, swap ?? 1);
      },
      start: 0,
      end: byteLength,
      checksum,
    }));
  }

  /** The fingerprint of all records before it. */
  fingerprint(): void {
    const before = [...this.#records];
    const byteLength = serializationIdByteLength;
    this.#record(".data/serialization_id", byteLength, { crc32: 0 }, (checksum) => ({
      step: "late",
      byteLength,
      make: () => {
        const records = before.map(({ short: name, byteLength: size, checksum: { crc32: sum } }) => ({
          name,
          byteLength: size,
          crc32: sum,
        }));
        const bytes = new TextEncoder().encode(serializationId(records));
        checksum.crc32 = crc32(bytes);
        return bytes;
      },
    }));
  }

  #record(
    short: string,
    byteLength: number,
    checksum: Checksum,
    content: (checksum: Checksum) => PlanStep,
  ): void {
    const name = new TextEncoder().encode(`${this.#archive}/${short}`);
    const headerStart = this.#end;
    const record = { short, name, byteLength, headerStart, checksum };
    const header = localHeader(name, byteLength, headerStart, this.#alignment);
    const after = descriptorByteLength(byteLength, headerStart);
    this.steps.push({ step: "bytes", bytes: header }, content(checksum));
    if (after > 0) {
      this.steps.push({ step: "late", byteLength: after, make: () => descriptor(listed(record)) });
    }
    this.#records.push(record);
    this.#end += header.length + byteLength + after;
  }

  finish(): Plan {
    const records = this.#records;
    const start = this.#end;
    this.steps.push({
      step: "late",
      byteLength: directoryByteLength(records),
      make: () => directory(records.map(listed), start),
    });
    return planOf(this.steps);
  }
}

function listed({
  checksum,
  ...record
}: Omit<ZipRecord, "crc32"> & { readonly checksum: Checksum }): ZipRecord {
  return { ...record, crc32: checksum.crc32 };
}

/** The byte order that the file says it has: that of its storages where they agree, else little-endian. */
function byteOrderOf(storages: readonly NumberedStorage[]): "little" | "big" {
  const isBig = storages.length > 0 && storages.every(({ bytes }) => bytes.byteOrder === "big");
  if (isBig) return "big";
  if (storages.some(({ bytes, swap }) => bytes.byteOrder === "big" && swap === null)) {
    throw new StateError(
      "writing a torch.save file: bytes of both byte orders, one of them an untyped storage that does not tell its numbers",
      { code: "mixed-byte-order", hint: "Write the big-endian file by itself." },
    );
  }
  return "little";
}

/**
 * The plan of a `torch.save` file.
 *
 * Throws: `UsageError` for an impossible alignment or folder name; `StateError` for a tensor that cannot be written.
 */
export function encodeTorchZip(document: Document, options: TorchZipOptions = {}): Plan {
  const { archive = "archive", alignment = 64 } = options;
  if (!Number.isInteger(alignment) || alignment < 1 || alignment > largestAlignment) {
    throw new UsageError(
      `writing a torch.save file: an alignment of ${alignment}, expected 1 to ${largestAlignment}`,
      {
        code: "bad-alignment",
      },
    );
  }
  if (archive === "" || /[/\\\u0000]/.test(archive)) {
    throw new UsageError(`writing a torch.save file: ${JSON.stringify(archive)} cannot name its folder`, {
      code: "bad-archive-name",
      hint: "Take a name without slashes.",
    });
  }
  const torch = new TorchWriter(document);
  const pickle = writePickle(document.root, torch);
  const { storages } = torch;
  const byteOrder = byteOrderOf(storages);

  const records = new Records(archive, alignment);
  records.bytes("data.pkl", pickle);
  records.text(".format_version", "1");
  records.text(".storage_alignment", String(alignment));
  records.text("byteorder", byteOrder);
  for (const storage of storages) records.storage(storage, byteOrder);
  records.text("version", "3\n");
  records.fingerprint();
  return records.finish();
}
