/**
 * One side of the measurement: answers the name of a case on stdin with microseconds a call on stdout, so that sides can
 * take turns. Memory that a case leaves behind is the collector's, as in a program.
 */

import { createInterface } from "node:readline";

/**
 * Microseconds a call, over batches of about a millisecond, after 300 ms of warming up: the lower quartile, as other work
 * on the machine only ever adds to times.
 */
function microseconds(run) {
  const start = performance.now();
  let calls = 0;
  for (; performance.now() - start < 300; calls++) run();
  const batch = Math.max(1, Math.round(calls / 300));
  const times = [];
  for (let k = 0; k < 60; k++) {
    const from = performance.now();
    for (let call = 0; call < batch; call++) run();
    times.push((1000 * (performance.now() - from)) / batch);
  }
  return times.sort((a, b) => a - b)[15];
}

/** Answers until stdin ends; `cases` are functions by name. */
export async function takeTurns(cases) {
  for await (const name of createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = name in cases ? microseconds(cases[name]) : null;
    } catch (error) {
      answer = String(error);
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

/** Test numbers. */
export function filled(count) {
  return Array.from({ length: count }, (_, k) => Math.sin(k));
}
