/** The command line: commands, their options, and what becomes of errors. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import type { EntryKind } from "../catalog/entry.ts";
import { ParascopeError, printable, quote, UsageError } from "../errors.ts";
import type { ColumnId } from "../inspect/columns.ts";
import type { WatchOrder } from "../inspect/watch-text.ts";
import type { ListOptions } from "./list.ts";
import type { ScanCommandOptions } from "./scan.ts";
import type { Terminal } from "./terminal.ts";
import type { WatchCommandOptions } from "./watch.ts";

/** Exit statuses, as `diff` and `grep` have them. */
const exitStatus = {
  /** Done. */
  fine: 0,
  /** Done, and there is something to look at. */
  findings: 1,
  /** Not done: wrong usage, or a file that cannot be read. */
  trouble: 2,
} as const;

/** The status of what a scan comes to; of several SOURCES the highest counts. */
const scanStatus = {
  clean: exitStatus.fine,
  findings: exitStatus.findings,
  unreadable: exitStatus.trouble,
} as const;

/** The status of what a log shows. */
const watchStatus = { fine: exitStatus.fine, findings: exitStatus.findings } as const;

const kinds: readonly EntryKind[] = ["parameter", "buffer", "tensor", "optimizer-state"];
const orders: readonly ColumnId[] = [
  "index",
  "name",
  "shape",
  "dtype",
  "elements",
  "size",
  "kind",
  "requires-grad",
  "gradient",
];

const watchOrders: readonly WatchOrder[] = [
  "order",
  "name",
  "norm",
  "largest",
  "zeros",
  "update",
  "findings",
];

const examples = `
Examples:
  parascope model.pt                             what is in it
  parascope model.pt --tree --depth 2            its modules, two levels deep
  parascope model.pt --match '**.bias'           names by a pattern: * stays within a part, ** crosses dots and /
  parascope model.pt --match '/\\.[qkv]_proj\\./'  or by a regular expression
  parascope model.pt --sort size                 the largest first
  parascope model.pt --json --hash               for programs, with a digest of every tensor

Exit status: 0 fine, 1 findings (scan, watch), 2 trouble (wrong usage, unreadable file).`;

function collect<Item>(item: Item, before: readonly Item[] | undefined): Item[] {
  return [...(before ?? []), item];
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number, 0 or more.");
  return Number(text);
}

function parseKind(text: string, before: readonly EntryKind[] | undefined): EntryKind[] {
  const kind = kinds.find((known) => known === text);
  if (kind === undefined) throw new InvalidArgumentError(`Allowed choices are ${kinds.join(", ")}.`);
  return collect(kind, before);
}

/** The command line, and the SOURCE that a command is working on, for messages. */
interface Program {
  readonly top: Command;
  source: string | null;
  status: number;
}

