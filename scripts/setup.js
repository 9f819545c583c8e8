/**
 * Makes a clone ready, with nothing but Node: installs the locked dependencies where they are missing or older than the
 * lock file, then builds what is stale of the parts named (`command`, `library`).
 *
 *     node scripts/setup.js [command] [library]
 *
 * Says something only when it installs, and always on stderr: what follows it owns stdout.
 */

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The time a file was last written, 0 where there is none. */
function writtenAt(path) {
  return statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`parascope needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

function install() {
  if (writtenAt("node_modules/.package-lock.json") >= writtenAt("package-lock.json")) return;
  console.error("Installing what package-lock.json lists (npm ci) …");
  // --include=dev: under NODE_ENV=production npm would leave the compiler out.
  const args = ["ci", "--include=dev", "--ignore-scripts", "--loglevel=error"];
  const npm = process.env["npm_execpath"];
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (status === 0) return;
  console.error(`npm ci failed${error ? `: ${error.message}` : ""}.`);
  process.exit(1);
}

checkNode();
install();
const parts = process.argv.slice(2);
if (parts.length > 0) {
  const { build } = await import("./build.js");
  await build(parts);
}
