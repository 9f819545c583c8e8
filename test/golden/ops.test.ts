import { describe, expect, test } from "vitest";
import { families } from "../../src/ops/methods.ts";
import { answersFor, disagreements } from "./op-answers.ts";
import { opCases } from "./ops-requests.ts";

describe.each(Object.keys(families))(
  "PyTorch's outputs, gradients, node names and refusals: %s",
  (family) => {
    const answers = answersFor(family);
    test.each(opCases(family).map((each) => [each.request.id, each] as const))("%s", (id, each) => {
      const answer = answers.get(id) ?? { id, error: "no golden: run test/golden/ops.py again" };
      expect(disagreements(each, answer)).toEqual([]);
    });
  },
);
