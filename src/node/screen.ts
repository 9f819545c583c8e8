/**
 * A block of lines at the end of a terminal's output that is drawn again in place. A frame is one write, and lines are
 * overwritten, never cleared first, so nothing flickers. The cursor rests below the block and is never hidden: whatever
 * moment the program is killed at, the terminal is as it should be, with the last frame above the prompt.
 */

import { displayWidth } from "../inspect/display-width.ts";
import { ansiCodes } from "./ansi.ts";

/** A terminal, as far as drawing needs it. */
export interface ScreenTerminal {
  write(text: string): void;
  /** Columns and rows at this moment. */
  size(): { readonly columns: number; readonly rows: number };
}

/** A block of lines on a terminal. */
export class Screen {
  readonly #terminal: ScreenTerminal;
  /** The widths of the lines that stand there now. */
  #widths: readonly number[] = [];

  constructor(terminal: ScreenTerminal) {
    this.#terminal = terminal;
  }

  /** Columns and rows that a frame may take: the last column may wrap by itself, the last row has the cursor. */
  get room(): { readonly width: number; readonly height: number } {
    const { columns, rows } = this.#terminal.size();
    return { width: Math.max(1, columns - 1), height: Math.max(1, rows - 1) };
  }

  /** Draws a frame in the place of the one before. Lines that `room` has no place for are left out. */
  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#terminal.size();
    const widths = lines.map((line) => displayWidth(line.replaceAll(ansiCodes, "")));
    let count = 0;
    for (let taken = 0; count < lines.length; count++) {
      taken += rowsOf(widths[count]!, columns);
      if (taken >= Math.max(2, rows)) break;
    }
    const text = lines.slice(0, count).map((line) => `${line}\u001b[K\n`);
    this.#terminal.write(`${this.#toStart()}${text.join("")}\u001b[J`);
    this.#widths = widths.slice(0, count);
  }

  /** Takes the block away; what is written next stands in its place. */
  clear(): void {
    if (this.#widths.length > 0) this.#terminal.write(`${this.#toStart()}\u001b[J`);
    this.#widths = [];
  }

  /** Back to the first line. A terminal that became narrower has broken the lines meanwhile. */
  #toStart(): string {
    if (this.#widths.length === 0) return "";
    const { columns, rows } = this.#terminal.size();
    const taken = this.#widths.reduce((sum, width) => sum + rowsOf(width, columns), 0);
    return `\r\u001b[${Math.min(taken, rows - 1)}A`;
  }
}

/** The rows that a line takes on a terminal that breaks it. */
function rowsOf(width: number, columns: number): number {
  return Math.max(1, Math.ceil(width / columns));
}
