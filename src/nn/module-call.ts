/**
 * What calling a module does: its pre-hooks, `forward`, its hooks, and around them the backward hooks.
 */

import { warn } from "../warnings.ts";
import type { BackwardWatch } from "./backward-hooks.ts";
import { watchInputs, watchOutputs } from "./backward-hooks.ts";
import type { RegisteredHook } from "./hook-tables.ts";
import { globalHooks } from "./hook-tables.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { recordOf } from "./module-record.ts";
import { watchLastNode } from "./plain-backward-hooks.ts";
import { noteSlots } from "./slots.ts";

/** A module whose input is not checked by the compiler. */
interface Open {
  forward(...input: unknown[]): unknown;
}

/** Runs a module on its input. */
export function callModule(module: ModuleProtocol, input: unknown[]): unknown {
  const record = recordOf(module);
  // What was a buffer when the constructor ended is one even if `forward` puts a plain tensor in its place.
  if (!record.isNoted) noteSlots(module);
  if (!record.hooks.watchesCalls && !globalHooks.watchesCalls) return (module as Open).forward(...input);
  return callWithHooks(module, input);
}

function callWithHooks(module: ModuleProtocol, input: unknown[]): unknown {
  const called = new Set<RegisteredHook>();
  let args = input;
  let output: unknown = null;
  try {
    for (const hook of hooksOf(module, "forwardPre")) {
      const result = hook.run(module, args) ?? null;
      if (result !== null) args = Array.isArray(result) ? (result as unknown[]) : [result];
    }
    const watch: BackwardWatch | null = watchInputs(module, args);
    if (watch !== null) args = watch.input;
    output = (module as Open).forward(...args);
    for (const hook of hooksOf(module, "forward")) {
      called.add(hook);
      output = hook.run(module, args, output) ?? output;
    }
    if (watch !== null) output = watchOutputs(watch, output);
    watchLastNode(module, args, output);
    return output;
  } catch (error) {
    for (const hook of hooksOf(module, "forward")) {
      if (hook.alwaysCall && !called.has(hook)) output = runQuietly(hook, module, args, output);
    }
    throw error;
  }
}

/** Runs a hook after a failure; its own failure must not hide the first one. */
function runQuietly(hook: RegisteredHook, module: ModuleProtocol, args: unknown[], output: unknown): unknown {
  try {
    return hook.run(module, args, output) ?? output;
  } catch (error) {
    const what = globalHooks.of("forward").has(hook) ? "global module" : "module";
    const text = error instanceof Error ? error.message : String(error);
    warn(
      `${what} forward hook with \`\`always_call=True\`\` raised an exception that was silenced as another error was raised in forward: ${text}`,
    );
    return output;
  }
}

function hooksOf(module: ModuleProtocol, kind: "forwardPre" | "forward"): readonly RegisteredHook[] {
  return [...globalHooks.of(kind), ...recordOf(module).hooks.of(kind)];
}
