/** What a command sees of the place it runs in: where to print, how wide it is, and whether a person looks at it. */

import { printable } from "../errors.ts";
import { displayWidth, shorten } from "../inspect/display-width.ts";
import type { Styler } from "../inspect/text.ts";
import { ansiStyler, movesCursor, wantsColours } from "../node/ansi.ts";

/** Where a command prints. */
export interface Terminal {
  /** Prints to standard output; the text has its line ends. */
  print(text: string): void;
  /** Waits until a reader that is slower than this process, such as a pipe's, has taken what was printed. */
  drain(): Promise<void>;
  /** Prints to standard error. */
  complain(text: string): void;
  /** Columns of standard output; undefined when it is not a terminal. */
  readonly width: number | undefined;
  /** Rows of standard output; undefined when it is not a terminal, or one whose cursor cannot be moved. */
  readonly height?: number | undefined;
  /** Whether colours are wanted: on a terminal, unless `NO_COLOR` says otherwise. */
  readonly hasColours: boolean;
  /** Columns of standard error, where progress is shown; undefined when it is not a terminal. */
  readonly progressWidth: number | undefined;
}

/** A stream of a process, as far as it matters here. */
interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly writableNeedDrain?: boolean;
  write(text: string): boolean;
  once?(event: "drain", listener: () => void): unknown;
}

/**
 * The terminal of a process. Its size is that of the moment at which it is asked for; one that nobody gave a size, as in
 * some containers, says 0 columns.
 */
export function terminalOf(
  stdout: Stream,
  stderr: Stream,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isTerminal = stdout.isTTY === true;
  return {
    print: (text) => void stdout.write(text),
    drain: () =>
      stdout.writableNeedDrain === true
        ? new Promise((resolve) => void stdout.once?.("drain", resolve))
        : Promise.resolve(),
    complain: (text) => void stderr.write(text),
    get width() {
      return isTerminal ? stdout.columns || 80 : undefined;
    },
    get height() {
      return isTerminal && movesCursor(environment) ? stdout.rows || 24 : undefined;
    },
    hasColours: isTerminal && wantsColours(environment),
    progressWidth: stderr.isTTY === true ? stderr.columns || 80 : undefined,
  };
}

/** Characters that are printed at a time. */
const pieceLength = 2 ** 16;

/** Prints pieces of a text, each with `end` behind it, as they are made and taken: a report may have 60 MB. */
export async function printPieces(terminal: Terminal, pieces: Iterable<string>, end: string): Promise<void> {
  let text = "";
  for (const piece of pieces) {
    text += piece + end;
    if (text.length < pieceLength) continue;
    terminal.print(text);
    await terminal.drain();
    text = "";
  }
  if (text !== "") terminal.print(text);
}

/** Colours by role for a terminal that wants them; undefined for one that does not. */
export function stylerOf(terminal: Terminal): Styler | undefined {
  return terminal.hasColours ? ansiStyler : undefined;
}

/** A line that says how far something is, on a terminal only. */
export interface Progress {
  /** Shows how much of a whole is done; drawn ten times a second at most. */
  show(doing: string, done: number, whole: number): void;
  /** Removes the line. */
  clear(): void;
}

/** Milliseconds between two drawings, and before the first: what is done sooner needs no line. */
const drawEvery = 100;

/** Progress on standard error; does nothing where that is not a terminal. */
export function progressOf(terminal: Terminal): Progress {
  const width = terminal.progressWidth;
  let drawnAt = performance.now();
  let drawn = 0;
  if (width === undefined) return { show: () => undefined, clear: () => undefined };
  return {
    show(doing, done, whole) {
      const now = performance.now();
      if (now - drawnAt < drawEvery) return;
      drawnAt = now;
      const percent = `${Math.floor((100 * done) / Math.max(1, whole))} %`.padStart(5);
      const line = shorten(`${percent}  ${doing}`, width - 1);
      terminal.complain(`\r${line}${" ".repeat(Math.max(0, drawn - displayWidth(line)))}`);
      drawn = displayWidth(line);
    },
    clear() {
      if (drawn > 0) terminal.complain(`\r${" ".repeat(drawn)}\r`);
      drawn = 0;
    },
  };
}

/** Milliseconds before a person is told what is waited for. */
const patience = 1000;

/** Awaits a task; where it takes long and a person looks, says meanwhile what is waited for. */
export async function whileWaiting<Result>(
  terminal: Terminal,
  doing: string,
  task: Promise<Result>,
): Promise<Result> {
  const width = terminal.progressWidth;
  if (width === undefined) return task;
  const line = shorten(printable(doing), width - 1);
  let isDrawn = false;
  const timer = setTimeout(() => {
    terminal.complain(`\r${line}`);
    isDrawn = true;
  }, patience);
  try {
    return await task;
  } finally {
    clearTimeout(timer);
    if (isDrawn) terminal.complain(`\r${" ".repeat(displayWidth(line))}\r`);
  }
}
