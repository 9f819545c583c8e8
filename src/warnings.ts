/**
 * Warnings: what PyTorch says by Python's `warnings`. Here each text goes to the console once, unless a handler is set.
 */

/** Python's classes of warnings that are given here. */
export type WarningCategory = "UserWarning" | "FutureWarning" | "DeprecationWarning";

/** Gets every warning, as often as it is given. */
export type WarningHandler = (message: string, category: WarningCategory) => void;

const said = new Set<string>();

function sayOnce(message: string, category: WarningCategory): void {
  if (said.has(message)) return;
  said.add(message);
  console.warn(`${category}: ${message}`);
}

let handler: WarningHandler = sayOnce;

/**
 * Sends warnings to a function of yours; null puts the default back, which prints each text once. Gives the handler
 * that was set before, null for the default.
 *
 * @example
 * setWarningHandler((message) => log.push(message));
 */
export function setWarningHandler(next: WarningHandler | null): WarningHandler | null {
  const former = handler === sayOnce ? null : handler;
  handler = next ?? sayOnce;
  return former;
}

/** Warns, in PyTorch's words. */
export function warn(message: string, category: WarningCategory = "UserWarning"): void {
  handler(message, category);
}
