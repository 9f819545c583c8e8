/** Checkpoints of several files on web servers: what it takes to list them, and that no weight is fetched. */

import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { open } from "../../src/formats/open.ts";
import { openPlace } from "../../src/node/open-source.ts";
import { open as openNode } from "../../src/node/open.ts";
import { ranges, startServer, status, type WebServer } from "../fixtures/web-server.ts";

const fixture = new URL("../fixtures/folders/sharded-safetensors/", import.meta.url);
const names = readdirSync(fixture).sort();
let server: WebServer;

beforeAll(async () => {
  server = await startServer();
});

beforeEach(() => {
  server.requests.length = 0;
});

afterAll(() => server.close());

/** Serves the files of the fixture under a path, some of them aside. */
function serveFiles(path: string, without: readonly string[] = []): string {
  for (const name of names.filter((one) => !without.includes(one))) {
    const bytes = readFileSync(new URL(name, fixture));
    server.serve(`${path}/${name}`, bytes, ranges(bytes, { etag: `"${name}"` }));
  }
  return `${server.origin}${path}`;
}

describe("a checkpoint of several files on a web server", () => {
  it("is listed by its index, with one request for each small file, and read", async () => {
    const address = `${serveFiles("/model")}/model.safetensors.index.json?token=1`;
    await using catalog = await openNode(address);
    expect(catalog.entries).toHaveLength(9);
    expect(server.requests.map(({ path }) => path).sort()).toEqual(
      names.filter((name) => name !== "config.json").map((name) => `/model/${name}`),
    );
    const bytes = await catalog.read(catalog.entries[0]!);
    expect(bytes).toHaveLength(24);
  });

  it("is listed without the files that the server does not have", async () => {
    const address = `${serveFiles("/part", ["model-00002-of-00003.safetensors"])}/model.safetensors.index.json`;
    await using catalog = await openNode(address);
    expect(catalog.notices.map(({ message }) => message)).toEqual([
      'The file "model-00002-of-00003.safetensors" is not there; 4 tensors are not listed.',
    ]);
  });

  it("is not listed as incomplete when the server is at fault", async () => {
    const path = "/broken/model-00002-of-00003.safetensors";
    const address = `${serveFiles("/broken")}/model.safetensors.index.json`;
    server.serve(path, new Uint8Array(), status(403));
    await expect(openNode(address)).rejects.toMatchObject({ code: "no-permission" });
  });

  it("is found in a repository, with its configuration", async () => {
    const files = names.map((path) => ({
      type: "file",
      path,
      size: readFileSync(new URL(path, fixture)).length,
      oid: "0",
    }));
    const headers = { "content-type": "application/json" };
    server.serve(
      "/api/models/me/net/tree/main",
      new Uint8Array(),
      status(200, headers, JSON.stringify(files)),
    );
    serveFiles("/me/net/resolve/main");
    const { file, ...place } = await openPlace("hf://me/net", {
      environment: { HF_ENDPOINT: server.origin },
    });
    const catalog = await open(file, place);
    expect(catalog.format).toBe("sharded");
    expect(catalog.entries).toHaveLength(9);
    expect(catalog.metadata["config"]).toEqual({ model_type: "tiny", architectures: ["Tiny"] });
  });
});
