/**
 * The hooks of a module, in tables by kind, and the handle that takes one back. What they are called with is told in
 * `hooks.ts`, when they are called in `module-call.ts`, `backward-hooks.ts` and the state dict's files.
 */

import { torchError } from "../errors.ts";

/** A function that was registered, and how it is to be called. */
export interface RegisteredHook {
  readonly run: (...args: unknown[]) => unknown;
  /** Of a forward hook: call it although the call failed. */
  readonly alwaysCall: boolean;
}

/** The kinds of hooks. */
export type HookKind =
  | "forwardPre"
  | "forward"
  | "backwardPre"
  | "backward"
  | "plainBackward"
  | "stateDictPre"
  | "stateDict"
  | "loadStateDictPre"
  | "loadStateDictPost";

/** How a hook takes its place among those that are there. */
export interface HookOptions {
  /** Call it before those that are there. Default false. */
  readonly prepend?: boolean;
}

/** Takes a hook back. */
export class RemovableHandle {
  readonly #hooks: Set<RegisteredHook>;
  readonly #hook: RegisteredHook;

  constructor(hooks: Set<RegisteredHook>, hook: RegisteredHook) {
    this.#hooks = hooks;
    this.#hook = hook;
  }

  /** Takes the hook back; doing so twice does nothing. */
  remove(): void {
    this.#hooks.delete(this.#hook);
  }
}

const none: ReadonlySet<RegisteredHook> = new Set();

/** The kinds that a call runs. */
const callKinds: ReadonlySet<HookKind> = new Set([
  "forwardPre",
  "forward",
  "backwardPre",
  "backward",
  "plainBackward",
]);

/** All hooks of one module, or the global ones. */
export class HookTables {
  /** Whether a call has to look for hooks at all: one was registered that a call would run. */
  watchesCalls: boolean = false;
  /** Whether backward hooks are full or plain ones, once the first was registered: they do not go together. */
  backwardKind: "backward" | "plainBackward" | null = null;
  readonly #tables: Map<HookKind, Set<RegisteredHook>> = new Map();

  /** The hooks of a kind, in the order in which they are called. */
  of(kind: HookKind): ReadonlySet<RegisteredHook> {
    return this.#tables.get(kind) ?? none;
  }

  /** Adds a hook. */
  add(
    kind: HookKind,
    run: (...args: never[]) => unknown,
    options: HookOptions & { alwaysCall?: boolean } = {},
  ): RemovableHandle {
    if (kind === "backward" || kind === "plainBackward") this.takeBackwardKind(kind);
    let hooks = this.#tables.get(kind);
    if (hooks === undefined) {
      hooks = new Set();
      this.#tables.set(kind, hooks);
    }
    const hook: RegisteredHook = {
      run: run as (...args: unknown[]) => unknown,
      alwaysCall: options.alwaysCall ?? false,
    };
    if (options.prepend === true) {
      const rest = [...hooks];
      hooks.clear();
      for (const one of [hook, ...rest]) hooks.add(one);
    } else hooks.add(hook);
    this.watchesCalls ||= callKinds.has(kind);
    return new RemovableHandle(hooks, hook);
  }

  /** Throws PyTorch's RuntimeError where backward hooks of the other kind were registered, even if they are gone. */
  private takeBackwardKind(kind: "backward" | "plainBackward"): void {
    this.backwardKind ??= kind;
    if (this.backwardKind === kind) return;
    const where = this === globalHooks ? "as a global Module hook" : "on a single Module";
    throw torchError(
      "RuntimeError",
      `Cannot use both regular backward hooks and full backward hooks ${where}. Please use only one of them.`,
    );
  }

  /** A copy with the same hooks, for a copy of the module. */
  copyTo(target: HookTables): void {
    for (const [kind, hooks] of this.#tables) target.#tables.set(kind, new Set(hooks));
    target.watchesCalls = this.watchesCalls;
    target.backwardKind = this.backwardKind;
  }
}

/** The hooks that every module's calls run, before the module's own. */
export const globalHooks: HookTables = new HookTables();
