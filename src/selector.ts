/**
 * Selectors: the one language for choosing names, everywhere (lists, freezing, parameter groups, edits).
 *
 * A selector is a glob over whole names or a `/regular expression/`:
 *
 *     fc1.weight          the name itself
 *     *                   any characters within one part; parts end at "." and "/"
 *     **                  any characters at all
 *     **.bias             ** and a separator at the start of a part: any number of parts, also none, so `bias` too
 *     layer?.weight       ? is one character, not a separator
 *     layer[0-3].weight   one of a set; [!0-3] or [^0-3] one outside it; never a separator
 *     {fc1,fc2}.weight    alternatives, which may nest
 *     \*                  the character itself
 *     /\.(q|k)_proj\./i   a regular expression, matched anywhere in the name
 *
 * Globs run in time proportional to name times pattern, whatever the pattern: they become a small machine of steps that
 * follows all readings at once (Thompson's construction) and never goes back.
 */

import { quote, UsageError } from "./errors.ts";

/** Steps of a compiled glob. A step that tests a character goes on to the next step when the test holds. */
type Step =
  | { readonly op: "character"; readonly test: (character: string) => boolean }
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "jump"; to: number };

/** An open `{`: the split that leads to its newest alternative, and the jumps that leave finished ones. */
interface Group {
  readonly position: number;
  readonly opensPart: boolean;
  split: { first: number; second: number };
  readonly exits: { to: number }[];
}

function isSeparator(character: string): boolean {
  return character === "." || character === "/";
}

function isInsidePart(character: string): boolean {
  return !isSeparator(character);
}

function malformed(pattern: string, position: number, what: string, hint: string): UsageError {
  return new UsageError(`pattern ${quote(pattern)}: ${what} at character ${position + 1}`, {
    code: "bad-pattern",
    hint,
  });
}

/** The set that opens at `start` (a `[`): its test and the index after its `]`. */
function parseSet(
  pattern: string,
  characters: readonly string[],
  start: number,
): { test: (character: string) => boolean; end: number } {
  const close = "Close the set with ], or write \\[ for the character itself.";
  let at = start + 1;
  const negated = characters[at] === "!" || characters[at] === "^";
  if (negated) at++;
  const ranges: { low: string; high: string }[] = [];
  const next = (): string => {
    if (characters[at] === "\\") at++;
    const character = characters[at++];
    if (character === undefined) throw malformed(pattern, start, "a set is opened and not closed", close);
    return character;
  };
  // A "]" that comes first stands for itself, as in every shell.
  for (let first = true; first || characters[at] !== "]"; first = false) {
    const position = at;
    const low = next();
    let high = low;
    if (characters[at] === "-" && characters[at + 1] !== "]" && characters[at + 1] !== undefined) {
      at++;
      high = next();
    }
    if (low.codePointAt(0)! > high.codePointAt(0)!) {
      throw malformed(pattern, position, "a range runs backwards", `Write ${high}-${low}.`);
    }
    ranges.push({ low, high });
  }
  const holds = (character: string): boolean => {
    const code = character.codePointAt(0)!;
    return ranges.some(({ low, high }) => low.codePointAt(0)! <= code && code <= high.codePointAt(0)!);
  };
  return { test: (character) => isInsidePart(character) && holds(character) !== negated, end: at + 1 };
}

