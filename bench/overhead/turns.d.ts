/** Answers the names of cases on stdin with microseconds a call on stdout, until stdin ends. */
export function takeTurns(cases: Readonly<Record<string, () => unknown>>): Promise<void>;

/** Test numbers. */
export function filled(count: number): number[];
