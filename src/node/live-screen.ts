/**
 * A block of lines on this process's standard error that is drawn again while the program runs. What the program prints
 * meanwhile to the same terminal appears above it.
 *
 * It listens to no signal: a listener would keep Ctrl-C from ending a training loop that never yields.
 */

import type { Styler } from "../inspect/table.ts";
import { ansiStyler, movesCursor, wantsColours } from "./ansi.ts";
import { Screen } from "./screen.ts";

/** Milliseconds between two frames at least. */
const drawEvery = 100;

/** A stream of the process that may be a terminal. */
type Output = Pick<typeof process.stderr, "write" | "columns" | "rows"> & {
  getWindowSize?(): [columns: number, rows: number];
};

/** The block on standard error; made by `liveScreen`. */
export class LiveScreen {
  /** Colours, where they are wanted. */
  readonly style: Styler | undefined;
  readonly #screen: Screen;
  readonly #restore: (() => void)[] = [];
  readonly #print: (text: string) => void;
  #drawnAt = -Infinity;
  /** Whether the program's own output ends within a line. */
  #isWithinLine = false;

  constructor(stderr: Output, outputs: readonly Output[], style: Styler | undefined) {
    this.style = style;
    const write = stderr.write.bind(stderr);
    this.#print = (text) => void write(text);
    this.#screen = new Screen({
      write: this.#print,
      size: () => {
        // Asked anew: `columns` changes in the event loop only, which a training loop may not reach for hours.
        const [columns, rows] = stderr.getWindowSize?.() ?? [stderr.columns, stderr.rows];
        return { columns, rows };
      },
    });
    for (const output of outputs) this.#standAside(output);
  }

  /** Has what is written to a stream appear above the block. */
  #standAside(output: Output): void {
    const original = output.write;
    const aside = ((chunk: string | Uint8Array, ...rest: []) => {
      this.#screen.clear();
      this.#isWithinLine = !(typeof chunk === "string" ? chunk.endsWith("\n") : chunk.at(-1) === 10);
      return original.call(output, chunk, ...rest);
    }) as typeof original;
    output.write = aside;
    this.#restore.push(() => {
      if (output.write === aside) output.write = original;
    });
  }

  /** Whether it is time for another frame. */
  get isDue(): boolean {
    return performance.now() - this.#drawnAt >= drawEvery;
  }

  /** Draws a frame that `frameOf` makes for the room that there is. */
  draw(frameOf: (room: { readonly width: number; readonly height: number }) => readonly string[]): void {
    this.#drawnAt = performance.now();
    if (this.#isWithinLine) this.#print("\n");
    this.#isWithinLine = false;
    this.#screen.draw(frameOf(this.#screen.room));
  }

  /** Leaves the last frame where it is, and the streams as they were. */
  leave(): void {
    for (const restore of this.#restore) restore();
  }
}

/** Whether standard error is a terminal whose cursor can be moved. */
export function hasLiveScreen(): boolean {
  const { stderr, env } = process;
  return stderr.isTTY && movesCursor(env);
}

/** The block on standard error, which has to be a terminal for it. */
export function liveScreen(): LiveScreen {
  const { stderr, stdout, env } = process;
  const outputs: Output[] = stdout.isTTY ? [stderr, stdout] : [stderr];
  return new LiveScreen(stderr, outputs, wantsColours(env) ? ansiStyler : undefined);
}
