/** Ranges over HTTP: asking for one, and what an answer says that it holds. */

import { quote } from "../errors.ts";
import { answerFault, Interruption } from "./http-failure.ts";

/** The range that a 206 answer holds. */
export interface Part {
  readonly start: number;
  readonly end: number;
  /** The size of the file, or null where the server does not know. */
  readonly size: number | null;
}

/** The header that asks for the bytes from `start` up to, not including, `end`. */
export function rangeHeader(start: number, end: number): Readonly<Record<string, string>> {
  // The last byte's position, not the one behind it (RFC 9110, section 14.1.2).
  return { range: `bytes=${start}-${end - 1}` };
}

/**
 * What a 206 answer holds. Layout: RFC 9110, section 14.4.
 *
 * Throws: `SourceError` with code `"http-response"`; `doing` begins its message.
 */
export function partOf({ headers }: Response, doing: string): Part {
  if (isEncoded(headers)) {
    // Then the range counts compressed bytes, and `fetch` would inflate a piece out of the middle.
    const encoding = quote(headers.get("content-encoding")!);
    throw answerFault(doing, `a range of the file compressed as ${encoding}`, "the file's own bytes");
  }
  const said = headers.get("content-range");
  if (said === null) {
    throw answerFault(
      doing,
      "no Content-Range",
      "one (for a page, the server must name it in Access-Control-Expose-Headers)",
    );
  }
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(?:(\d{1,15})|\*)$/i.exec(said.trim());
  if (match === null) throw answerFault(doing, `Content-Range ${quote(said)}`, "one like bytes 0-511/4096");
  const start = Number(match[1]);
  const end = Number(match[2]) + 1;
  const size = match[3] === undefined ? null : Number(match[3]);
  if (start >= end || (size !== null && end > size)) {
    throw answerFault(doing, `Content-Range ${quote(said)}`, "a range within the file");
  }
  return { start, end, size };
}

/** The size of a whole body; null where it is not told, or counts compressed bytes. */
export function declaredByteLength({ headers }: Response): number | null {
  const text = headers.get("content-length");
  return text === null || isEncoded(headers) || !/^\d{1,15}$/.test(text) ? null : Number(text);
}

function isEncoded(headers: Headers): boolean {
  return !/^(?:identity)?$/i.test(headers.get("content-encoding") ?? "");
}

/**
 * Hands on the body of a part, piece by piece.
 *
 * Throws: `SourceError` when it is longer than the part, `Interruption` when it is shorter.
 */
export async function takePart(
  chunks: AsyncIterable<Uint8Array>,
  { start, end }: Part,
  doing: string,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const expected = `${end - start} as it declares`;
  let taken = 0;
  for await (const chunk of chunks) {
    taken += chunk.byteLength;
    if (taken > end - start) throw answerFault(doing, `a body of ${taken} bytes or more`, expected);
    take(chunk);
  }
  if (taken < end - start) throw new Interruption(answerFault(doing, `a body of ${taken} bytes`, expected));
}
