/** Runs a local `.js` or `.mjs` file whose default export is a network, or a function that makes one. */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Catalog } from "../catalog/catalog.ts";
import { catalogKey } from "../catalog/catalog.ts";
import { quote, UsageError } from "../errors.ts";
import { openFile } from "../node/file-source.ts";

/** Whether a SOURCE is a program by its name: never an address. */
export function isProgram(address: string): boolean {
  return /\.m?js$/i.test(address) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(address);
}

/** What shows itself as a catalog: a module of any copy of this package. */
interface Presentable {
  readonly [catalogKey]: () => Catalog;
}

function isPresentable(value: unknown): value is Presentable {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject && catalogKey in value;
}

/** A class of modules: what its instances will have, its prototype has. */
function isModuleClass(value: unknown): value is new () => unknown {
  return typeof value === "function" && isPresentable((value as { readonly prototype?: unknown }).prototype);
}

/**
 * The catalog of the network that a program exports. The program runs in this process; what it prints meanwhile goes to
 * standard error, so that it does not get into the list.
 *
 * Throws: `SourceError` when there is no such file, `UsageError` when it does not run, exports something else, or its
 * network cannot be walked.
 */
export async function openProgram(path: string): Promise<Catalog> {
  // What cannot be opened is refused as any file is, and not as a module that another one asked for.
  await (await openFile(path)).close();
  const { stdout, stderr } = process;
  const { write } = stdout;
  stdout.write = stderr.write.bind(stderr) as typeof write;
  try {
    const catalog = await catalogFrom(path);
    if (catalog !== null) return catalog;
    throw new UsageError(`running ${quote(path)}: its default export is no network, and makes none`, {
      code: "no-network",
      hint: "Expected a Module of parascope, or a function that gives one: export default () => new Net().",
    });
  } finally {
    stdout.write = write;
  }
}

/** The catalog of what the program exports; null where that is no network. */
async function catalogFrom(path: string): Promise<Catalog | null> {
  const address = pathToFileURL(resolve(path)).href;
  try {
    const { default: exported } = (await import(address)) as { readonly default?: unknown };
    const network = await networkOf(exported);
    return isPresentable(network) ? network[catalogKey]() : null;
  } catch (cause) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new UsageError(`running ${quote(path)}: ${what}`, { code: "program-failed", cause });
  }
}

async function networkOf(exported: unknown): Promise<unknown> {
  if (isPresentable(exported)) return exported;
  if (isModuleClass(exported)) return new exported();
  return typeof exported === "function" ? await (exported as () => unknown)() : exported;
}
