/**
 * Pickles in bytes that no format accounts for: behind an archive, after STOP, between records. Bounded work, whatever
 * the bytes are; what is found only counts when it reads as a pickle to its end, or names what does harm.
 */

import { judge } from "../inspect/verdict.ts";
import type { Limits } from "../limits.ts";
import type { Survey } from "../pickle/survey.ts";
import { surveyPickle } from "../pickle/survey.ts";
import { latin1 } from "../pickle/text.ts";
import type { ScanBudget } from "./scan-budget.ts";

/** A pickle, and where it begins in the bytes that were searched. */
export interface HuntedPickle {
  readonly start: number;
  readonly survey: Survey;
}

/** Opcodes that one attempt may take: among random bytes one in 16 384 looks like a beginning. */
const valuesPerAttempt = 20_000;

/** What an attempt costs beside its bytes, and each name in it, counted in bytes: 15 µs at most. */
const attemptBytes = 1024;

/** A text as protocols 2 and 4 write it, and what may follow it: the opcode that remembers it. */
const text = String.raw`(?:\x8c[^]|X[^]\0\0\0)[A-Za-z_][\w.]{0,100}(?:\x94|q[^])?`;

/** Where a pickle may begin: its protocol, the opcodes GLOBAL and INST with two lines of names, or two texts for STACK_GLOBAL. */
const beginning = new RegExp(
  String.raw`\x80[\x02-\x05]|[ci][A-Za-z_][\w.]{0,100}\n[A-Za-z_][\w.]{0,100}\n|${text}${text}\x93`,
  "g",
);

/** Bytes that are searched at a time, as a text; they overlap by what a beginning takes. */
const stepByteLength = 2 ** 20;
const overlap = 256;

/** Whether a survey of bytes that may be anything is of a pickle. */
export function isPickle({ fault, globals }: Survey): boolean {
  return (
    (fault === null && globals.length > 0) ||
    globals.some(({ module, name }) => judge(module, name).verdict === "dangerous")
  );
}

/**
 * The pickles in `bytes`, in their order. Ends early when too much was read in vain; `isComplete` tells.
 *
 * @example
 * for (const { start } of huntPickles(bytes, limits, budget).found) console.log(start);
 */
export function huntPickles(
  bytes: Uint8Array,
  limits: Limits,
  budget: ScanBudget,
): { readonly found: readonly HuntedPickle[]; readonly isComplete: boolean } {
  const found: HuntedPickle[] = [];
  const attempt = { ...limits, pickleValues: Math.min(limits.pickleValues, valuesPerAttempt) };
  let next = 0;
  for (let step = 0; step < bytes.length; step += stepByteLength) {
    const text = latin1(bytes.subarray(step, step + stepByteLength + overlap));
    for (const { index } of text.matchAll(beginning)) {
      const start = step + index;
      if (start < next) continue;
      if (!budget.hasPatience) return { found, isComplete: false };
      const survey = surveyPickle(bytes, { start, limits: attempt });
      if (isPickle(survey)) {
        found.push({ start, survey });
        next = Math.max(survey.end, start + 1);
        continue;
      }
      budget.spendInVain(attemptBytes * (1 + survey.globals.length) + survey.end - start);
    }
  }
  return { found, isComplete: true };
}
