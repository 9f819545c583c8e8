/** NumPy's file of several arrays, `.npz`: a zip of `.npy` files, compressed or not. */

import { inflateStart } from "../bytes/inflate-start.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { Zip, ZipEntry } from "../bytes/zip.ts";
import type { Notice } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import type { StorageBytes } from "../catalog/file-catalog.ts";
import { keyOf, newDict } from "../catalog/value.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import type { Candidate, Format } from "./format.ts";
import type { ArrayReading } from "./npy-array.ts";
import { arrayOf, catalogOfArrays, entryOf, readNpyHeader } from "./npy-array.ts";

/** The format of several arrays. */
export const npz: Format = {
  name: "npz",

  async claims(candidate) {
    if (!candidate.isZip) return false;
    const { entries } = await candidate.zip();
    return entries.some(({ name }) => name.endsWith(suffix));
  },

  async open(candidate) {
    const { limits } = candidate;
    const zip = await candidate.zip();
    const records = zip.entries.filter(({ name }) => name.endsWith(suffix));
    if (records.length > limits.entries) {
      throw new LimitError(`opening a zip of NumPy arrays: ${records.length}, of at most ${limits.entries}`, {
        code: "entries-limit",
        hint: "If you trust the file, raise limits.entries.",
      });
    }
    const found = await readAll(candidate, zip, records);
    const entries: Entry[] = [];
    const notices: Notice[] = [];
    const storages = new Map<string, StorageBytes>();
    const root = newDict();
    for (const { record, array } of found) {
      const key = record.name.slice(0, -suffix.length);
      if (array.refused !== null) {
        const message = `${quote(key)} is not listed: ${array.refused}.`;
        notices.push({ code: "refused-tensor", message, names: [] });
        continue;
      }
      const entry = entryOf(array, entries.length, [key], record.name);
      entries.push(entry);
      notices.push(...array.notices);
      storages.set(record.name, array.bytes);
      root.items.set(keyOf(key), { key, value: { kind: "tensor", entry: entry.index } });
    }
    const others = zip.entries.length - records.length;
    if (others > 0) {
      const message = `${others} ${others === 1 ? "record" : "records"} of the zip are no arrays.`;
      notices.push({ code: "other-records", message, names: [] });
    }
    return catalogOfArrays(npz.name, limits, { entries, root, metadata: {}, notices, storages });
  },
};

/** What ends the name of a record that is an array. */
const suffix = ".npy";

/** Records whose headers are asked for at a time. */
const headersAtOnce = 256;

/** Reads the headers of records; one that is damaged is refused by name. */
async function readAll(
  candidate: Candidate,
  zip: Zip,
  records: readonly ZipEntry[],
): Promise<{ record: ZipEntry; array: ArrayReading }[]> {
  const found: { record: ZipEntry; array: ArrayReading }[] = [];
  for (let first = 0; first < records.length; first += headersAtOnce) {
    const some = records.slice(first, first + headersAtOnce);
    const arrays = await Promise.all(some.map((record) => readRecord(candidate, zip, record)));
    for (const [index, record] of some.entries()) found.push({ record, array: arrays[index]! });
  }
  return found;
}

async function readRecord(candidate: Candidate, zip: Zip, record: ZipEntry): Promise<ArrayReading> {
  const { limits, signal } = candidate;
  const source = zip.open(record);
  const readStart = async (end: number): Promise<Uint8Array> => {
    if (record.method === "stored") return source.read(0, end, signal);
    const [start] = await zip.locate([record], signal);
    const deflated = new SliceSource(candidate.source, start!, start! + record.storedByteLength);
    return inflateStart(deflated, end, `the zip record ${quote(record.name)}`, { signal });
  };
  try {
    return arrayOf(await readNpyHeader(source.size, readStart, limits), source);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { refused: error.message };
  }
}
