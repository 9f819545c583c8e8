/**
 * Runs a TypeScript program of this project on any supported Node: bundles it in memory, with `parascope` taken from
 * `src/`, and runs the result. Prints nothing of its own.
 *
 *     node scripts/run.js FOLDER NAME [ARGUMENTS]   runs FOLDER/NAME.ts
 *     node scripts/run.js FILE.ts [ARGUMENTS]
 */

import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** Splits the command line into the program's file and the program's own arguments. */
function parse([first, ...rest]) {
  if (first === undefined) fail("usage: node scripts/run.js FILE.ts [ARGUMENTS], or FOLDER NAME [ARGUMENTS]");
  const target = resolve(root, first);
  if (!existsSync(target)) fail(`there is no ${first}`);
  if (!statSync(target).isDirectory()) return { file: target, args: rest };
  const programs = readdirSync(target, { recursive: true })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => path.replaceAll(sep, "/").slice(0, -".ts".length))
    .sort();
  const [name, ...args] = rest;
  const wanted = name?.replace(/\.ts$/, "");
  const found =
    programs.find((program) => program === wanted) ??
    programs.find((program) => basename(program) === wanted);
  if (found === undefined) {
    const known = programs.length > 0 ? `one of: ${programs.join(", ")}` : "no programs";
    fail(
      `${name === undefined ? "no program is named" : `there is no program "${name}"`}; ${first} has ${known}`,
    );
  }
  return { file: join(target, `${found}.ts`), args };
}

/** A program finds its files relative to its source, not to the bundle. */
const ownUrls = {
  name: "own-urls",
  transform(code, id) {
    if (!code.includes("import.meta.")) return null;
    const own = { url: pathToFileURL(id).href, filename: id, dirname: dirname(id) };
    const replaced = code.replaceAll(/\bimport\.meta\.(url|filename|dirname)\b/g, (_, name) =>
      JSON.stringify(own[name]),
    );
    // Lines stay where they are, which is enough for the map that rolldown keeps then.
    return { code: replaced, map: null };
  },
};

const { file, args } = parse(process.argv.slice(2));
const bundle = await rolldown({
  input: file,
  platform: "node",
  logLevel: "silent",
  resolve: { alias: { parascope: join(root, "src/index.node.ts") } },
  external: (id) =>
    !id.startsWith(".") && !id.startsWith("/") && !/^[A-Za-z]:/.test(id) && id !== "parascope",
  plugins: [ownUrls],
});
// Below node_modules, so that packages are found; written whole before it has its name, as two runs may meet.
const folder = join(root, "node_modules/.cache/parascope");
const name = `${relative(root, file).replaceAll(/[^\w-]+/g, "-")}.mjs`;
const { output } = await bundle.generate({
  dir: folder,
  entryFileNames: name,
  format: "esm",
  codeSplitting: false,
  keepNames: true,
  sourcemap: "inline",
});
await bundle.close();

mkdirSync(folder, { recursive: true });
const program = join(folder, name);
writeFileSync(`${program}.${process.pid}`, output[0].code);
renameSync(`${program}.${process.pid}`, program);
process.setSourceMapsEnabled(true);
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(program).href);
