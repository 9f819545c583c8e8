/** The published package in a browser: in a page and in a worker it answers as in Node, to the last bit. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MemoryFolder, ones, saveShards } from "parascope";
import type { OutputChunk } from "rolldown";
import type { Browser, Page as BrowserPage } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gemm, installGemm, plainGemm } from "../../src/kernels/gemm.ts";
import { fusedKernels } from "../../src/kernels/gemm.wasm.ts";
import { type Answer, ranges, startServer, status, type WebServer, whole } from "../fixtures/web-server.ts";
import { findChromium, launchChromium } from "./chromium.ts";
import { largeAnswer, largeFound, largeHeader, largeZeros, writeLargeFile } from "./large-file.ts";
import type { Page } from "./page.ts";
import { type ProgramName, runProgram } from "./programs.ts";
import { bundleOf, serveFiles, servePage } from "./site.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const executable = findChromium();
if (executable === null) {
  console.log("The browser tests are skipped: this machine has no Chromium (apt-get install chromium).");
}

/** What stands in the page, as the test's own code in it sees it. */
declare const page: Page;

let browser: Browser;
/** Serves the page. */
let site: WebServer;
/** Serves files to pages of other origins. */
let files: WebServer;
let folder = "";
let plainPage: BrowserPage;
/** The bundle of most pages. */
let bundle: readonly OutputChunk[] = [];

const sample = readFileSync(join(root, "examples/sample.pt"));
/** A pickle that would run a program. */
const hostile = new TextEncoder().encode("cos\nsystem\n(Vecho\ntR.");

/** What a server says whose files pages of other origins may read. */
const shared = { "access-control-allow-origin": "*", "access-control-expose-headers": "content-range, etag" };

/** Opens a page and waits for its script; what goes wrong in it fails the test that asks for it. */
async function opened(address: string): Promise<BrowserPage> {
  const made = await browser.newPage();
  const faults: string[] = [];
  made.on("pageerror", (error) => faults.push(String(error)));
  made.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await made.addInitScript(countCompiled);
  await made.goto(address);
  await made
    .waitForFunction(() => "page" in globalThis)
    .catch(() => {
      throw new Error(`the page does not start: ${faults.join("; ")}`);
    });
  return made;
}

/** Runs in the page: counts the modules of WebAssembly that compile. */
function countCompiled(): void {
  const { Module } = WebAssembly;
  Object.assign(globalThis, { compiled: 0 });
  WebAssembly.Module = new Proxy(Module, {
    construct(target, args: [BufferSource]) {
      const made = new target(...args);
      (globalThis as unknown as { compiled: number }).compiled++;
      return made;
    },
  });
}

type Place = "here" | "inWorker";

/** Runs a program in the page or in its worker. */
function run(
  inside: BrowserPage,
  place: Place,
  name: ProgramName,
  args: readonly unknown[],
): Promise<unknown> {
  return inside.evaluate(([place, name, args]) => page[place](name, args), [place, name, args] as const);
}

/** The sums of relaxed SIMD, which Node 20 lacks: each product and sum are rounded once, in the order of the terms. */
const fusedGemm: Gemm = (m, n, k, alpha, a, b, beta, c) => {
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = 0;
      for (let deep = 0; deep < k; deep++) {
        const x = a.items[a.offset + row * a.row + deep * a.column]!;
        const y = b.items[b.offset + deep * b.row + column * b.column]!;
        sum = Math.fround(x * y + sum);
      }
      const place = c.offset + row * c.row + column * c.column;
      c.items[place] = beta === 0 ? alpha * sum : alpha * sum + beta * c.items[place]!;
    }
  }
};

/** Does something in Node with another kernel for matrix products. */
async function withProducts<T>(kernel: Gemm, action: () => Promise<T>): Promise<T> {
  const former = installGemm(kernel);
  try {
    return await action();
  } finally {
    installGemm(former);
  }
}

/** An answer as it comes back from a page. */
async function inNode(name: ProgramName, args: readonly unknown[]): Promise<unknown> {
  return JSON.parse(JSON.stringify(await runProgram(name, args)));
}

