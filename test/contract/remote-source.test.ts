import { gzipSync } from "node:zlib";
import { afterAll, beforeAll } from "vitest";
import { HttpFile } from "../../src/bytes/http-file.ts";
import { MemorySource } from "../../src/bytes/memory-source.ts";
import { ReadAheadSource } from "../../src/bytes/read-ahead-source.ts";
import { SliceSource } from "../../src/bytes/slice-source.ts";
import type { ByteSource } from "../../src/bytes/source.ts";
import { openUrl } from "../../src/bytes/url-source.ts";
import {
  cutAfter,
  hangUp,
  ranges,
  redirect,
  startServer,
  status,
  type WebServer,
  whole,
} from "../fixtures/web-server.ts";
import { describeSource } from "./source-contract.ts";

let server: WebServer;
let served = 0;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.close());

/** A path of its own for each source. */
function freshPath(): string {
  served += 1;
  return `/${served}.bin`;
}

/** More bytes in front than come with the first request, so that what is read has to be fetched. */
const front = 70_000;

describeSource("ReadAheadSource", async (bytes) => new ReadAheadSource(new MemorySource(bytes)));
describeSource("UrlSource", async (bytes) => openUrl(server.serve(freshPath(), bytes)));
describeSource("UrlSource of a server without ranges", async (bytes) =>
  openUrl(server.serve(freshPath(), bytes, whole(bytes))),
);
describeSource("UrlSource of a server that compresses, without ranges", async (bytes) =>
  openUrl(server.serve(freshPath(), bytes, whole(gzipSync(bytes), { "content-encoding": "gzip" }))),
);
describeSource("UrlSource behind a redirect", async (bytes) =>
  openUrl(server.serve(freshPath(), bytes, redirect(server.serve(freshPath(), bytes)))),
);

/** A window behind the head, so that every read is a request. */
async function behindHead(
  bytes: Uint8Array,
  make: (file: Uint8Array) => Promise<ByteSource>,
): Promise<ByteSource> {
  const padded = new Uint8Array(front + bytes.byteLength);
  padded.set(bytes, front);
  return new SliceSource(await make(padded), front, front + bytes.byteLength);
}

describeSource("HttpFile behind its head", (bytes) =>
  behindHead(bytes, (file) => HttpFile.open(server.serve(freshPath(), file))),
);
describeSource("HttpFile of a server that fails in three ways by turns", (bytes) =>
  behindHead(bytes, (file) => {
    const answers = [ranges(file), status(503), ranges(file), hangUp, ranges(file), cutAfter(file, 10)];
    const address = server.serve(freshPath(), file, (response, asked) =>
      answers[asked.count % answers.length]!(response, asked),
    );
    return HttpFile.open(address, { retryDelayMs: 1, retries: 20 });
  }),
);
describeSource("UrlSource behind its head", (bytes) =>
  behindHead(bytes, (file) => openUrl(server.serve(freshPath(), file))),
);
