/**
 * A plan: what a file will be, as steps that either copy a range of a source or write bytes. A format makes it from a
 * document; carrying it out needs no format. Weights that were not edited are ranges, and are never decoded.
 */

import { crc32 } from "../bytes/crc32.ts";
import type { Sink } from "../bytes/sink.ts";
import type { ByteSource } from "../bytes/source.ts";
import { internal, SourceError } from "../errors.ts";

/** A checksum that is known once the step it belongs to is done. */
export interface Checksum {
  crc32: number;
}

/** Bytes at hand. */
export interface BytesStep {
  readonly step: "bytes";
  readonly bytes: Uint8Array;
}

/** The bytes `start` up to `end` of a source, as they are. */
export interface CopyStep {
  readonly step: "copy";
  /** Finds the source when its turn comes. */
  readonly open: () => ByteSource | Promise<ByteSource>;
  readonly start: number;
  readonly end: number;
  /** Where to put the checksum of what was copied. */
  readonly checksum?: Checksum;
}

/** Bytes that depend on checksums of earlier steps. */
export interface LateStep {
  readonly step: "late";
  readonly byteLength: number;
  readonly make: () => Uint8Array;
}

/** Bytes that are made piece by piece: a view that is gathered, elements that are converted. */
export interface BlocksStep {
  readonly step: "blocks";
  readonly byteLength: number;
  readonly blocks: (signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** One stretch of the file. */
export type PlanStep = BytesStep | CopyStep | LateStep | BlocksStep;

/** A file to be. */
export interface Plan {
  /** Of the whole file. */
  readonly byteLength: number;
  /** In the order of the file. */
  readonly steps: readonly PlanStep[];
}

/** How far the writing has come. */
export interface Progress {
  readonly writtenByteLength: number;
  readonly byteLength: number;
}

/** How to carry out a plan. */
export interface PlanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after every piece that was written, at most one per 4 MiB. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Bytes of one piece: large enough that its cost is its bytes, small enough that giving up is prompt. */
const pieceByteLength = 4 * 2 ** 20;

/** Bytes that a step makes. */
export function stepByteLength(step: PlanStep): number {
  switch (step.step) {
    case "bytes":
      return step.bytes.length;
    case "copy":
      return step.end - step.start;
    case "late":
    case "blocks":
      return step.byteLength;
  }
}

/** A plan of these steps. */
export function planOf(steps: readonly PlanStep[]): Plan {
  return { steps, byteLength: steps.reduce((sum, step) => sum + stepByteLength(step), 0) };
}

/** The pieces of a step whose bytes come from somewhere. */
async function* piecesOf(
  step: CopyStep | BlocksStep,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (step.step === "blocks") {
    yield* step.blocks(signal);
    return;
  }
  const source = await step.open();
  for (let start = step.start; start < step.end; start += pieceByteLength) {
    yield await source.read(start, Math.min(step.end, start + pieceByteLength), signal);
  }
}

/** A stretch of the file as it was written, for comparing it with what is read back. */
interface Stretch {
  /** The byte after its last. */
  readonly end: number;
  readonly crc32: number;
}

/** Hands bytes to a sink, small ones together: a write of each header would cost more than its bytes. */
class Writer {
  readonly #sink: Sink;
  readonly #plan: Plan;
  readonly #options: PlanOptions;
  #small: Uint8Array[] = [];
  #smallLength = 0;
  #written = 0;
  #reported = 0;

  constructor(sink: Sink, plan: Plan, options: PlanOptions) {
    this.#sink = sink;
    this.#plan = plan;
    this.#options = options;
  }

  /** Whether bytes of this length can wait for others. */
  keeps(bytes: Uint8Array): boolean {
    return bytes.length <= pieceByteLength / 4 && this.#smallLength + bytes.length <= pieceByteLength;
  }

  /** Keeps bytes for the next write. */
  keep(bytes: Uint8Array): void {
    this.#small.push(bytes);
    this.#smallLength += bytes.length;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.keeps(bytes)) return this.keep(bytes);
    await this.flush();
    if (this.keeps(bytes)) this.keep(bytes);
    else await this.#write(bytes);
  }

  /** Writes what was kept. */
  async flush(): Promise<void> {
    if (this.#smallLength === 0) return;
    const joined = new Uint8Array(this.#smallLength);
    let at = 0;
    for (const bytes of this.#small) {
      joined.set(bytes, at);
      at += bytes.length;
    }
    this.#small = [];
    this.#smallLength = 0;
    await this.#write(joined);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { signal, onProgress } = this.#options;
    signal?.throwIfAborted();
    await this.#sink.write(bytes);
    this.#written += bytes.length;
    if (this.#written - this.#reported < pieceByteLength) return;
    this.#reported = this.#written;
    onProgress?.({ writtenByteLength: this.#written, byteLength: this.#plan.byteLength });
  }
}

/** Writes the steps in their order, each byte's checksum taken once. */
async function write(plan: Plan, writer: Writer, signal: AbortSignal | undefined): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  let end = 0;
  for (const step of plan.steps) {
    const start = end;
    let checksum = 0;
    if (step.step === "bytes" || step.step === "late") {
      const bytes = step.step === "bytes" ? step.bytes : step.make();
      checksum = crc32(bytes);
      end += bytes.length;
      if (writer.keeps(bytes)) writer.keep(bytes);
      else await writer.write(bytes);
    } else {
      for await (const bytes of piecesOf(step, signal)) {
        checksum = crc32(bytes, checksum);
        end += bytes.length;
        await writer.write(bytes);
      }
      if (step.step === "copy" && step.checksum !== undefined) step.checksum.crc32 = checksum;
    }
    if (end - start !== stepByteLength(step)) {
      throw internal(`a step of ${end - start} bytes, planned ${stepByteLength(step)}`);
    }
    stretches.push({ end, crc32: checksum });
  }
  await writer.flush();
  return stretches;
}

/**
 * Writes the file of a plan to a sink and reads it back: every byte that the sink gives back is compared, by checksum,
 * with what was given to it. The sink is neither committed nor discarded.
 *
 * Throws: `SourceError` with code `"write-mismatch"` when the sink gives back something else; the signal's reason; what
 * the sources and the sink throw.
 */
export async function carryOut(plan: Plan, sink: Sink, options: PlanOptions = {}): Promise<ByteSource> {
  const { signal, onProgress } = options;
  const stretches = await write(plan, new Writer(sink, plan, options), signal);
  const source = await sink.finish();
  await checkWritten(source, plan.byteLength, stretches, signal);
  onProgress?.({ writtenByteLength: plan.byteLength, byteLength: plan.byteLength });
  return source;
}

async function checkWritten(
  source: ByteSource,
  byteLength: number,
  stretches: readonly Stretch[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (source.size !== byteLength) throw mismatch(`found ${source.size} bytes, expected ${byteLength}`);
  let piece: Uint8Array = new Uint8Array(0);
  let pieceStart = 0;
  let at = 0;
  for (const { end, crc32: expected } of stretches) {
    let checksum = 0;
    while (at < end) {
      if (at === pieceStart + piece.length) {
        pieceStart = at;
        piece = await source.read(at, Math.min(byteLength, at + pieceByteLength), signal);
      }
      const until = Math.min(end, pieceStart + piece.length);
      checksum = crc32(piece.subarray(at - pieceStart, until - pieceStart), checksum);
      at = until;
    }
    if (checksum !== expected) throw mismatch(`found other bytes before offset ${end}`);
  }
}

function mismatch(found: string): SourceError {
  return new SourceError(`checking what was written: ${found}`, {
    code: "write-mismatch",
    hint: "The disk or the connection lost bytes; nothing was replaced.",
  });
}
