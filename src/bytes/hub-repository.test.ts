import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Answer,
  hangUp,
  inTurn,
  ranges,
  redirect,
  saysNothing,
  startServer,
  status,
  type WebServer,
} from "../../test/fixtures/web-server.ts";
import { type ParascopeError, SourceError, UsageError } from "../errors.ts";
import { parseHubAddress } from "./hub-address.ts";
import { HubRepository, openHubFile } from "./hub-repository.ts";

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 3) & 0xff);
const commit = "0123456789abcdef0123456789abcdef01234567";

/** The Hub, and the store that it sends downloads to. */
let hub: WebServer;
let store: WebServer;

beforeAll(async () => {
  hub = await startServer();
  store = await startServer();
});

afterEach(() => {
  hub.requests.length = 0;
  store.requests.length = 0;
});

afterAll(() => Promise.all([hub.close(), store.close()]));

/** Serves a file of a repository as the Hub does: by way of the store. */
function serveFile(path: string): void {
  const target = store.serve(`/store${path}`, bytes, ranges(bytes, { etag: '"store"' }));
  hub.serve(path, bytes, (response) => {
    response.writeHead(302, {
      location: `${target}?signature=1`,
      "x-linked-etag": '"abc"',
      "x-linked-size": bytes.byteLength,
    });
    response.end();
  });
}

function serveList(repo: string, names: readonly string[], revision = "main"): void {
  const files = names.map((path) => ({ type: "file", path, size: bytes.byteLength, oid: "0" }));
  const body = JSON.stringify([{ type: "directory", path: "sub", size: 0, oid: "0" }, ...files]);
  hub.serve(
    `/api/models/${repo}/tree/${revision}`,
    bytes,
    status(200, { "content-type": "application/json" }, body),
  );
}

function options(more: object = {}): { endpoint: string; retryDelayMs: number } {
  return { endpoint: hub.origin, retryDelayMs: 1, ...more };
}

async function errorOf(promise: Promise<unknown>): Promise<ParascopeError> {
  return promise.then(
    () => expect.fail("it did not fail"),
    (reason: unknown) => reason as ParascopeError,
  );
}

