/** `watch` for Node: its log in a file by its path, and the run drawn in the terminal while it trains. */

import { FormatError, ParascopeError, quote } from "../errors.ts";
import { WatchHistory } from "../inspect/watch-history.ts";
import type { WatchEnd, WatchHeader, WatchRecord } from "../inspect/watch-log.ts";
import { renderWatchText } from "../inspect/watch-text.ts";
import { LineFile } from "../node/line-file.ts";
import type { LiveScreen } from "../node/live-screen.ts";
import { hasLiveScreen, liveScreen } from "../node/live-screen.ts";
import { LogFile, logPath } from "../node/log-file.ts";
import type { ModuleProtocol } from "../nn/module-record.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { WatchOptions as CoreOptions } from "./watch.ts";
import { watch as watchLines } from "./watch.ts";
import type { WatchRun } from "./watch.ts";

/** How a run is watched, in Node. */
export interface WatchOptions extends Omit<CoreOptions, "log" | "deferredLog" | "onClose"> {
  /** The path of the log, which begins anew, or what takes each line without its end. Default: no log. */
  readonly log?: string | URL | ((line: string) => void);
  /** Go on with the log that is at the path, if there is one, after its last step or `step`. Default false. */
  readonly resume?: boolean;
  /** Draw the run on standard error, where that is a terminal. Default true. */
  readonly live?: boolean;
}

/**
 * Watches a network while it trains: every nth step of the optimizer its gradients, weights, updates and learning rates
 * become a line of a log (`docs/watch-log.md`), which `parascope watch` shows; in a terminal they are drawn at once. Costs
 * a copy of the trained parameters, and one pass over parameters and gradients for each record.
 *
 * Call `record` after each step, before the next; `close` at the end.
 *
 * Throws: `UsageError` for options out of their range, what is no optimizer, and a network without parameters;
 * `SourceError` where the log cannot be written; `FormatError` where it is to be resumed and is no such log.
 *
 * @example
 * const run = watch(model, optimizer, { every: 10, log: "run.jsonl" });
 * for (const [x, y] of loader) {
 *   optimizer.zeroGrad();
 *   const loss = crossEntropy(model(x), y);
 *   loss.backward();
 *   optimizer.step();
 *   run.record({ loss });
 * }
 * run.close();
 */
export function watch(model: ModuleProtocol, optimizer: Optimizer, options: WatchOptions = {}): WatchRun {
  const { log, resume = false, live = true, onRecord, ...others } = options;
  const path = typeof log === "string" || log instanceof URL ? logPath(log) : null;
  const former = resume && path !== null ? formerRun(path) : null;
  let file: LogFile | null = null;
  const isDrawn = live && hasLiveScreen();
  let drawing: Drawing | null = null;
  const run = watchLines(model, optimizer, {
    step: former?.step ?? 0,
    ...others,
    ...(path !== null && { deferredLog: (write) => file?.append(write) }),
    ...(typeof log === "function" && { log }),
    ...((isDrawn || onRecord !== undefined) && {
      onRecord(record: WatchRecord, header: WatchHeader): void {
        drawing?.add(record, header);
        onRecord?.(record, header);
      },
    }),
    onClose(end) {
      file?.close();
      drawing?.end(end);
    },
  });
  // Not before the options are found right: what is there of a log must not be lost to a mistake.
  try {
    if (path !== null) file = new LogFile(path, former?.kept ?? null);
  } catch (error) {
    run.close();
    throw error;
  }
  if (isDrawn) drawing = new Drawing(liveScreen(), path ?? "");
  return run;
}

/** Where a log that is there ends; null where there is none. */
function formerRun(path: string): { readonly step: number; readonly kept: number } | null {
  const file = openedIfThere(path);
  if (file === null) return null;
  try {
    const history = new WatchHistory("");
    for (const line of file.lines()) history.addLine(line);
    if (history.header !== null) return { step: history.report().step, kept: file.wholeByteLength };
    if (!file.hasPartialLine) return null;
    throw new FormatError("found no whole line", { code: "watch-line" });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`resuming ${quote(path)}: ${error.message}`, {
      code: error.code,
      hint: "Expected a log of watch; without resume it begins anew.",
      cause: error,
    });
  } finally {
    file.close();
  }
}

function openedIfThere(path: string): LineFile | null {
  try {
    return new LineFile(path);
  } catch (error) {
    if (error instanceof ParascopeError && error.code === "file-missing") return null;
    throw error;
  }
}

/** Draws a run: frame by frame while it trains, and once more when it is over. */
class Drawing {
  readonly #screen: LiveScreen;
  readonly #history: WatchHistory;
  #header: WatchHeader | null = null;

  constructor(screen: LiveScreen, source: string) {
    this.#screen = screen;
    this.#history = new WatchHistory(source);
  }

  add(record: WatchRecord, header: WatchHeader): void {
    if (header !== this.#header) this.#history.addHeader(header);
    this.#header = header;
    this.#history.addRecord(record);
    if (this.#screen.isDue) this.#draw();
  }

  end(end: WatchEnd): void {
    this.#history.addEnd(end);
    this.#draw();
    this.#screen.leave();
  }

  #draw(): void {
    const { style } = this.#screen;
    this.#screen.draw((room) => renderWatchText(this.#history.report(), { ...room, style }));
  }
}
