/** What a command sees of the place it runs in: where to print, how wide it is, and whether a person looks at it. */

import { displayWidth, shorten } from "../inspect/display-width.ts";
import type { Styler } from "../inspect/text.ts";

/** Where a command prints. */
export interface Terminal {
  /** Prints to standard output; the text has its line ends. */
  print(text: string): void;
  /** Prints to standard error. */
  complain(text: string): void;
  /** Columns of standard output; undefined when it is not a terminal. */
  readonly width: number | undefined;
  /** Whether colours are wanted: on a terminal, unless `NO_COLOR` says otherwise. */
  readonly hasColours: boolean;
  /** Columns of standard error, where progress is shown; undefined when it is not a terminal. */
  readonly progressWidth: number | undefined;
}

/** A stream of a process, as far as it matters here. */
interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): boolean;
}

/** The terminal of a process. https://no-color.org: any value of `NO_COLOR` but the empty one counts. */
export function terminalOf(
  stdout: Stream,
  stderr: Stream,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isTerminal = stdout.isTTY === true;
  return {
    print: (text) => void stdout.write(text),
    complain: (text) => void stderr.write(text),
    width: isTerminal ? (stdout.columns ?? 80) : undefined,
    hasColours: isTerminal && !environment["NO_COLOR"] && environment["TERM"] !== "dumb",
    progressWidth: stderr.isTTY === true ? (stderr.columns ?? 80) : undefined,
  };
}

/** Characters that are printed at a time. */
const pieceLength = 2 ** 16;

/** Prints pieces of a text, each with `end` behind it, as they are made: a report may have 60 MB. */
export function printPieces(terminal: Terminal, pieces: Iterable<string>, end: string): void {
  let text = "";
  for (const piece of pieces) {
    text += piece + end;
    if (text.length < pieceLength) continue;
    terminal.print(text);
    text = "";
  }
  if (text !== "") terminal.print(text);
}

/** The colours of the command line: names stand out, what is as usual steps back. Select Graphic Rendition codes. */
const codes: Readonly<Record<Parameters<Styler>[1], string>> = {
  heading: "1",
  name: "36",
  plain: "",
  quiet: "2",
  buffer: "34",
  frozen: "33",
  note: "35",
};

/** Colours by role for a terminal that wants them; undefined for one that does not. */
export function stylerOf(terminal: Terminal): Styler | undefined {
  if (!terminal.hasColours) return undefined;
  return (text, role) => (codes[role] === "" ? text : `\u001b[${codes[role]}m${text}\u001b[0m`);
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
