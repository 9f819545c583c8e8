/** A checkpoint of 512 MiB that nobody has to make: a header of safetensors, and zeros after it. */

import { truncateSync, writeFileSync } from "node:fs";
import type { Answer } from "../fixtures/web-server.ts";

/** The header of `count` float32 tensors of `each` bytes. */
function headerOf(count: number, each: number): Uint8Array {
  const rows = Array.from({ length: count }, (_, k) => [
    `layer.${k}.weight`,
    { dtype: "F32", shape: [2048, each / 8192], data_offsets: [k * each, (k + 1) * each] },
  ]);
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(rows)));
  const header = new Uint8Array(8 + text.byteLength);
  new DataView(header.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  header.set(text, 8);
  return header;
}

const count = 32;
const each = 2 ** 24;

/** What the file begins with. */
export const largeHeader: Uint8Array = headerOf(count, each);

/** The zeros after it. */
export const largeZeros: number = count * each;

/** What a test finds in it; see `peeked` in programs.ts. */
export const largeFound: object = {
  count,
  parameters: (count * each) / 4,
  last: `layer.${count - 1}.weight`,
  bytes: [0, 0, 0, 0, 0, 0, 0, 0],
};

/** Answers by ranges of it, with these headers, and says how many bytes it sent. */
export function largeAnswer(
  allowed: Readonly<Record<string, string>>,
  sent: (byteLength: number) => void,
): Answer {
  const size = largeHeader.byteLength + largeZeros;
  return (response, { headers }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "")!;
    const start = Number(first);
    const end = Math.min(size, Number(last) + 1);
    const bytes = new Uint8Array(end - start);
    if (start < largeHeader.byteLength) bytes.set(largeHeader.subarray(start, end));
    sent(bytes.byteLength);
    const range = `bytes ${start}-${end - 1}/${size}`;
    response.writeHead(206, { ...allowed, "content-range": range, "content-length": bytes.byteLength });
    response.end(bytes);
  };
}

/** Makes it on disk, where zeros take no room. */
export function writeLargeFile(path: string): void {
  writeFileSync(path, largeHeader);
  truncateSync(path, largeHeader.byteLength + largeZeros);
}
