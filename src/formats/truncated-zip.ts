/**
 * What is left of a torch.save zip that was cut short. Its directory, which stands at the end, is gone; the records before
 * the cut still have their headers, and the pickle, which is the first of them, tells how long the storages are.
 */

import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { localHeaderByteLength } from "../bytes/zip-entry.ts";
import type { Entry } from "../catalog/entry.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import { latin1 } from "../pickle/text.ts";
import { TorchReader } from "../pickle/torch.ts";
import type { Candidate } from "./format.ts";
import { visitNodes } from "./nodes.ts";
import { PickleStream } from "./pickle-stream.ts";
import { catalogOfPickle } from "./pickled-catalog.ts";

/** Names that the answer spells out. */
const shownNames = 2;

/** Between two records of PyTorch lie a descriptor of 16 or 24 bytes and nothing else; small records count as nothing here. */
const longestGap = 4096;

/** A header with its name and padding, at the usual alignment of 64 bytes and at those that people configure. */
const headerRoom = 8192;

/** Records that are looked for. Each takes a read, which of a remote file is a request. */
const mostRecords = 1000;

/** A record by its own header. */
interface LocalRecord {
  readonly name: string;
  readonly dataStart: number;
}

/** The record whose header starts within a gap after `start`; null where there is none. */
async function recordAfter(
  source: ByteSource,
  start: number,
  signal: AbortSignal | undefined,
): Promise<LocalRecord | null> {
  if (start >= source.size) return null;
  const bytes = await source.read(start, Math.min(source.size, start + longestGap + headerRoom), signal);
  const at = latin1(bytes.subarray(0, longestGap)).indexOf("PK\x03\x04");
  if (at < 0 || at + localHeaderByteLength > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const nameEnd = localHeaderByteLength + view.getUint16(26, true);
  const dataStart = start + at + nameEnd + view.getUint16(28, true);
  return { name: latin1(bytes.subarray(at + localHeaderByteLength, at + nameEnd)), dataStart };
}

/** What is left. */
interface Remains {
  /** The tensors of the file, those whose storages are not whole as absent ones. */
  readonly entries: readonly Entry[];
  /** Whether all records were looked for. */
  readonly isComplete: boolean;
}

/** Null where it is no torch.save zip. */
async function remainsOf({ source, limits, signal }: Candidate): Promise<Remains | null> {
  const first = await recordAfter(source, 0, signal);
  const root = first === null ? undefined : /^([^/]+)\/data\.pkl$/.exec(first.name)?.[1];
  if (first === null || root === undefined) return null;
  const stream = new PickleStream(source, { limits, signal });
  stream.position = first.dataStart;
  const { value } = await stream.next();
  const torch = new TorchReader(limits);
  visitNodes(value, (node) => {
    if (node.kind === "persistent") torch.storage(node);
  });
  const storages = new Map<string, ByteSource>();
  let end = stream.position;
  let record: LocalRecord | null = first;
  for (let count = 0; record !== null && count < mostRecords; count += 1) {
    record = await recordAfter(source, end, signal);
    if (record === null) break;
    end = record.dataStart;
    const key = record.name.startsWith(`${root}/data/`) ? record.name.slice(root.length + 6) : null;
    const claim = key === null ? undefined : torch.storages.get(key)?.[0];
    if (key === null || claim === undefined) continue;
    end += claim.byteLength;
    if (end <= source.size) storages.set(key, new SliceSource(source, record.dataStart, end));
  }
  const facts = { format: "torch-zip", root: value, metadata: {}, notices: [], limits };
  return { entries: catalogOfPickle({ ...facts, torch, storages }).entries, isComplete: record === null };
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** What the remains come to, as the end of a sentence. */
function remainsText({ entries, isComplete }: Remains): string {
  const all = entries.length === 1 ? "1 tensor" : `${entries.length} tensors`;
  const whole = entries.filter(({ layout }) => layout !== "absent");
  const bytes = `${sizeOf(whole)} of ${sizeOf(entries)} bytes`;
  if (whole.length === 0 && isComplete) return `none of its ${all} is whole`;
  const names = whole.slice(0, shownNames).map(({ name }) => quote(name));
  const more = whole.length > shownNames ? ", …" : "";
  return `of its ${all}, ${isComplete ? "" : "at least "}${whole.length} ${whole.length === 1 ? "is" : "are"} whole (${names.join(", ")}${more}; ${bytes})`;
}

/**
 * The error for a file whose zip has no end: what is left of it, where that can be told; else the error as it was.
 * Reads the pickle and the headers of the records.
 *
 * Throws: what the source throws.
 */
export async function cutShort(candidate: Candidate, cause: FormatError): Promise<FormatError> {
  const { size } = candidate.source;
  const answer = (left: string): FormatError =>
    new FormatError(
      `opening a checkpoint: the file is a torch.save zip that was cut short at byte ${size}: ${left}`,
      {
        code: cause.code,
        hint: "The download, the copy or the save did not finish: fetch the file again, or use an earlier checkpoint.",
        cause,
      },
    );
  try {
    const remains = await remainsOf(candidate);
    return remains === null || remains.entries.length === 0 ? cause : answer(remainsText(remains));
  } catch (error) {
    if (error instanceof FormatError && error.code === "pickle-truncated") {
      return answer("it ends inside its data.pkl, so not even names are left");
    }
    if (error instanceof FormatError || error instanceof LimitError) return cause;
    throw error;
  }
}
