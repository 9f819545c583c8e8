/** The script of the test page: runs programs in the page or its worker, and opens files that are chosen or dropped. */

import { open } from "parascope";
import { listed, peeked, type ProgramName, runProgram } from "./programs.ts";
import type { Reply } from "./worker.ts";

/** What the test calls in the page. */
export interface Page {
  /** Runs a program here. */
  here(name: ProgramName, args: readonly unknown[]): Promise<unknown>;
  /** Runs a program in the worker. */
  inWorker(name: ProgramName, args: readonly unknown[]): Promise<unknown>;
  /** What the file that was chosen or dropped last holds. */
  file(isLarge: boolean): Promise<unknown>;
  /** Opens that file, and gives a function that reads its last entry. */
  keep(): Promise<() => Promise<Uint8Array>>;
}

let chosen: File | null = null;

document.querySelector("input")!.addEventListener("change", ({ target }) => {
  chosen = (target as HTMLInputElement).files![0]!;
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  chosen = event.dataTransfer!.files[0]!;
});

let worker: Worker | null = null;

const page: Page = {
  here: runProgram,
  inWorker: (name, args) =>
    new Promise((resolve, reject) => {
      worker ??= new Worker("worker.js", { type: "module" });
      worker.onerror = ({ message }) => reject(new Error(`the worker does not start: ${message}`));
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if ("error" in data) reject(new Error(data.error));
        else resolve(data.answer);
      };
      worker.postMessage({ name, args });
    }),
  file: (isLarge) => (isLarge ? peeked(chosenFile()) : listed(chosenFile(), chosenFile().name)),
  keep: async () => {
    const catalog = await open(chosenFile());
    return () => catalog.read(catalog.entries.at(-1)!, { start: 0, end: 8 });
  },
};

function chosenFile(): File {
  if (chosen === null) throw new Error("no file was chosen");
  return chosen;
}

Object.assign(globalThis, { page });
