import { describe, expect, test } from "vitest";
import { callDisagreements, golden, networkDisagreements } from "./layers-b-answers.ts";

/** What tells one case from another. */
function title({ args, kw }: { readonly args: readonly unknown[]; readonly kw: object }): string {
  return JSON.stringify([...args, kw])
    .replaceAll('"', "")
    .slice(0, 90);
}

describe("losses and attention give PyTorch's values, gradients and errors", () => {
  test.each(golden.functional.map((each) => [each.fn, title(each), each] as const))(
    "%s %s",
    (_fn, _title, each) => {
      expect(callDisagreements(each)).toEqual([]);
    },
  );
});

describe("layers have PyTorch's parameters, texts, outputs, gradients and errors", () => {
  test.each(golden.modules.map((each, k) => [each.network.cls, title(each.network), k, each] as const))(
    "%s %s #%i",
    (_cls, _title, _k, each) => {
      expect(networkDisagreements(each)).toEqual([]);
    },
  );
});
