/**
 * How long work takes, by the time of the processor, for tests that bound it: they hold against work that grows out of
 * proportion, and must not depend on what else the machine does.
 */

/** Milliseconds of the processor that this process has used. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
