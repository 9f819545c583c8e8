/** How many requests it takes to list a checkpoint that lies on a web server, through the published interface. */

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openUrl } from "../../src/bytes/url-source.ts";
import { open } from "../../src/formats/open.ts";
import { largeCheckpoint } from "../fixtures/large-checkpoint.ts";
import { ranges, redirect, startServer, type WebServer } from "../fixtures/web-server.ts";

let server: WebServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.close());

function fixture(path: string): Promise<Buffer> {
  return readFile(new URL(`../fixtures/${path}`, import.meta.url));
}

/** Bytes that were asked for, in all. */
function byteLengthAsked(path: string): number {
  return server.requests
    .filter((request) => request.path === path)
    .map(({ range }) => /=(\d+)-(\d+)$/.exec(range!)!)
    .reduce((total, [, first, last]) => total + Number(last) - Number(first) + 1, 0);
}

describe("listing a checkpoint on a web server", () => {
  it.each<[string, number, number, number]>([
    ["a small model", 20, 100, 1],
    ["a model of GPT-2's number of tensors", 149, 5000, 2],
    ["a large model, whose pickle is longer than what is read first", 1500, 300, 3],
    ["a model with a directory longer than the tail", 6000, 50, 4],
    ["a model of 30 000 tensors", 30_000, 20, 4],
  ])("takes few requests for %s (%i tensors)", async (_, count, length, expected) => {
    const path = `/${count}.pt`;
    const bytes = largeCheckpoint(count, length);
    const source = await openUrl(server.serve(path, bytes, ranges(bytes, { etag: '"1"' })));
    const catalog = await open(source, { name: source.name });
    expect(catalog.entries).toHaveLength(count);
    expect(catalog.metadata).toMatchObject({ byteOrder: "little", version: 3 });
    const requests = server.requests.filter((request) => request.path === path);
    expect(requests.length).toBeLessThanOrEqual(expected);
    expect(requests.length).toBeLessThanOrEqual(4);
  });

  it("reads no weights to list, and only those of a tensor to read it", async () => {
    const bytes = largeCheckpoint(40, 100_000);
    const source = await openUrl(server.serve("/weights.pt", bytes, ranges(bytes)));
    const catalog = await open(source);
    expect(byteLengthAsked("/weights.pt")).toBeLessThan(400_000);
    const entry = catalog.entries[17]!;
    const values = new Float32Array((await catalog.read(entry, { start: 0, end: 400_000 })).slice().buffer);
    expect([values[0], values[99_999]]).toEqual([17, 17 + 99_999]);
    expect(byteLengthAsked("/weights.pt")).toBeLessThan(1_300_000);
  });

  it("takes one request for a small safetensors file, and one more behind a redirect", async () => {
    const bytes = await fixture("safetensors/dtypes.safetensors");
    const target = server.serve("/target.safetensors", bytes);
    const source = await openUrl(server.serve("/redirected.safetensors", bytes, redirect(target)));
    const catalog = await open(source, { name: source.name });
    expect(catalog.format).toBe("safetensors");
    expect(server.requests.filter(({ path }) => path.includes("safetensors"))).toHaveLength(2);
  });
});
