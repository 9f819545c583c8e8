import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ranges, startServer, type WebServer } from "../../test/fixtures/web-server.ts";
import { openUrl } from "./url-source.ts";

const bytes = Uint8Array.from({ length: 5 * 2 ** 20 }, (_, i) => (i * 13 + (i >> 9)) & 0xff);
const page = 64 * 2 ** 10;

let server: WebServer;
let served = 0;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.close());

function serve(content: Uint8Array = bytes): string {
  served += 1;
  return server.serve(`/${served}.bin`, content, ranges(content, { etag: `"${served}"` }));
}

/** The ranges that were asked of an address. */
function rangesOf(address: string): (readonly [number, number])[] {
  return server.requests
    .filter(({ path }) => path === new URL(address).pathname)
    .map(({ range }) => /=(\d+)-(\d+)$/.exec(range!)!)
    .map(([, first, last]) => [Number(first), Number(last) + 1] as const);
}

describe("a source of a web address", () => {
  it("reads its beginning without another request", async () => {
    const address = serve();
    const source = await openUrl(address);
    expect(await source.read(8, 5000)).toEqual(bytes.slice(8, 5000));
    expect(rangesOf(address)).toEqual([[0, page]]);
  });

  it("fetches whole pages and keeps them", async () => {
    const address = serve();
    const source = await openUrl(address);
    for (const start of [2 * page, 2 * page + 500, 3 * page - 5000]) {
      expect(await source.read(start, start + 100)).toEqual(bytes.slice(start, start + 100));
    }
    expect(rangesOf(address).slice(1)).toEqual([[2 * page, 3 * page]]);
  });

  it("takes the page that follows along where little is left of the one it reads", async () => {
    const address = serve();
    const source = await openUrl(address);
    await source.read(2 * page, 3 * page - 1000);
    await source.read(3 * page - 1000, 3 * page + 1000);
    expect(rangesOf(address).slice(1)).toEqual([[2 * page, 4 * page]]);
  });

  it("brings the last 256 KiB with a read at the end, where a zip has its directory", async () => {
    const address = serve();
    const source = await openUrl(address);
    const { size } = source;
    expect(await source.read(size - 22, size)).toEqual(bytes.slice(size - 22, size));
    const tail = await source.read(size - 2 ** 18 + 5000, size - 100);
    expect(Buffer.from(tail).equals(bytes.subarray(size - 2 ** 18 + 5000, size - 100))).toBe(true);
    expect(rangesOf(address).slice(1)).toEqual([[size - 4 * page, size]]);
  });

  it("joins reads of one turn that lie close, also when one comes some steps after the other", async () => {
    const address = serve();
    const source = await openUrl(address);
    const first = source.read(10 * page, 10 * page + 10);
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
    const [a, b] = await Promise.all([first, source.read(page, 9 * page + 100)]);
    expect(a).toEqual(bytes.slice(10 * page, 10 * page + 10));
    expect(Buffer.from(b).equals(bytes.subarray(page, 9 * page + 100))).toBe(true);
    expect(rangesOf(address).slice(1)).toEqual([[page, 11 * page]]);
  });

  it("fetches a long read with 4 KiB behind it, and keeps only those", async () => {
    const address = serve();
    const source = await openUrl(address);
    const end = 3 * 2 ** 20 + 5;
    expect(Buffer.from(await source.read(page, end)).equals(bytes.subarray(page, end))).toBe(true);
    expect(await source.read(end + 5, end + 4096)).toEqual(bytes.slice(end + 5, end + 4096));
    await source.read(page, page + 1);
    expect(rangesOf(address).slice(1)).toEqual([
      [page, end + 4096],
      [page, 2 * page],
    ]);
  });

  it("fetches a long read at the end with the 4 KiB before it, where small records of a checkpoint lie", async () => {
    const address = serve();
    const source = await openUrl(address);
    const [start, end] = [2 ** 20, bytes.byteLength - 2 ** 15];
    expect(Buffer.from(await source.read(start, end)).equals(bytes.subarray(start, end))).toBe(true);
    expect(await source.read(start - 4096, start - 1)).toEqual(bytes.slice(start - 4096, start - 1));
    expect(rangesOf(address).slice(1)).toEqual([[start - 4096, end + 4096]]);
  });

  it("opens the files of this project as it opens them from disk", async () => {
    const content = await readFile(
      new URL("../../test/fixtures/safetensors/tied-model.safetensors", import.meta.url),
    );
    const source = await openUrl(serve(content));
    expect(source.name).toMatch(/^\d+\.bin$/);
    expect(Buffer.from(await source.read(0, source.size)).equals(content)).toBe(true);
  });
});
