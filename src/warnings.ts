/**
 * Warnings: what PyTorch says by Python's `warnings`. Here each text goes to the console once, unless a handler is set.
 */

/** Gets every warning, as often as it is given. */
export type WarningHandler = (message: string) => void;

const said = new Set<string>();

function sayOnce(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console.warn(`UserWarning: ${message}`);
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
export function warn(message: string): void {
  handler(message);
}
