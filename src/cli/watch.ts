/** `parascope watch`: shows a log of `watch`, whole or as it grows. */

import { setTimeout as delay } from "node:timers/promises";
import { FormatError, printable, quote, UsageError } from "../errors.ts";
import { WatchHistory } from "../inspect/watch-history.ts";
import type { WatchReport } from "../inspect/watch-report.ts";
import type { WatchOrder } from "../inspect/watch-text.ts";
import { renderWatchJson, renderWatchStep, renderWatchText, sortedRows } from "../inspect/watch-text.ts";
import { LineFile } from "../node/line-file.ts";
import { Screen } from "../node/screen.ts";
import { selector } from "../selector.ts";
import { stylerOf } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

/** The options of `watch`, as the command line gives them. */
export interface WatchCommandOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
  /** Patterns; a parameter is shown when any of them selects its name. */
  readonly match?: readonly string[];
  readonly sort?: WatchOrder;
  readonly reverse?: boolean;
  /** The last step to look at. */
  readonly step?: number;
}

/** Milliseconds between two looks at a log that grows. */
const lookEvery = 200;

/** Milliseconds of reading after which signals are heard. */
const breathEvery = 50;

/** Shows a log, and gives whether anything stands out in it. */
export async function watch(
  path: string,
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<"fine" | "findings"> {
  const file = new LineFile(path);
  try {
    const log = new Log(path, file, options);
    await log.read();
    const report = options.follow ? await follow(log, terminal) : shown(log, options, terminal);
    return report.findings.length > 0 ? "findings" : "fine";
  } finally {
    file.close();
  }
}

/** A log and what has been read of it. */
class Log {
  readonly #path: string;
  readonly #file: LineFile;
  readonly #options: WatchCommandOptions;
  readonly #choose: (report: WatchReport) => WatchReport;
  #history: WatchHistory;

  constructor(path: string, file: LineFile, options: WatchCommandOptions) {
    this.#path = path;
    this.#file = file;
    this.#options = options;
    this.#choose = chooser(options);
    this.#history = new WatchHistory(path, options.step);
  }

  get isBegun(): boolean {
    return this.#history.header !== null;
  }

  get hasEnded(): boolean {
    return this.#history.hasEnded;
  }

  get isCutOff(): boolean {
    return this.#file.hasPartialLine;
  }

  /** Whether the file is another one now; then what was read of it is forgotten. */
  renew(): boolean {
    if (!this.#file.renew()) return false;
    this.#history = new WatchHistory(this.#path, this.#options.step);
    return true;
  }

  /** Reads what is new, calls `seen` after each line, and gives whether there was any. */
  async read(seen?: () => void): Promise<boolean> {
    let breathedAt = performance.now();
    let hasNew = false;
    for (const line of this.#file.lines()) {
      hasNew = true;
      this.#add(line);
      seen?.();
      if (performance.now() - breathedAt < breathEvery) continue;
      await delay(0);
      breathedAt = performance.now();
    }
    return hasNew;
  }

  #add(line: string): void {
    try {
      this.#history.addLine(line);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`reading ${quote(this.#path)}: ${error.message}`, {
        code: error.code,
        hint: error.hint,
        cause: error,
      });
    }
  }

  report(): WatchReport {
    return this.#choose(this.#history.report());
  }
}

/** What of a report the options choose, in their order. */
function chooser({ match, sort, reverse }: WatchCommandOptions): (report: WatchReport) => WatchReport {
  const selectors = match?.map(selector);
  const isChosen = (name: string): boolean =>
    selectors === undefined || selectors.some((matches) => matches(name));
  return (report) => {
    const rows = sortedRows(report, sort ?? "order").filter(({ name }) => isChosen(name));
    const findings = report.findings.filter(({ names }) => names.length === 0 || names.some(isChosen));
    return { ...report, parameters: reverse ? rows.toReversed() : rows, findings };
  };
}

/** Shows a log as it is. */
function shown(log: Log, { json, step }: WatchCommandOptions, terminal: Terminal): WatchReport {
  const report = log.report();
  const { source, records, parameters } = report;
  if (!log.isBegun) {
    const found = log.isCutOff ? "found no whole line" : "found nothing in it";
    throw new FormatError(`reading ${quote(source)}: ${found}, expected the header of a log of watch`, {
      code: "watch-line",
    });
  }
  if (step !== undefined && records === 0) {
    throw new UsageError(`${quote(source)} has no record up to step ${step}`, {
      code: "watch-step",
      hint: "Without --step the last one is shown.",
    });
  }
  if (records > 0 && parameters.length === 0)
    terminal.complain(`parascope: nothing in ${quote(source)} matches.\n`);
  if (log.isCutOff)
    terminal.complain(`parascope: the last line of ${quote(source)} is not whole and left out.\n`);
  const text = json
    ? renderWatchJson(report)
    : renderWatchText(report, { width: terminal.width, style: stylerOf(terminal) }).join("\n");
  terminal.print(`${text}\n`);
  return report;
}

/** Shows a log as it grows, until the run says that it is over: on a screen in place, else a line for each record. */
async function follow(log: Log, terminal: Terminal): Promise<WatchReport> {
  const { height } = terminal;
  const view = height === undefined ? new Lines(terminal) : new Frames(terminal);
  view.show(log.report());
  while (!log.hasEnded) {
    await delay(lookEvery);
    const isRenewed = log.renew();
    const hasNew = await log.read(() => view.see(log));
    if (isRenewed || hasNew) view.show(log.report());
  }
  return log.report();
}

/** Where a log that grows is shown. */
interface View {
  /** Sees each line as it is read. */
  see(log: Log): void;
  /** Shows the log as it is now. */
  show(report: WatchReport): void;
}

/** In place, on a terminal. */
class Frames implements View {
  readonly #terminal: Terminal;
  readonly #screen: Screen;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#screen = new Screen({
      write: (text) => terminal.print(text),
      size: () => ({ columns: terminal.width ?? 80, rows: terminal.height ?? 24 }),
    });
  }

  see(): void {}

  show(report: WatchReport): void {
    this.#screen.draw(renderWatchText(report, { ...this.#screen.room, style: stylerOf(this.#terminal) }));
  }
}

/** A line for each record, and for each finding when it is first seen. */
class Lines implements View {
  readonly #terminal: Terminal;
  readonly #told: Set<string> = new Set();
  #last = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  see(log: Log): void {
    this.show(log.report());
  }

  show(report: WatchReport): void {
    const { records, step, state } = report;
    const line = state === "ended" ? `ended at step ${step}` : renderWatchStep(report);
    const key = `${records} ${line}`;
    if (records > 0 && key !== this.#last) this.#terminal.print(`${line}\n`);
    this.#last = key;
    for (const { code, names, message } of report.findings) {
      const finding = `${code} ${names.join(" ")}`;
      if (this.#told.has(finding)) continue;
      this.#told.add(finding);
      this.#terminal.print(`finding: ${printable(message)}\n`);
    }
  }
}
