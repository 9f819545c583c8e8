/**
 * The `parascope` command: runs the command line in this process. It uses the global `process`: importing
 * `node:process` as a module takes 4 ms, because that touches every stream.
 */

import { run } from "./program.ts";
import { terminalOf } from "./terminal.ts";

/** The status of a process that Ctrl-C ended: 128 and the number of SIGINT. */
const interrupted = 130;

// The reader of a pipe may leave early (`| head`). That is no fault; there is only nobody left to print for.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
process.stderr.on("error", () => process.exit());
process.on("SIGINT", () => {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  process.exit(interrupted);
});

const terminal = terminalOf(process.stdout, process.stderr, process.env);
// No top-level await: the bundle is a CommonJS module, which starts sooner.
void run(process.argv.slice(2), terminal, Boolean(process.env["PARASCOPE_DEBUG"])).then((status) => {
  process.exitCode = status;
});
