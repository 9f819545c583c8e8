/** The command line's own entry, run in this process: its exit status, and what it prints and complains. */

import { run } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

/** What became of a run. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as into a pipe, or on a terminal with what `terminal` says of it. */
export async function parascope(
  args: readonly string[],
  terminal: Partial<Terminal> = {},
  debug = false,
): Promise<Outcome> {
  let out = "";
  let err = "";
  const pipe: Terminal = {
    print: (text) => void (out += text),
    drain: () => Promise.resolve(),
    complain: (text) => void (err += text),
    width: undefined,
    hasColours: false,
    progressWidth: undefined,
    ...terminal,
  };
  const status = await run(args, pipe, debug);
  return { status, out, err };
}