/** Turns a glob into steps; the index after the last step is the accepting state. */
function compile(pattern: string): Step[] {
  const characters = [...pattern];
  const steps: Step[] = [];
  const groups: Group[] = [];
  const test = (holds: (character: string) => boolean): void => {
    steps.push({ op: "character", test: holds });
  };
  const split = (): { first: number; second: number } => {
    const step = { op: "split" as const, first: steps.length + 1, second: -1 };
    steps.push(step);
    return step;
  };
  const jump = (to: number): { to: number } => {
    const step = { op: "jump" as const, to };
    steps.push(step);
    return step;
  };
  const repeat = (holds: (character: string) => boolean): void => {
    const loop = steps.length;
    const leave = split();
    test(holds);
    jump(loop);
    leave.second = steps.length;
  };
  let opensPart: boolean = true;
  for (let at = 0; at < characters.length;) {
    const position = at;
    const character = characters[at++]!;
    const opened: boolean = opensPart;
    opensPart = false;
    switch (character) {
      case "*": {
        if (characters[at] !== "*") {
          repeat(isInsidePart);
          break;
        }
        while (characters[at] === "*") at++;
        const separator = characters[at];
        if (!opened || separator === undefined || !isSeparator(separator)) {
          repeat(() => true);
          break;
        }
        at++;
        const none = split();
        repeat(() => true);
        // Before a dot it crosses levels like any `**`: `**.bias` finds `state_dict/bias`. A slash asks for a slash.
        test(separator === "." ? isSeparator : (found) => found === "/");
        none.second = steps.length;
        opensPart = true;
        break;
      }
      case "?":
        test(isInsidePart);
        break;
      case "[": {
        const set = parseSet(pattern, characters, position);
        test(set.test);
        at = set.end;
        break;
      }
      case "{":
        groups.push({ position, opensPart: opened, split: split(), exits: [] });
        opensPart = opened;
        break;
      case ",":
      case "}": {
        const group = groups.at(-1);
        if (group === undefined) {
          if (character === "}") {
            throw malformed(pattern, position, "} closes nothing", "Write \\} for the character itself.");
          }
          test((found) => found === character);
          break;
        }
        if (character === ",") {
          group.exits.push(jump(-1));
          group.split.second = steps.length;
          group.split = split();
          opensPart = group.opensPart;
          break;
        }
        group.split.second = group.split.first;
        for (const exit of group.exits) exit.to = steps.length;
        groups.pop();
        break;
      }
      case "\\": {
        const literal = characters[at++];
        if (literal === undefined) {
          throw malformed(pattern, position, "\\ escapes nothing", "Write \\\\ for the character itself.");
        }
        test((found) => found === literal);
        opensPart = isSeparator(literal);
        break;
      }
      default:
        test((found) => found === character);
        opensPart = isSeparator(character);
    }
  }
  const open = groups.at(-1);
  if (open !== undefined) {
    const hint = "Close the alternatives with }, or write \\{ for the character itself.";
    throw malformed(pattern, open.position, "{ is opened and not closed", hint);
  }
  return steps;
}

/** Follows all readings of `name` at once. `marks` remembers which steps the current character already reached. */
function run(steps: readonly Step[], marks: Int32Array, name: string): boolean {
  marks.fill(-1);
  let current: number[] = [];
  const pending: number[] = [];
  const reach = (start: number, into: number[], generation: number): void => {
    pending.push(start);
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (marks[at] === generation) continue;
      marks[at] = generation;
      const step = steps[at];
      if (step === undefined || step.op === "character") into.push(at);
      else if (step.op === "jump") pending.push(step.to);
      else pending.push(step.second, step.first);
    }
  };
  let generation = 0;
  reach(0, current, generation);
  for (const character of name) {
    generation++;
    const following: number[] = [];
    for (const at of current) {
      const step = steps[at];
      if (step?.op === "character" && step.test(character)) reach(at + 1, following, generation);
    }
    if (following.length === 0) return false;
    current = following;
  }
  return current.includes(steps.length);
}

function regularExpression(pattern: string): RegExp {
  const end = pattern.lastIndexOf("/");
  if (end === 0) {
    const hint = "Close it with /, or write \\/ where a name itself begins with a slash.";
    throw malformed(pattern, 0, "a regular expression is opened and not closed", hint);
  }
  const flags = pattern.slice(end + 1);
  if (!/^[imsuv]*$/.test(flags)) {
    throw malformed(
      pattern,
      end + 1,
      `the flags ${quote(flags)} are not understood`,
      "Flags are i, m, s, u and v.",
    );
  }
  try {
    return new RegExp(pattern.slice(1, end), flags);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`pattern ${quote(pattern)}: ${reason}`, {
      code: "bad-pattern",
      hint: "The text between the slashes is a JavaScript regular expression.",
      cause,
    });
  }
}

/**
 * Turns a pattern into a test of names; see the top of this file for the language. Every name selects itself, also when
 * it has characters that mean something in a pattern.
 *
 * Throws: `UsageError` with the position, for a pattern that is not well formed.
 *
 * @example
 * const isBias = selector("**.bias");
 * isBias("encoder.0.bias"); // true
 * isBias("encoder.0.weight"); // false
 */
export function selector(pattern: string): (name: string) => boolean {
  if (pattern.startsWith("/")) {
    const expression = regularExpression(pattern);
    return (name) => expression.test(name);
  }
  const steps = compile(pattern);
  const marks = new Int32Array(steps.length + 1);
  return (name) => name === pattern || run(steps, marks, name);
}
