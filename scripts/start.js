/**
 * `npm start` lists the sample; `npm start -- ARGUMENTS` is `parascope ARGUMENTS`.
 * `scripts/setup.js` has built the command by the time this runs.
 */

import { relative } from "node:path";
import { fileURLToPath } from "node:url";

// npm changes to the package's folder; the paths that were typed are relative to where they were typed.
if (process.env["INIT_CWD"]) process.chdir(process.env["INIT_CWD"]);
const sample = relative(process.cwd(), fileURLToPath(new URL("../examples/sample.pt", import.meta.url)));
const command = new URL("../dist/bin/parascope.js", import.meta.url);
const given = process.argv.slice(2);
process.argv = [process.execPath, fileURLToPath(command), ...(given.length > 0 ? given : [sample])];
await import(command.href);
