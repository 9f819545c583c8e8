import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ranges, startServer, status, type WebServer } from "../../test/fixtures/web-server.ts";
import { UsageError } from "../errors.ts";
import { openSource } from "./open-source.ts";

const bytes = Uint8Array.of(1, 2, 3, 4);
let folder = "";
let server: WebServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parascope-open-"));
  server = await startServer();
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Opens a SOURCE, reads all of it, and closes it. */
async function readAll(address: string, environment = {}): Promise<{ name: string; bytes: Uint8Array }> {
  const opened = await openSource(address, { environment });
  try {
    const read = await opened.source.read(0, opened.source.size);
    return { name: opened.name, bytes: Uint8Array.from(read) };
  } finally {
    await opened.close();
  }
}

describe("opening a SOURCE", () => {
  it("opens a file by its path, also one that looks a little like an address, and by its address", async () => {
    const path = join(folder, "c:odd #1.pt");
    await writeFile(path, bytes);
    expect(await readAll(path)).toEqual({ name: "c:odd #1.pt", bytes });
    expect((await readAll(pathToFileURL(path).href)).name).toBe("c:odd #1.pt");
  });

  it("opens a web address", async () => {
    const address = server.serve("/a/model%20one.pt", bytes, ranges(bytes));
    expect(await readAll(`${address}?x=1`)).toEqual({ name: "model one.pt", bytes });
  });

  it("opens a file on the Hub that HF_ENDPOINT names, with HF_TOKEN", async () => {
    server.serve("/me/net/resolve/main/sub/a.pt", bytes, ranges(bytes, { etag: '"a"' }));
    const environment = { HF_ENDPOINT: server.origin, HF_TOKEN: "hf_abc" };
    expect(await readAll("hf://me/net/sub/a.pt", environment)).toEqual({ name: "a.pt", bytes });
    expect(server.requests.at(-1)!.authorization).toBe("Bearer hf_abc");
  });

  it.each<[string, string]>([
    ["s3://bucket/model.pt", "address"],
    ["gs://bucket/model.pt", "address"],
    ["file://server/share/model.pt", "address"],
    ["hf://gpt2", "hub-address"],
    ["http://192.0.2.1/model.pt", "insecure-address"],
  ])("refuses %s as a wrong call", async (address, code) => {
    const error: unknown = await readAll(address).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code });
  });

  it("lets PARASCOPE_ALLOW_HTTP=1 allow an unencrypted connection", async () => {
    // Nobody lives in 192.0.2.0/24 (RFC 5737), so the signal has to end it: that it was tried is the point.
    const signal = AbortSignal.abort(new Error("tried"));
    const opening = openSource("http://192.0.2.1/x", { environment: { PARASCOPE_ALLOW_HTTP: "1" }, signal });
    await expect(opening).rejects.toThrow("tried");
  });

  it("gives up when it is told to", async () => {
    const address = server.serve("/busy", bytes, status(503, { "retry-after": "30" }));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 30);
    await expect(openSource(address, { signal: controller.signal })).rejects.toThrow("enough");
  });
});
