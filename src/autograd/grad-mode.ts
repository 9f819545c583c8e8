/**
 * Whether ops record a graph. One state for the program, as everything here is synchronous; scopes nest.
 */

/// <reference lib="esnext.disposable" preserve="true" />

import { UsageError } from "../errors.ts";
import { shared } from "../shared.ts";

/** The state; every op reads `recording`. */
export const gradMode: {
  recording: boolean;
  /** Whether histories are dropped without a note, as in a pass back; see Note [cuts] in cut.ts. */
  isQuiet?: boolean;
} = shared("gradMode", () => ({ recording: true }));

/** Whether ops record a graph at this moment. */
export function isGradEnabled(): boolean {
  return gradMode.recording;
}

/**
 * A mode that lasts until it is disposed of: by `using`, at the end of the block, or by `restore()`.
 *
 * @example
 * { using _ = noGrad(); weight.zero_(); }
 */
export class GradScope {
  readonly #former: boolean;

  constructor(recording: boolean) {
    this.#former = gradMode.recording;
    gradMode.recording = recording;
  }

  /** Puts the former mode back. */
  restore(): void {
    gradMode.recording = this.#former;
  }

  /** What `using` calls. */
  [Symbol.dispose](): void {
    this.restore();
  }
}

/**
 * Turns recording on or off from here on: `torch.set_grad_enabled`. The scope that is returned puts the former mode
 * back when it is disposed of; it need not be.
 */
export function setGradEnabled(recording: boolean): GradScope {
  return new GradScope(recording);
}

/**
 * Runs `body` without recording: what it computes are leaves that require no gradient. Without a body, turns recording
 * off until the scope that is returned is disposed of.
 *
 * Throws: `UsageError` for an asynchronous body, whose later part would run outside.
 *
 * @example
 * noGrad(() => weight.sub_(weight.grad, { alpha: 0.1 }));
 * { using _ = noGrad(); weight.zero_(); }
 */
export function noGrad(): GradScope;
export function noGrad<T>(body: () => T): T;
export function noGrad<T>(body?: () => T): T | GradScope {
  return body === undefined ? new GradScope(false) : within(false, body);
}

/** Runs `body` with recording, also inside `noGrad`; a scope without a body. Throws as `noGrad` does. */
export function enableGrad(): GradScope;
export function enableGrad<T>(body: () => T): T;
export function enableGrad<T>(body?: () => T): T | GradScope {
  return body === undefined ? new GradScope(true) : within(true, body);
}

function within<T>(recording: boolean, body: () => T): T {
  const former = gradMode.recording;
  gradMode.recording = recording;
  try {
    const result = body();
    if (result instanceof Promise) {
      throw new UsageError("running a function with another grad mode: found an asynchronous function", {
        code: "async-grad-mode",
        hint: "The mode ends when the function returns its promise; use it around the synchronous parts.",
      });
    }
    return result;
  } finally {
    gradMode.recording = former;
  }
}
