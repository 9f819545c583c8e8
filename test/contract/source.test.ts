import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { BlobSource } from "../../src/bytes/blob-source.ts";
import { CachedSource } from "../../src/bytes/cached-source.ts";
import { CoalescedSource } from "../../src/bytes/coalesced-source.ts";
import { MemorySource } from "../../src/bytes/memory-source.ts";
import { SliceSource } from "../../src/bytes/slice-source.ts";
import { TailSource } from "../../src/bytes/tail-source.ts";
import { openZip } from "../../src/bytes/zip.ts";
import { type FileSource, openFile } from "../../src/node/file-source.ts";
import { buildZip, torchZip } from "../fixtures/zip-builder.ts";
import { describeSource } from "./source-contract.ts";

let folder = "";
const files: FileSource[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parascope-source-"));
});

afterAll(async () => {
  await Promise.all(files.map((file) => file.close()));
  await rm(folder, { recursive: true });
});

async function inFile(bytes: Uint8Array): Promise<FileSource> {
  const path = join(folder, `${files.length}.bin`);
  await writeFile(path, bytes);
  const file = await openFile(path);
  files.push(file);
  return file;
}

/** The bytes with others around them, to be found again by a window. */
function framed(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.byteLength + 30).fill(0xee);
  frame.set(bytes, 10);
  return frame;
}

describeSource("MemorySource", async (bytes) => new MemorySource(bytes));
describeSource("MemorySource over an ArrayBuffer", async (bytes) => new MemorySource(bytes.slice().buffer));
describeSource("MemorySource over a part of a buffer", async (bytes) => {
  return new MemorySource(framed(bytes).subarray(10, 10 + bytes.byteLength));
});
describeSource("BlobSource", async (bytes) => new BlobSource(new Blob([bytes.slice()])));
describeSource("FileSource", inFile);
describeSource("SliceSource", async (bytes) => {
  return new SliceSource(new MemorySource(framed(bytes)), 10, 10 + bytes.byteLength);
});
describeSource("SliceSource of a SliceSource of a file", async (bytes) => {
  const outer = new SliceSource(await inFile(framed(framed(bytes))), 10, 40 + bytes.byteLength);
  return new SliceSource(outer, 10, 10 + bytes.byteLength);
});
describeSource("CachedSource", async (bytes) => {
  return new CachedSource(new MemorySource(bytes), { pageByteLength: 64, maxByteLength: 256 });
});
describeSource("CachedSource with room for one page", async (bytes) => {
  return new CachedSource(new MemorySource(bytes), { pageByteLength: 300, maxByteLength: 300 });
});
describeSource("CachedSource over a CoalescedSource over a file", async (bytes) => {
  return new CachedSource(new CoalescedSource(await inFile(bytes)), { pageByteLength: 100 });
});
describeSource("CoalescedSource", async (bytes) => {
  return new CoalescedSource(new MemorySource(bytes), { maxGap: 5, maxByteLength: 300 });
});
describeSource("TailSource", async (bytes) => TailSource.open(new MemorySource(bytes), 300));
describeSource("a stored zip record", async (bytes) => {
  const zip = await openZip(new MemorySource(torchZip([{ name: "a/x" }, { name: "a/y", data: bytes }])));
  return zip.open(zip.get("a/y")!);
});
describeSource("a deflated zip record", async (bytes) => {
  const zip = await openZip(new MemorySource(buildZip([{ name: "a", data: bytes, deflate: true }])));
  return zip.open(zip.get("a")!);
});
