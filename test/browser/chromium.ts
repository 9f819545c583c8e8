/** The browser of the tests: a Chromium of this machine, driven by playwright-core, which brings none. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** What it is called on the systems that bring one. */
const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** Nothing but the tests' own requests: no updates, no synchronisation. */
const flags = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program, or null where the path has none. */
export function findChromium(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable) ?? null;
}

/** Starts it, as playwright does without its sandbox: it sees this machine's pages only, and root has no other way. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, chromiumSandbox: false, args: [...flags] });
}