describe.skipIf(executable === null)("in a browser", () => {
  beforeAll(async () => {
    const built = spawnSync(process.execPath, ["scripts/build.js", "library"], {
      cwd: root,
      encoding: "utf8",
    });
    if (built.status !== 0) throw new Error(built.stderr);
    folder = mkdtempSync(join(tmpdir(), "parascope-browser-"));
    [browser, site, files] = await Promise.all([launchChromium(executable!), startServer(), startServer()]);
    bundle = await bundleOf({ keepNames: true });
    plainPage = await opened(servePage(site, "/kept", bundle));
    if (!WebAssembly.validate(Buffer.from(fusedKernels, "base64"))) {
      // The page has then to do without, too: sums would round otherwise. See Note [rounding of products].
      for (const place of ["here", "inWorker"] as const)
        await run(plainPage, place, "withoutRelaxedSimd", []);
    }
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([site?.close(), files?.close()]);
    if (folder !== "") rmSync(folder, { recursive: true });
  });

  describe.each([
    ["a page", "here"],
    ["a worker", "inWorker"],
  ] as const)("%s", (_, place) => {
    it.each<[ProgramName, ...unknown[]]>([
      ["bytes", [...sample], "sample.pt"],
      ["buffer", [...sample], "sample.pt"],
      ["blob", [...sample], "sample.pt"],
      ["file", [...sample], "sample.pt"],
      ["load", [...readFileSync(join(root, "test/fixtures/torch-zip/state-dict.pt"))]],
      ["random"],
      ["network"],
      ["train", 4],
      ["product"],
      ["save"],
      ["shards"],
      ["scan", [...hostile], "hostile.pkl"],
      ["gradients"],
      ["functions", "float32"],
      ["functions", "bfloat16"],
      ["functions", "float16"],
      ["errors"],
    ])("answers as Node: %s", async (name, ...args) => {
      expect(await run(plainPage, place, name, args)).toEqual(await inNode(name, args));
    });

    it("answers as Node but for the last bits of functions of float64, which JavaScript leaves to the engine", async () => {
      type Values = Record<string, (number | null)[]>;
      const found = (await run(plainPage, place, "functions", ["float64"])) as Values;
      for (const [name, values] of Object.entries((await inNode("functions", ["float64"])) as Values)) {
        const distances = values.map((value, k) => {
          const other = found[name]![k]!;
          return value === other ? 0 : Math.abs(value! - other) / Math.max(1, Math.abs(value!));
        });
        expect({ name, distance: Math.max(...distances) }).toSatisfy(({ distance }) => distance < 2e-14);
      }
    });

    it("opens an address on another server by ranges", async () => {
      const path = `/${place}/sample.pt`;
      const address = files.serve(path, sample, ranges(sample, shared));
      expect(await run(plainPage, place, "url", [address, "sample.pt"])).toEqual(
        await inNode("bytes", [[...sample], "sample.pt"]),
      );
      const asked = files.requests.filter((request) => request.path === path);
      expect(asked.length).toBeGreaterThan(0);
      // A preflight would double every request.
      expect(asked.every(({ method, range }) => method === "GET" && range !== undefined)).toBe(true);
    });

    it("opens an index on another server, and the files beside it", async () => {
      const written = new MemoryFolder();
      await saveShards(
        new Map([
          ["a", ones(4000)],
          ["b", ones(5000)],
        ]),
        written,
        { shardByteLength: 10_000 },
      );
      for (const [name, bytes] of written.files)
        files.serve(`/${place}/shards/${name}`, bytes, ranges(bytes, shared));
      const address = `${files.origin}/${place}/shards/model.safetensors.index.json`;
      const found = await run(plainPage, place, "urlFolder", [address]);
      expect(found).toEqual(await inNode("urlFolder", [address]));
      expect(Object.keys(found as object)).toEqual(["a", "b"]);
    });

    it("opens the model of a repository, by way of the store that holds it", async () => {
      const list = JSON.stringify([{ type: "file", path: "sample.pt", size: sample.byteLength, oid: "0" }]);
      site.serve(
        "/api/models/me/net/tree/main",
        sample,
        status(200, { "content-type": "application/json", ...shared }, list),
      );
      const store = files.serve(`/${place}/store`, sample, ranges(sample, { etag: '"sample"', ...shared }));
      site.serve("/me/net/resolve/main/sample.pt", sample, (response) => {
        response.writeHead(302, { location: store, ...shared }).end();
      });
      expect(await run(plainPage, place, "hub", [site.origin])).toEqual({
        name: "sample.pt",
        found: await inNode("bytes", [[...sample], "sample.pt"]),
      });
    });

    it("lists 512 MiB on a server without fetching them", async () => {
      let sent = 0;
      const answer = largeAnswer(shared, (byteLength) => (sent += byteLength));
      const address = files.serve(`/${place}/large.safetensors`, new Uint8Array(0), answer);
      expect(await run(plainPage, place, "largeUrl", [address])).toEqual(largeFound);
      expect(sent).toBeLessThan(2 ** 20);
    });

    it("lists 512 MiB in a Blob without reading them", async () => {
      const answer = await run(plainPage, place, "largeBlob", [[...largeHeader], largeZeros]);
      expect(answer).toMatchObject({
        size: largeHeader.byteLength + largeZeros,
        found: largeFound,
        again: largeFound,
      });
      expect((answer as { read: number }).read).toBeLessThan(2 ** 20);
    });
  });

  describe("a file of the user", () => {
    it("opens when it is chosen", async () => {
      await plainPage.setInputFiles("input", join(root, "examples/sample.pt"));
      expect(await plainPage.evaluate(() => page.file(false))).toEqual(
        await inNode("bytes", [[...sample], "sample.pt"]),
      );
    });

    it("opens when it is dropped on the page", async () => {
      const transfer = await plainPage.evaluateHandle(
        (bytes) => {
          const made = new DataTransfer();
          made.items.add(new File([Uint8Array.from(bytes)], "sample.pt"));
          return made;
        },
        [...sample],
      );
      await plainPage.dispatchEvent("body", "drop", { dataTransfer: transfer });
      expect(await plainPage.evaluate(() => page.file(false))).toEqual(
        await inNode("bytes", [[...sample], "sample.pt"]),
      );
    });

    it("of 512 MiB is listed", async () => {
      const path = join(folder, "large.safetensors");
      writeLargeFile(path);
      await plainPage.setInputFiles("input", path);
      expect(await plainPage.evaluate(() => page.file(true))).toEqual(largeFound);
    });

    it("that was removed meanwhile is told", async () => {
      const path = join(folder, "gone.safetensors");
      writeLargeFile(path);
      await plainPage.setInputFiles("input", path);
      const read = await plainPage.evaluateHandle(() => page.keep());
      rmSync(path);
      await expect(read.evaluate((read) => read())).rejects.toThrow(/the browser refused/);
    });
  });

  describe("a server that pages cannot use", () => {
    it.each<[string, Answer, string, RegExp]>([
      ["allows no other origin", ranges(sample), "connection-failed", /CORS/],
      [
        "hides Content-Range",
        ranges(sample, { "access-control-allow-origin": "*" }),
        "http-response",
        /Access-Control-Expose-Headers/,
      ],
    ])("that %s is told", async (title, answer, code, words) => {
      const address = files.serve(`/${title.replaceAll(" ", "-")}`, sample, answer);
      const fault = (await run(plainPage, "here", "urlError", [address])) as Record<string, string>;
      expect(fault).toMatchObject({ name: "SourceError", code });
      expect(`${fault["message"]} ${fault["hint"]}`).toMatch(words);
    });

    it("that gives no ranges sends the whole file", async () => {
      const address = files.serve("/whole.pt", sample, whole(sample, shared));
      expect(await run(plainPage, "here", "url", [address, "sample.pt"])).toEqual(
        await inNode("bytes", [[...sample], "sample.pt"]),
      );
    });
  });

  describe("the kernels", () => {
    it("are WebAssembly, with one rounding for a product and its sum where the engine can", async () => {
      const fresh = await opened(servePage(site, "/fresh", bundle));
      const product = await run(fresh, "here", "product", []);
      expect(await fresh.evaluate("compiled")).toBe(2);
      const fused = await withProducts(fusedGemm, () => inNode("product", []));
      expect([fused, await inNode("product", [])]).toContainEqual(product);
      const { losses } = (await run(fresh, "inWorker", "train", [4])) as { losses: number[] };
      const { losses: known } = (await inNode("train", [4])) as { losses: number[] };
      losses.forEach((loss, step) => expect(Math.abs(loss / known[step]! - 1)).toBeLessThan(1e-5));
      await fresh.close();
    });

    it("are plain loops under a policy that forbids WebAssembly and eval", async () => {
      const policy = "default-src 'self'; script-src 'self'";
      const strict = await opened(servePage(site, "/strict", bundle, policy));
      for (const place of ["here", "inWorker"] as const) {
        // Sums round otherwise there: Note [rounding of products].
        const product = await run(strict, place, "product", []);
        expect(product).not.toEqual(await inNode("product", []));
        expect(product).toEqual(await withProducts(plainGemm, () => inNode("product", [])));
        expect(await run(strict, place, "network", [])).toEqual(await inNode("network", []));
        expect(await run(strict, place, "train", [4])).toEqual(
          await withProducts(plainGemm, () => inNode("train", [4])),
        );
      }
      expect(await strict.evaluate("compiled")).toBe(0);
      await strict.close();
    });
  });

  describe("a bundle", () => {
    it("has nothing of Node", async () => {
      const own = new Set(bundle.map(({ fileName }) => fileName));
      for (const { code, imports, dynamicImports } of bundle) {
        expect(code).not.toMatch(/["'`]node:/);
        expect([...imports, ...dynamicImports].filter((name) => !own.has(name))).toEqual([]);
      }
    });

    it("that shortens names works, and prints them as it left them", async () => {
      const short = await opened(servePage(site, "/short", await bundleOf({ keepNames: false })));
      const answer = (await run(short, "here", "network", [])) as { printed: string; digests: unknown };
      expect(answer.digests).toEqual(((await inNode("network", [])) as { digests: unknown }).digests);
      expect(answer.printed).not.toContain("Linear(");
      expect(await run(short, "here", "save", [])).toEqual(await inNode("save", []));
      await short.close();
    });

    it("is not needed: the files of the package are modules that pages can import", async () => {
      const entry = serveFiles(site);
      // As text: vitest would make its own import of it.
      const program = `import("${entry}").then(({ nn }) => String(new nn.Linear(2, 3)))`;
      expect(await plainPage.evaluate(program)).toBe("Linear(in_features=2, out_features=3, bias=True)");
    });
  });
});
