/** What modules do against what PyTorch's do; `naming.py` records it. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ParascopeError } from "../../src/errors.ts";
import { dictionaries, lists, parameters, sequentials } from "./naming-containers.ts";
import { methodNames } from "./naming-names.ts";
import type { Case } from "./naming-networks.ts";
import { layers, loads, stateDicts, tensors, texts } from "./naming-states.ts";
import { hooks, lookup, modes, registration, walks } from "./naming-walks.ts";

type Outcome = { readonly value: unknown } | { readonly error: string; readonly message: string };

const recorded = JSON.parse(readFileSync(new URL("naming.json", import.meta.url), "utf8")) as {
  readonly cases: Readonly<Record<string, Outcome>>;
};
const cases: Readonly<Record<string, Case>> = {
  ...walks,
  ...registration,
  ...methodNames,
  ...lookup,
  ...modes,
  ...hooks,
  ...stateDicts,
  ...loads,
  ...texts,
  ...tensors,
  ...layers,
  ...sequentials,
  ...lists,
  ...dictionaries,
  ...parameters,
};

/** Numbers that were computed may differ in their last bits. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(5));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rounded(item)]));
}

function outcomeOf(run: Case): Outcome {
  try {
    const value = run() as unknown;
    return { value: value === undefined || typeof value === "function" ? null : value };
  } catch (error) {
    if (!(error instanceof ParascopeError)) throw error;
    return { error: error.torchType ?? error.code, message: error.message };
  }
}

describe("modules do what PyTorch's do", () => {
  it("in every case that was recorded", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(recorded.cases).sort());
  });

  it.each(Object.entries(cases))("%s", (name, run) => {
    expect(rounded(outcomeOf(run))).toEqual(rounded(recorded.cases[name]));
  });
});
