/** Several sources one after another, as one. */

import { type ByteSource, checkRead } from "./source.ts";

/** A source in the row, and where it begins. */
interface Piece {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
}

/** The bytes of sources in a row. Holds none of them. */
export class JoinedSource implements ByteSource {
  readonly size: number;
  readonly #pieces: readonly Piece[];

  constructor(sources: readonly ByteSource[]) {
    let start = 0;
    this.#pieces = sources.map((source) => {
      const piece = { source, start, end: start + source.size };
      start = piece.end;
      return piece;
    });
    this.size = start;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const met = this.#pieces.filter((piece) => piece.start < end && start < piece.end);
    const parts = await Promise.all(
      met.map((piece) =>
        piece.source.read(
          Math.max(start, piece.start) - piece.start,
          Math.min(end, piece.end) - piece.start,
          signal,
        ),
      ),
    );
    if (parts.length === 1) return parts[0]!;
    const bytes = new Uint8Array(end - start);
    for (const [index, part] of parts.entries()) bytes.set(part, Math.max(start, met[index]!.start) - start);
    return bytes;
  }
}