/** Builds the commands; what they do is loaded when it is done. */
function build(terminal: Terminal): Program {
  const top = new Command("parascope")
    .description(
      "See what parameters a PyTorch checkpoint has. `parascope SOURCE` is `parascope list SOURCE`.",
    )
    .version(packageJson.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.complain(text),
      // One line, also where commander adds a suggestion on a second one.
      outputError: (text, write) =>
        write(
          `parascope: ${printable(
            text
              .trim()
              .replace(/^error: /, "")
              .replaceAll("\n", " "),
          )}\n`,
        ),
    });
  const program: Program = { top, source: null, status: exitStatus.fine };
  const list = top
    .command("list", { isDefault: true })
    .description("list the parameters, buffers and other tensors of a SOURCE")
    .argument(
      "<SOURCE>",
      "a checkpoint file: .pt, .pth, .bin, .ckpt, .safetensors, …; or a .js or .mjs program, which is run, that exports a network",
    )
    .option("--tree", "as a tree of modules, with totals")
    .option("--depth <N>", "show N levels of the tree (implies --tree)", parseCount)
    .option(
      "--match <PATTERN>",
      "only names a glob or /regex/ selects (repeatable: any of them)",
      collect<string>,
    )
    .option("--kind <KIND>", `only this kind: ${kinds.join(", ")} (repeatable)`, parseKind)
    .addOption(
      new Option("--sort <ORDER>", "order of the list; size and elements: the largest first").choices(orders),
    )
    .option("--reverse", "reverse the order")
    .option("--json", "as JSON")
    .option("--hash", "add the SHA-256 of every tensor (reads the weights)")
    .action(async (source: string, options: ListOptions) => {
      program.source = source;
      const { list } = await import("./list.ts");
      await list(source, options, terminal);
    });
  top
    .command("scan")
    .description(
      "look for what loading a SOURCE in Python would run, and for what is made to mislead; runs nothing",
    )
    .argument("<SOURCE...>", "checkpoint files, directories, https:// or hf:// addresses")
    .option("--json", "as JSON, one report for each SOURCE")
    .addHelpText("after", "\nExit status: 0 clean, 1 findings, 2 something could not be read.")
    .action(async (sources: string[], options: ScanCommandOptions) => {
      const { scan } = await import("./scan.ts");
      for (const source of sources) {
        program.source = source;
        try {
          const result = await scan(source, options, terminal);
          program.status = Math.max(program.status, scanStatus[result]);
        } catch (error) {
          // One SOURCE that is not there leaves the others to be looked at.
          if (!(error instanceof ParascopeError) || error.code === "internal") throw error;
          terminal.complain(`parascope: ${printable(complaint(error, source))}\n`);
          program.status = exitStatus.trouble;
        }
      }
    });
  top
    .command("watch")
    .description(
      "show how a network trains, from the log that `watch` writes in a program, or a file for PyTorch",
    )
    .argument("<LOG>", "a log of watch: lines of JSON (docs/watch-log.md)")
    .option("-f, --follow", "go on as the log grows, until the run ends")
    .option("--step <N>", "show the run as it was at step N", parseCount)
    .option(
      "--match <PATTERN>",
      "only parameters whose name a glob or /regex/ selects (repeatable: any of them)",
      collect<string>,
    )
    .addOption(
      new Option("--sort <ORDER>", "order of the parameters; figures: the largest first").choices(
        watchOrders,
      ),
    )
    .option("--reverse", "reverse the order")
    .addOption(new Option("--json", "as JSON").conflicts("follow"))
    .addHelpText("after", "\nExit status: 0 nothing stands out, 1 findings, 2 trouble.")
    .action(async (log: string, options: WatchCommandOptions) => {
      program.source = log;
      const { watch } = await import("./watch.ts");
      program.status = watchStatus[await watch(log, options, terminal)];
    });
  // Whoever asks for help on `parascope` nearly always means the command that needs no name.
  top.addHelpText("after", () => `\n${list.helpInformation()}${examples}`);
  return program;
}

/** An error as one line: to what, what happened, what to do. */
function complaint(error: unknown, source: string | null): string {
  if (!(error instanceof ParascopeError)) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return `internal: ${what}. This is a fault of parascope itself; please report it, with what PARASCOPE_DEBUG=1 prints.`;
  }
  const isAboutFile =
    source !== null && !(error instanceof UsageError) && !error.message.includes(quote(source));
  const subject = isAboutFile ? `${source}: ` : "";
  const message = `${subject}${error.message}${/[.!?]$/.test(error.message) ? "" : "."}`;
  return error.hint === undefined ? message : `${message} ${error.hint}`;
}

/**
 * Runs a command line and gives its exit status. Never throws: whatever goes wrong is one line on standard error,
 * with the stack below it when `debug` is set.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  debug: boolean = false,
): Promise<number> {
  const program = build(terminal);
  if (args.length === 0) {
    program.top.outputHelp({ error: true });
    return exitStatus.trouble;
  }
  try {
    await program.top.parseAsync([...args], { from: "user" });
    return program.status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.fine : exitStatus.trouble;
    terminal.complain(`parascope: ${printable(complaint(error, program.source))}\n`);
    if (debug && error instanceof Error) terminal.complain(`${error.stack}\n`);
    return exitStatus.trouble;
  }
}
