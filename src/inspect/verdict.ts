/** The verdict on one class or function that a pickle names. */

import { printable } from "../errors.ts";
import type { GlobalVerdict, VerdictRule } from "./verdict-rules.ts";
import { verdictRules } from "./verdict-rules.ts";

/** A verdict, and the reason for it. */
export interface Judgement {
  readonly verdict: GlobalVerdict;
  /** Continues "because …", without a full stop. */
  readonly reason: string;
}

/** The rules by what they look up: one map each instead of a walk over the list. */
interface RuleIndex {
  readonly names: ReadonlyMap<string, VerdictRule>;
  readonly modules: ReadonlyMap<string, VerdictRule>;
  readonly classesOf: ReadonlyMap<string, VerdictRule>;
  readonly functionsOf: ReadonlyMap<string, VerdictRule>;
}

function indexed(rules: readonly VerdictRule[], field: keyof RuleIndex): Map<string, VerdictRule> {
  const index = new Map<string, VerdictRule>();
  for (const rule of rules) {
    for (const name of rule[field] ?? []) if (!index.has(name)) index.set(name, rule);
  }
  return index;
}

const index: RuleIndex = {
  names: indexed(verdictRules, "names"),
  modules: indexed(verdictRules, "modules"),
  classesOf: indexed(verdictRules, "classesOf"),
  functionsOf: indexed(verdictRules, "functionsOf"),
};

/** `a.b.c`, `a.b`, `a`. */
function* prefixesOf(module: string): Generator<string> {
  for (let end = module.length; end > 0; end = module.lastIndexOf(".", end - 1)) yield module.slice(0, end);
}

/** Characters of the longest module or name that is looked up. Real: 80. Prevents: a million prefixes of a megabyte. */
const longestName = 1000;

function ruleOf(module: string, name: string): VerdictRule | undefined {
  if (module.length > longestName || name.length > longestName) return undefined;
  const exact = index.names.get(`${module}.${name}`);
  if (exact !== undefined) return exact;
  for (const prefix of prefixesOf(module)) {
    const rule = index.modules.get(prefix);
    if (rule !== undefined) return rule;
    const classes = /^_?[A-Z][A-Za-z0-9_]*$/.test(name) ? index.classesOf.get(prefix) : undefined;
    if (classes !== undefined) return classes;
  }
  const isFunction = /(?:^|\.)_*[a-z][^.]*$/.test(name);
  // Of what every program has in reach, the functions are named one by one, and methods reach everything else.
  if (module === "builtins" && isFunction && name.includes(".")) return index.names.get("builtins.getattr");
  return isFunction ? index.functionsOf.get(module.split(".", 1)[0]!) : undefined;
}

/** Parts of a dotted name that are looked at. Real: 3. Prevents: quadratic work for a name of a million dots. */
const mostParts = 32;

/** What a file says that asks for a name which is no text. */
const noText: Judgement = {
  verdict: "dangerous",
  reason: "its module or name is no text, which Python refuses and which is made to mislead scanners",
};

const noName: Judgement = {
  verdict: "dangerous",
  reason: "its name is longer than any real one, which is made to mislead scanners",
};

/**
 * What is known of a class or function by its name alone.
 *
 * A name with dots is a walk through attributes, in which any module that was imported can be reached: it is judged by
 * every part of the walk (`torch` and `serialization.os.system` is `os.system`).
 *
 * @example
 * judge("posix", "system"); // { verdict: "dangerous", reason: "it runs programs or …" }
 * judge("torch._utils", "_rebuild_tensor_v2").verdict; // "allowed"
 */
export function judge(module: string, name: string): Judgement {
  if (module === "?" || name === "?") return noText;
  if (module === "copyreg" && name.startsWith("extension ")) {
    return { verdict: "unknown", reason: "a number of Python's extension registry stands for its name" };
  }
  const direct = ruleOf(module, name);
  if (direct !== undefined) return { verdict: direct.verdict, reason: direct.reason };
  const walked = name.includes(".") ? dangerInWalk(module, name) : undefined;
  if (walked !== undefined)
    return { verdict: "dangerous", reason: `it leads to ${printable(walked.name)}: ${walked.rule.reason}` };
  if (name.length > longestName || name.split(".", mostParts + 1).length > mostParts) return noName;
  const plain = lookAlike(module, name);
  if (plain !== null) {
    const rule = ruleOf(plain.module, plain.name);
    if (rule?.verdict === "dangerous") {
      return { verdict: "dangerous", reason: `it is written to look like ${plain.module}.${plain.name}` };
    }
    return { verdict: "unknown", reason: "nothing is known of it, and it has characters beyond ASCII" };
  }
  return {
    verdict: "unknown",
    reason: "nothing is known of it; loading the file in Python imports its module",
  };
}

function dangerInWalk(
  module: string,
  name: string,
): { readonly name: string; readonly rule: VerdictRule } | undefined {
  const parts = name.split(".", mostParts);
  const [start = ""] = parts;
  const origin = ruleOf(module, start);
  if (origin?.verdict === "dangerous") return { name: `${module}.${start}`, rule: origin };
  for (let first = 0; first < parts.length; first++) {
    const rest = parts.slice(first);
    const last = rest.pop() ?? "";
    const rule = rest.length === 0 ? ruleOf("builtins", last) : ruleOf(rest.join("."), last);
    // A class may have a method called like a harmless function that everybody has: `print`.
    const isOwn = rest.length === 0 && rule?.functionsOf !== undefined;
    if (rule?.verdict === "dangerous" && !isOwn) return { name: [...rest, last].join("."), rule };
  }
  return undefined;
}

/** Letters of other scripts, and the Latin ones they look like. Source: Unicode's confusables.txt, Cyrillic and Greek. */
const confusables: ReadonlyMap<string, string> = new Map(
  [..."аеорсухѕіјԁһӏԛԝοανρικτυ"].map((letter, place) => [letter, "aeopcyxsijdhlqwoavpiktu"[place]!]),
);

/** A name with the characters that only look like ASCII replaced; null where there are none beyond ASCII. */
function lookAlike(module: string, name: string): { readonly module: string; readonly name: string } | null {
  if (/^[\x21-\x7e]*$/.test(module + name)) return null;
  const plain = (text: string): string =>
    Array.from(text.normalize("NFKC"), (character) => confusables.get(character) ?? character)
      .join("")
      .replaceAll(/[^\x21-\x7e]/g, "");
  return { module: plain(module), name: plain(name) };
}