describe("a file on the Hugging Face Hub", () => {
  it("opens by its name, and reads from where the Hub sends", async () => {
    serveFile("/me/net/resolve/main/weights/a.pt");
    const { source, name } = await openHubFile("hf://me/net/weights/a.pt", options());
    expect(name).toBe("weights/a.pt");
    expect(source.size).toBe(bytes.byteLength);
    expect(await source.read(90_000, 90_010)).toEqual(bytes.slice(90_000, 90_010));
  });

  it("sends the token to the Hub, and to nobody else", async () => {
    serveFile("/me/private/resolve/main/a.pt");
    const { source } = await openHubFile("hf://me/private/a.pt", options({ token: " not-hf-style\n" }));
    await source.read(90_000, 90_010);
    expect(new Set(hub.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer not-hf-style"]),
    );
    expect(store.requests.length).toBeGreaterThan(1);
    expect(store.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it("sends no authorization without a token", async () => {
    serveFile("/me/net/resolve/main/a.pt");
    await openHubFile("hf://me/net/a.pt", options({ token: "" }));
    expect(hub.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it("asks for the revision and for the file's name as they are, however they are spelt", async () => {
    serveFile("/me/net/resolve/refs%2Fpr%2F1/50%25%20of%20a%23.pt");
    const { source } = await openHubFile("hf://me/net@refs/pr/1/50% of a#.pt", options());
    expect(source.name).toBe("50% of a#.pt");
  });

  it("takes an endpoint with a slash at its end, and repositories of other kinds", async () => {
    serveFile("/datasets/me/set/resolve/main/a.pt");
    const { source } = await openHubFile(
      "hf://datasets/me/set/a.pt",
      options({ endpoint: `${hub.origin}/` }),
    );
    expect(source.size).toBe(bytes.byteLength);
  });

  it("knows the answer of the Hub for a file in its chunk store", async () => {
    const direct = ranges(bytes);
    const chunked: Answer = (response, asked) => {
      if (!asked.headers.accept?.includes("xet-fileinfo")) return direct(response, asked);
      response.writeHead(200, {
        "content-type": "application/vnd.xet-fileinfo+json",
        "x-linked-size": bytes.byteLength,
        "x-linked-etag": '"abc"',
        "x-xet-hash": "abc",
        link: `<${hub.origin}/auth>; rel="xet-auth", <${hub.origin}/info>; rel="xet-reconstruction-info"`,
      });
      return response.end("{}");
    };
    hub.serve("/me/xet/resolve/main/a.pt", bytes, chunked);
    const { source } = await openHubFile("hf://me/xet/a.pt", options());
    expect(Buffer.from(await source.read(0, source.size)).equals(bytes)).toBe(true);
  });

  it("stays at the commit that the branch meant when the first file was opened", async () => {
    hub.serve("/me/moving/resolve/main/a.pt", bytes, ranges(bytes, { etag: '"a"', "x-repo-commit": commit }));
    serveFile(`/me/moving/resolve/${commit}/b.pt`);
    const repository = new HubRepository(parseHubAddress("hf://me/moving"), options());
    await repository.open("a.pt");
    expect((await repository.open("b.pt")).size).toBe(bytes.byteLength);
  });

  it.each<[string, Answer, Partial<ParascopeError>, string]>([
    [
      "there is no such file",
      status(404, { "x-error-code": "EntryNotFound" }),
      { code: "file-missing" },
      'there is no such file in "me/wrong" at revision "main"',
    ],
    [
      "there is no such revision",
      status(404, { "x-error-code": "RevisionNotFound" }),
      { code: "file-missing" },
      'no revision "main"',
    ],
    [
      "there is no such repository",
      status(404, { "x-error-code": "RepoNotFound" }),
      { code: "file-missing" },
      "no such repository",
    ],
    ["the server knows nothing of it", status(404), { code: "file-missing" }, "404 Not Found"],
    [
      "it is private",
      status(401, { "x-error-code": "RepoNotFound", "x-error-message": "Invalid username or password." }),
      {
        code: "no-permission",
        hint: "Check the repository's name. If it is private or gated, set HF_TOKEN to a token that may read it.",
      },
      "Invalid username or password.",
    ],
    [
      "the server is not the Hub",
      status(200, {}, "<html>"),
      { code: "http-response" },
      "its answer is not the Hub's",
    ],
    ["the server is broken", hangUp, { code: "connection-failed" }, "the connection failed"],
  ])("says so when %s", async (_, answer, facts, text) => {
    hub.serve("/me/wrong/resolve/main/a.pt", bytes, answer);
    const error = await errorOf(openHubFile("hf://me/wrong/a.pt", options()));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject(facts);
    expect(error.message).toContain(text);
  });

  it("has another hint for a token that is not enough", async () => {
    hub.serve("/me/gated/resolve/main/a.pt", bytes, status(403, { "x-error-code": "GatedRepo" }));
    const error = await errorOf(openHubFile("hf://me/gated/a.pt", options({ token: "hf_abc" })));
    expect(error.hint).toContain("the token in HF_TOKEN");
    expect(JSON.stringify([error.message, error.hint])).not.toContain("hf_abc");
  });

  it("tries again where the Hub is busy, and stops when its reader gives up", async () => {
    serveFile("/me/busy/resolve/main/b.pt");
    hub.serve(
      "/me/busy/resolve/main/a.pt",
      bytes,
      inTurn(status(503), redirect(`${store.origin}/store/me/busy/resolve/main/b.pt`)),
    );
    expect((await openHubFile("hf://me/busy/a.pt", options())).source.size).toBe(bytes.byteLength);

    hub.serve("/me/silent/resolve/main/a.pt", bytes, saysNothing);
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 20);
    await expect(openHubFile("hf://me/silent/a.pt", options({ signal: controller.signal }))).rejects.toBe(
      reason,
    );
  });

  it("refuses an endpoint that would send the token in the clear", async () => {
    const error = await errorOf(
      openHubFile("hf://me/net/a.pt", { endpoint: "http://example.com", token: "hf_a" }),
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error.code).toBe("insecure-address");
  });
});

describe("a repository on the Hugging Face Hub", () => {
  it("lists its files, page by page, and not its folders", async () => {
    const page = (names: readonly string[], next: string | null): Answer =>
      status(
        200,
        {
          "content-type": "application/json",
          ...(next === null ? {} : { link: `<${hub.origin}${next}>; rel="next"` }),
        },
        JSON.stringify([
          { type: "directory", path: "sub", size: 0 },
          ...names.map((path) => ({ type: "file", path, size: 5 })),
        ]),
      );
    hub.serve("/api/models/me/many/tree/main", bytes, page(["a", "b"], "/next"));
    hub.serve("/next", bytes, page(["sub/c"], null));
    const repository = new HubRepository(parseHubAddress("hf://me/many"), options());
    expect(await repository.list()).toEqual([
      { name: "a", byteLength: 5 },
      { name: "b", byteLength: 5 },
      { name: "sub/c", byteLength: 5 },
    ]);
  });

  it.each<[string, readonly string[], string]>([
    [
      "the safetensors file",
      ["pytorch_model.bin", "model.safetensors", "onnx/model.onnx"],
      "model.safetensors",
    ],
    [
      "the index of a sharded one",
      ["model-00001-of-00002.safetensors", "model.safetensors.index.json"],
      "model.safetensors.index.json",
    ],
    ["the old name", ["README.md", "pytorch_model.bin", "tf_model.h5"], "pytorch_model.bin"],
    ["the only checkpoint", ["README.md", "weights/yolo.pt"], "weights/yolo.pt"],
  ])("chooses its model: %s", async (_, names, expected) => {
    serveList("me/chosen", names);
    serveFile(`/me/chosen/resolve/main/${expected}`);
    expect((await openHubFile("hf://me/chosen", options())).name).toBe(expected);
  });

  it.each<[string, readonly string[], string]>([
    ["several", ["a.pt", "b.pt", "c.md"], 'found 2 checkpoints: "a.pt", "b.pt", expected one'],
    ["none", ["README.md"], "found no checkpoint among its 1 files"],
  ])("asks for a name where there are %s", async (_, names, text) => {
    serveList("me/unclear", names);
    const error = await errorOf(openHubFile("hf://me/unclear", options()));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: "hub-file" });
    expect(error.message).toContain(text);
  });
});
