/**
 * Builds `dist/`: the library (JavaScript and declarations by tsc) and the command (bundled by rolldown).
 *
 *     node scripts/build.js [command] [library] [--force]
 *
 * A part whose sources have not changed since its last build is skipped; `dist/.stamp/` remembers them by their hash.
 * Both parts replace files in place, so that what runs meanwhile never finds one missing.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/** All files below a folder, as paths from it with `/`, sorted. */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(folder, join(file.parentPath ?? file.path, file.name)).replaceAll(sep, "/"))
    .sort();
}

/** The sources of the package: everything in `src/` but its tests. */
function sources() {
  return filesIn(join(root, "src")).filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
}

/** A hash of all that a build depends on. */
function hashOfInputs() {
  const hash = createHash("sha256");
  const settings = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "scripts/build.js",
    "scripts/launcher.cjs",
  ];
  for (const path of [...settings, ...sources().map((source) => `src/${source}`)]) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/** Removes what an earlier build wrote for sources that are gone. */
function prune() {
  const wanted = new Set(sources().map((source) => source.replace(/(\.d)?\.ts$/, "")));
  for (const path of filesIn(dist)) {
    if (path.startsWith("bin/") || path.startsWith(".stamp/")) continue;
    if (!wanted.has(path.replace(/(\.d\.ts|\.js)$/, ""))) rmSync(join(dist, path));
  }
}

function buildLibrary() {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (run.status !== 0) throw new Error("the library does not compile; see above");
  prune();
}

/** commander loads it for commands that are programs of their own, of which we have none: 2 ms at every start. */
const withoutChildProcess = {
  name: "without-child-process",
  resolveId: (id) => (id === "node:child_process" ? "\0child-process" : null),
  load: (id) => (id === "\0child-process" ? "export default {};" : null),
};

/**
 * One CommonJS program, which starts 5 ms sooner than an ES module on Node 20 (no module loader in between), with a code
 * cache made by running it once, and the launcher that uses both. The package.json beside them says what `.js` is.
 */
async function buildCommand() {
  const { build: bundle } = await import("rolldown");
  const folder = join(dist, "bin");
  const { output } = await bundle({
    input: join(root, "src/cli/main.ts"),
    platform: "node",
    external: ["koffi", "@huggingface/hub"],
    logLevel: "warn",
    write: false,
    plugins: [withoutChildProcess],
    output: { dir: folder, format: "cjs", minify: true, keepNames: true, codeSplitting: false },
  });
  // A program that runs from a code cache has no `import()` of its own: it borrows the launcher's.
  const code = `(function (require, dynamicImport) {${output[0].code.replaceAll(/\bimport\(/g, "dynamicImport(")}\n})`;
  const program = `program-${createHash("sha256").update(code).digest("hex").slice(0, 16)}`;
  mkdirSync(folder, { recursive: true });
  replace(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  replace(join(folder, `${program}.js`), code);
  warmUp(join(folder, `${program}.js`), join(folder, `${program}.cache`));
  const launcher = readFileSync(join(root, "scripts/launcher.cjs"), "utf8").replaceAll(
    "PROGRAM.",
    `${program}.`,
  );
  replace(join(folder, "parascope.js"), launcher, 0o755);
  for (const old of filesIn(folder)) {
    if (/^program-\w+\./.test(old) && !old.startsWith(`${program}.`))
      rmSync(join(folder, old), { force: true });
  }
}

/** Writes a file whole before it has its name. */
function replace(file, contents, mode = 0o644) {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, contents);
  chmodSync(fresh, mode);
  renameSync(fresh, file);
}

/** Lists the sample once, so that the cache has what a run compiles; functions that have not run are not in it. */
function warmUp(program, cache) {
  const source = `
    const { readFileSync, writeFileSync } = require("node:fs");
    const { Script } = require("node:vm");
    const [node, program, filename, cache, sample] = process.argv;
    const script = new Script(readFileSync(program, "utf8"), { filename });
    process.argv = [node, "parascope", sample];
    process.on("exit", () => writeFileSync(cache, script.createCachedData()));
    script.runInThisContext()(require, (name) => import(name));`;
  const sample = join(root, "examples/sample.pt");
  const fresh = `${cache}.${process.pid}`;
  const run = spawnSync(process.execPath, ["-e", source, program, basename(program), fresh, sample], {
    stdio: "ignore",
  });
  if (run.status === 0) renameSync(fresh, cache);
  // The command works without; it only starts later.
  else console.error("build: the command's code cache could not be made");
}

const parts = {
  command: { build: buildCommand, product: "bin/parascope.js" },
  library: { build: buildLibrary, product: "index.node.js" },
};

/**
 * Builds the named parts where they are stale.
 *
 * @param {readonly string[]} names `command`, `library`
 * @param {{ force?: boolean }} [options]
 */
export async function build(names, { force = false } = {}) {
  const inputs = hashOfInputs();
  mkdirSync(join(dist, ".stamp"), { recursive: true });
  for (const name of names) {
    const part = parts[name];
    if (part === undefined)
      throw new Error(`no part is called "${name}"; there are ${Object.keys(parts).join(", ")}`);
    const stamp = join(dist, ".stamp", name);
    const built = statSync(join(dist, part.product), { throwIfNoEntry: false }) !== undefined;
    const known = statSync(stamp, { throwIfNoEntry: false }) && readFileSync(stamp, "utf8");
    if (built && known === inputs && !force) continue;
    await part.build();
    writeFileSync(stamp, inputs);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  try {
    await build(named.length > 0 ? named : Object.keys(parts), { force: process.argv.includes("--force") });
  } catch (error) {
    console.error(`build: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
