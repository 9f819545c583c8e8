import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Answer,
  cutAfter,
  hangUp,
  inTurn,
  ranges,
  redirect,
  saysNothing,
  startServer,
  status,
  type WebServer,
  whole,
} from "../../test/fixtures/web-server.ts";
import { ParascopeError, SourceError, UsageError } from "../errors.ts";
import { headByteLength, HttpFile, type HttpFileOptions } from "./http-file.ts";

const bytes = Uint8Array.from({ length: 3 * 2 ** 20 }, (_, i) => (i * 31 + (i >> 7)) & 0xff);
const good = ranges(bytes);
/** Where a read begins that needs a request. */
const behind = headByteLength + 1000;
const fast: HttpFileOptions = { retryDelayMs: 1 };

let server: WebServer;
let other: WebServer;
let served = 0;

beforeAll(async () => {
  server = await startServer();
  other = await startServer();
});

afterAll(() => Promise.all([server.close(), other.close()]));

function serve(answer: Answer, at: WebServer = server): string {
  served += 1;
  return at.serve(`/models/${served}.pt`, bytes, answer);
}

function requestsOf(address: string, at: WebServer = server): WebServer["requests"] {
  return at.requests.filter(({ path }) => path === new URL(address).pathname);
}

/** The error that a promise ends with. */
async function errorOf(promise: Promise<unknown>): Promise<ParascopeError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ParascopeError);
  return error as ParascopeError;
}

