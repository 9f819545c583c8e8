/** The site of the tests: bundles of the published package, as bundlers of pages make them, and the page that loads them. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, rolldown } from "rolldown";
import { type WebServer, whole } from "../fixtures/web-server.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");

/** How a page is bundled. */
export interface BundleOptions {
  /** Whether classes and functions keep their names when they are minified. */
  readonly keepNames: boolean;
}

/**
 * Bundles the test's page and worker. They import `parascope` by its name, and `package.json` says what a page gets:
 * the bundler is not told.
 */
export async function bundleOf({ keepNames }: BundleOptions): Promise<readonly OutputChunk[]> {
  const bundle = await rolldown({
    input: { page: join(here, "page.ts"), worker: join(here, "worker.ts") },
    platform: "browser",
    // tsconfig.json names the sources, for the types.
    tsconfig: false,
    logLevel: "warn",
  });
  const { output } = await bundle.generate({
    format: "esm",
    minify: true,
    keepNames,
    entryFileNames: "[name].js",
  });
  await bundle.close();
  return output.filter((file) => file.type === "chunk");
}

const document = `<!doctype html><title>Parascope</title><input type="file"><script type="module" src="page.js"></script>`;

/** Serves a bundle below a folder, and gives the page's address. */
export function servePage(
  server: WebServer,
  folder: string,
  chunks: readonly OutputChunk[],
  policy: string | null = null,
): string {
  const headers = policy === null ? {} : { "content-security-policy": policy };
  for (const { fileName, code } of chunks) {
    const bytes = new TextEncoder().encode(code);
    server.serve(
      `${folder}/${fileName}`,
      bytes,
      whole(bytes, { "content-type": "text/javascript", ...headers }),
    );
  }
  const page = new TextEncoder().encode(document);
  return server.serve(`${folder}/`, page, whole(page, { "content-type": "text/html", ...headers }));
}

/** Serves `dist/` as it is, for a page that imports it without a bundler; gives the address of the entry. */
export function serveFiles(server: WebServer): string {
  for (const path of readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".js")) continue;
    const bytes = readFileSync(join(root, "dist", path));
    server.serve(`/dist/${path}`, bytes, whole(bytes, { "content-type": "text/javascript" }));
  }
  return `${server.origin}/dist/index.js`;
}