describe("opening a file on a web server", () => {
  it("takes one request, by GET, which brings the first 64 KiB", async () => {
    const address = serve(good);
    const file = await HttpFile.open(address);
    expect(file.size).toBe(bytes.byteLength);
    expect(await file.read(0, headByteLength)).toEqual(bytes.slice(0, headByteLength));
    expect(requestsOf(address)).toMatchObject([{ method: "GET", range: "bytes=0-65535" }]);
  });

  it.each<[string, Answer]>([
    ["refuses the range, as it has to", ranges(new Uint8Array(0))],
    ["refuses the range without saying why", status(416)],
    ["sends nothing", whole(new Uint8Array(0))],
  ])("knows an empty file when the server %s", async (_, answer) => {
    const file = await HttpFile.open(serve(answer));
    expect(file.size).toBe(0);
    expect(await file.read(0, 0)).toHaveLength(0);
  });

  it("fetches the whole file where the server gives no ranges, and nothing afterwards", async () => {
    const address = serve(whole(bytes));
    const file = await HttpFile.open(address);
    expect(Buffer.from(await file.read(0, file.size)).equals(bytes)).toBe(true);
    expect(requestsOf(address)).toHaveLength(1);
  });

  it.each<[string, Readonly<Record<string, string | number>>, string]>([
    ["says that it is long", { "content-length": bytes.byteLength }, "3145728 bytes"],
    ["does not say how long it is", {}, "more bytes"],
  ])("gives up a file that is too long for that when the server %s", async (_, headers, found) => {
    const error = await errorOf(HttpFile.open(serve(whole(bytes, headers)), { maxWholeByteLength: 2 ** 20 }));
    expect(error).toMatchObject({ code: "no-ranges" });
    expect(error.message).toContain(`${found}, expected at most 1048576`);
  });

  it("calls a file by the last part of its address, and leaves secrets out of what it shows", async () => {
    const address = serve(good).replace("//", "//me:secret@");
    const file = await HttpFile.open(`${address}?X-Amz-Signature=secret#part`);
    expect(file.name).toMatch(/^\d+\.pt$/);
    expect(file.address).toBe(`${server.origin}${new URL(address).pathname}?…`);
  });

  it.each<[number, string, string]>([
    [401, "no-permission", "401 Unauthorized"],
    [403, "no-permission", "403 Forbidden"],
    [404, "file-missing", "404 Not Found"],
    [410, "file-missing", "410 Gone"],
    [418, "http-status", "418 I'm a Teapot"],
    [501, "http-status", "501 Not Implemented"],
  ])("says what the server says with status %d, and asks once", async (code, name, text) => {
    const address = serve(status(code));
    const error = await errorOf(HttpFile.open(`${address}?signature=secret`, fast));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.code).toBe(name);
    expect(error.message).toBe(`opening "${address}?…": the server answers ${text}`);
    expect(requestsOf(address)).toHaveLength(1);
  });

  it("gives the reason of an object store, made printable", async () => {
    const body =
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has\nexpired</Message></Error>';
    const error = await errorOf(HttpFile.open(serve(status(403, {}, body))));
    expect(error.message).toContain("403 Forbidden (AccessDenied: Request has\\x0aexpired)");
    expect(error.hint).toContain("fresh one");
  });

  it.each<[string, Answer, string]>([
    [
      "another range",
      (r) => void r.writeHead(206, { "content-range": "bytes 5-9/100" }).end("abcde"),
      "bytes 5 to 10",
    ],
    ["no range", (r) => void r.writeHead(206).end("abc"), "no Content-Range"],
    [
      "a range in other units",
      (r) => void r.writeHead(206, { "content-range": "rows 0-1/2" }).end(),
      '"rows 0-1/2"',
    ],
    [
      "a range that ends before it starts",
      (r) => void r.writeHead(206, { "content-range": "bytes 0--1/2" }).end(),
      '"bytes 0--1/2"',
    ],
    [
      "a range beyond the file",
      (r) => void r.writeHead(206, { "content-range": "bytes 0-9/5" }).end(),
      '"bytes 0-9/5"',
    ],
    [
      "a number that no file has",
      (r) => void r.writeHead(206, { "content-range": "bytes 0-9/99999999999999999999" }).end(),
      "99999999999999999999",
    ],
    [
      "no size",
      (r) => void r.writeHead(206, { "content-range": "bytes 0-2/*" }).end("abc"),
      "a file of unknown size",
    ],
    [
      "more than its range",
      (r) => void r.writeHead(206, { "content-range": "bytes 0-2/9" }).end("abcd"),
      "a body of 4 bytes or more",
    ],
    [
      "a compressed range",
      (r) => void r.writeHead(206, { "content-range": "bytes 0-2/9", "content-encoding": "gzip" }).end("abc"),
      'compressed as "gzip"',
    ],
    [
      "a refusal of bytes that are there",
      status(416, { "content-range": "bytes */9" }),
      'no bytes of "bytes */9"',
    ],
    ["no content", status(204), "status 204"],
  ])("refuses an answer with %s", async (_, answer, found) => {
    const address = serve(answer);
    const error = await errorOf(HttpFile.open(address, fast));
    expect(error).toMatchObject({ code: "http-response" });
    expect(error.message).toContain(found);
    expect(requestsOf(address)).toHaveLength(1);
  });

  it.each<[string, string, string]>([
    ["http://example.com/model.pt", "insecure-address", "would not be encrypted"],
    ["http://127.0.0.1.example.com/model.pt", "insecure-address", "would not be encrypted"],
    ["ftp://example.com/model.pt", "address", "found ftp://"],
    ["https://", "address", "not a web address"],
  ])("refuses the address %s as a wrong call", async (address, code, text) => {
    const error = await errorOf(HttpFile.open(address));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it.each<[string, NodeJS.ErrnoException, string, number]>([
    ["an unknown host", Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }), "host-unknown", 1],
    [
      "a refused connection",
      Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
      "connection-refused",
      1,
    ],
    [
      "a certificate of another host",
      Object.assign(new Error("altnames"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" }),
      "certificate",
      1,
    ],
    [
      "a self-signed certificate",
      Object.assign(new Error("self-signed"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
      "certificate",
      1,
    ],
    [
      "a host whose name is not known just now",
      Object.assign(new Error("getaddrinfo"), { code: "EAI_AGAIN" }),
      "connection-failed",
      3,
    ],
    [
      "an unreachable network",
      Object.assign(new Error("connect"), { code: "ENETUNREACH" }),
      "connection-failed",
      3,
    ],
  ])(
    "tells %s from other failures, and tries again only where that may help",
    async (_, cause, code, attempts) => {
      let count = 0;
      const fetch = async (): Promise<Response> => {
        count += 1;
        throw new TypeError("fetch failed", { cause });
      };
      const error = await errorOf(
        HttpFile.open("https://example.com/x", { fetch, retries: 2, retryDelayMs: 1 }),
      );
      expect(error.code).toBe(code);
      expect(count).toBe(attempts);
    },
  );

  it("stops at redirects without end", async () => {
    const address = serve(redirect(() => address));
    const error = await errorOf(HttpFile.open(address, fast));
    expect(error.code).toBe("redirect-loop");
  });

  it("refuses to be led to an unencrypted connection", async () => {
    const fetch = async (): Promise<Response> => {
      const response = new Response("abc");
      Object.defineProperty(response, "url", { value: "http://example.com/x?key=1" });
      return response;
    };
    const error = await errorOf(HttpFile.open("https://example.com/x", { fetch }));
    expect(error).toMatchObject({ code: "insecure-address" });
    expect(error.message).toContain('redirects to "http://example.com/x?…"');
    expect((await HttpFile.open("https://example.com/x", { fetch, allowHttp: true })).size).toBe(3);
  });
});

describe("reading a file on a web server", () => {
  it.each<[string, Answer]>([
    ["is busy", status(503)],
    ["limits requests", status(429, { "retry-after": "0" })],
    ["has lost its back end", status(502)],
    ["hangs up", hangUp],
    ["stops in the middle", cutAfter(bytes, 100)],
    ["sends nothing", cutAfter(bytes, 0)],
  ])("tries again when the server %s", async (_, answer) => {
    const address = serve(inTurn(good, answer, answer, good));
    const file = await HttpFile.open(address, fast);
    expect(await file.read(behind, behind + 500)).toEqual(bytes.slice(behind, behind + 500));
    expect(requestsOf(address)).toHaveLength(4);
  });

  it("tries again to open, too", async () => {
    const address = serve(inTurn(hangUp, status(500), cutAfter(bytes, 7), good));
    const file = await HttpFile.open(address, fast);
    expect(await file.read(0, 10)).toEqual(bytes.slice(0, 10));
  });

  it("goes on where the connection broke", async () => {
    const address = serve(inTurn(good, cutAfter(bytes, 100_000), good));
    const file = await HttpFile.open(address, fast);
    const end = behind + 2 ** 20;
    expect(Buffer.from(await file.read(behind, end)).equals(bytes.subarray(behind, end))).toBe(true);
    const [, first, second] = requestsOf(address);
    expect(first!.range).toBe(`bytes=${behind}-${end - 1}`);
    const resumed = Number(/=(\d+)-/.exec(second!.range!)![1]);
    expect(resumed).toBeGreaterThan(behind);
    expect(resumed).toBeLessThanOrEqual(behind + 100_000);
  });

  it("counts a failure anew after each MiB that arrived", async () => {
    const address = serve(inTurn(good, hangUp, cutAfter(bytes, 2 ** 20 + 2 ** 19), hangUp, good));
    const file = await HttpFile.open(address, { retryDelayMs: 1, retries: 2 });
    expect(Buffer.from(await file.read(behind, file.size)).equals(bytes.subarray(behind))).toBe(true);
  });

  it("gives up after the retries it was given, with the last failure", async () => {
    const address = serve(inTurn(good, status(503)));
    const file = await HttpFile.open(address, { retryDelayMs: 1, retries: 2 });
    const error = await errorOf(file.read(behind, behind + 1));
    expect(error).toMatchObject({ code: "http-busy" });
    expect(requestsOf(address)).toHaveLength(4);
  });

  it("waits as long as the server asks, and does not try again when that is too long", async () => {
    const address = serve(inTurn(good, status(429, { "retry-after": "3600" })));
    const file = await HttpFile.open(address, fast);
    expect(await errorOf(file.read(behind, behind + 1))).toMatchObject({ code: "http-busy" });
    expect(requestsOf(address)).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ["before it answers", saysNothing],
    [
      "in the middle of its answer",
      (response, { start, end }) => {
        response.writeHead(206, { "content-range": `bytes ${start}-${end - 1}/${bytes.byteLength}` });
        response.write("abc");
      },
    ],
  ])("gives up a server that falls silent %s", async (_, answer) => {
    const file = await HttpFile.open(serve(inTurn(good, answer)), {
      timeoutMs: 50,
      retries: 1,
      retryDelayMs: 1,
    });
    const error = await errorOf(file.read(behind, behind + 500));
    expect(error).toMatchObject({ code: "timed-out" });
    expect(error.message).toContain("said nothing for 0.05 s");
  });

  it("asks a silent server once more, however often others are asked", async () => {
    const address = serve(inTurn(good, saysNothing));
    const file = await HttpFile.open(address, { timeoutMs: 50, retries: 9, retryDelayMs: 1 });
    expect(await errorOf(file.read(behind, behind + 500))).toMatchObject({ code: "timed-out" });
    expect(requestsOf(address)).toHaveLength(3);
  });

  it("waits for a slow server as long as it says something", async () => {
    const slow: Answer = (response, { start, end }) => {
      response.writeHead(206, { "content-range": `bytes ${start}-${end - 1}/${bytes.byteLength}` });
      let at = start;
      const timer = setInterval(() => {
        response.write(bytes.subarray(at, at + 1));
        at += 1;
        if (at < end) return;
        clearInterval(timer);
        response.end();
      }, 250);
    };
    const file = await HttpFile.open(serve(inTurn(good, slow)), { timeoutMs: 1000, retries: 0 });
    expect(await file.read(behind, behind + 6)).toEqual(bytes.slice(behind, behind + 6));
  });

  it.each<[string, Answer, Answer, string]>([
    ["ETag", ranges(bytes, { etag: '"a"' }), ranges(bytes, { etag: '"b"' }), "ETag"],
    [
      "date, where there is no ETag",
      ranges(bytes, { "last-modified": "Mon, 23 Nov 2026 10:00:00 GMT" }),
      ranges(bytes, { "last-modified": "Mon, 23 Nov 2026 10:00:01 GMT" }),
      "the date",
    ],
    ["size", good, ranges(bytes.subarray(0, -1)), "3145727 bytes, expected 3145728 bytes"],
    ["size, so that nothing is left of the range", good, ranges(bytes.subarray(0, 1000)), "a shorter file"],
    [
      "size, when the server has stopped giving ranges",
      good,
      whole(bytes.subarray(1), { "content-length": bytes.byteLength - 1 }),
      "3145727 bytes",
    ],
    [
      "ETag, when the server has stopped giving ranges",
      ranges(bytes, { etag: '"a"' }),
      whole(bytes, { etag: '"b"' }),
      "ETag",
    ],
  ])("notices that the file was replaced by its %s", async (_, before, after, found) => {
    const address = serve(inTurn(before, after));
    const file = await HttpFile.open(address, fast);
    const error = await errorOf(file.read(behind, behind + 2000));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ code: "file-changed" });
    expect(error.message).toContain(found);
    expect(requestsOf(address)).toHaveLength(2);
  });

  it("does not take another date for another file when the ETag is the same, nor a missing ETag", async () => {
    const before = ranges(bytes, { etag: '"a"', "last-modified": "Mon, 23 Nov 2026 10:00:00 GMT" });
    const after = ranges(bytes, { etag: '"a"', "last-modified": "Mon, 23 Nov 2026 10:00:01 GMT" });
    const file = await HttpFile.open(serve(inTurn(before, after, good)), fast);
    expect(await file.read(behind, behind + 3)).toEqual(bytes.slice(behind, behind + 3));
    expect(await file.read(behind, behind + 3)).toEqual(bytes.slice(behind, behind + 3));
  });

  it("puts a read together from shorter ranges than it asked for", async () => {
    const step = 2 ** 20;
    const short: Answer = (response, asked) =>
      good(response, { ...asked, end: Math.min(asked.end, asked.start + step) });
    const address = serve(short);
    const file = await HttpFile.open(address, { ...fast, retries: 0 });
    expect(Buffer.from(await file.read(0, file.size)).equals(bytes)).toBe(true);
    expect(requestsOf(address)).toHaveLength(4);
  });

  it("gives up a server that sends a few bytes at a time", async () => {
    const trickle: Answer = (response, asked) => good(response, { ...asked, end: asked.start + 10 });
    const address = serve(inTurn(good, trickle));
    const file = await HttpFile.open(address, { ...fast, retries: 3 });
    expect(await errorOf(file.read(behind, behind + 1000))).toMatchObject({ code: "http-response" });
    expect(requestsOf(address)).toHaveLength(5);
  });

  it("gives up a server that stops giving ranges of the same file", async () => {
    const file = await HttpFile.open(serve(inTurn(good, whole(bytes))), { ...fast, retries: 1 });
    expect(await errorOf(file.read(behind, behind + 1))).toMatchObject({ code: "no-ranges" });
  });

  it("follows a redirect once, and then asks where it led", async () => {
    const target = serve(good, other);
    const address = serve(redirect(target));
    const file = await HttpFile.open(address);
    await file.read(behind, behind + 10);
    await file.read(behind, behind + 10);
    expect(requestsOf(address)).toHaveLength(1);
    expect(requestsOf(target, other)).toHaveLength(3);
  });

  it("asks the address again when the place it led to has expired", async () => {
    const expiring = serve(inTurn(good, status(403)), other);
    const fresh = serve(good, other);
    const address = serve(inTurn(redirect(expiring), redirect(fresh)));
    const file = await HttpFile.open(address, fast);
    expect(await file.read(behind, behind + 10)).toEqual(bytes.slice(behind, behind + 10));
    await file.read(behind, behind + 10);
    expect(requestsOf(address)).toHaveLength(2);
    expect(requestsOf(fresh, other)).toHaveLength(2);
  });

  it("sends its headers, and the password of the address, to the address's server only", async () => {
    const target = serve(good, other);
    const address = serve(redirect(target));
    const file = await HttpFile.open(address, { headers: { authorization: "Bearer secret" } });
    await file.read(behind, behind + 10);
    expect(requestsOf(address)[0]!.authorization).toBe("Bearer secret");
    expect(requestsOf(target, other).map(({ authorization }) => authorization)).toEqual([
      undefined,
      undefined,
    ]);

    const named = serve(good);
    await HttpFile.open(named.replace("//", "//me:p%C3%A4ss@"));
    expect(requestsOf(named)[0]!.authorization).toBe(`Basic ${Buffer.from("me:päss").toString("base64")}`);
  });

  it("ends at once when its reader gives up, during a request and during a pause", async () => {
    const reason = new Error("enough");
    const silent = await HttpFile.open(serve(inTurn(good, saysNothing)));
    const controller = new AbortController();
    const read = silent.read(behind, behind + 10, controller.signal);
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);

    const busy = await HttpFile.open(serve(inTurn(good, status(429, { "retry-after": "50" }))));
    const another = new AbortController();
    const waiting = busy.read(behind, behind + 10, another.signal);
    setTimeout(() => another.abort(reason), 50);
    await expect(waiting).rejects.toBe(reason);
  });

  it("opens at most six connections at a time", async () => {
    let open = 0;
    let most = 0;
    const slow: Answer = (response, asked) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        good(response, asked);
      }, 5);
    };
    const file = await HttpFile.open(serve(slow));
    const reads = Array.from({ length: 30 }, (_, i) => file.read(behind + i * 10, behind + i * 10 + 10));
    const results = await Promise.all(reads);
    expect(results.every((read, i) => read[0] === bytes[behind + i * 10])).toBe(true);
    expect(most).toBe(6);
  });
});
