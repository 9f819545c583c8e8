/**
 * The kind `load_state_dict`: edits of a network's own state dict, which is then loaded: the names that are returned and
 * the first values afterwards, or the error. After an error the values are the network's own: nothing was changed.
 */

import type { Scalar } from "../../../src/dtype.ts";
import { IncompatibleKeys } from "../../../src/nn/index.ts";
import type { Module, StateDict } from "../../../src/nn/index.ts";
import { manualSeed } from "../../../src/tensor/random/index.ts";
import { isTensor } from "../../../src/tensor/tensor.ts";
import { asList, asRecord, asText, CaseError, decodeSeed } from "../case-data.ts";
import type { Kind } from "../kind.ts";
import { networkOf, tensorOf } from "../network.ts";
import { Comparison, outcomeOf } from "../outcome.ts";

/** How many values of a tensor the cases write down. */
const headLength = 6;

/** The kind `load_state_dict`. */
export const loadStateDict: Kind = {
  name: "load_state_dict",
  check(given) {
    manualSeed(decodeSeed(given["seed"]));
    const net = networkOf(given["net"]);
    const own = net.stateDict();
    for (const edit of asList(given["edits"], "edits")) applyEdit(own, asList(edit, "an edit"));
    const state = given["keep_metadata"] === false ? new Map(own) : own;
    const before = headsOf(net);
    const expected = asRecord(given["result"], "result");
    const comparison = new Comparison();
    const options = { strict: given["strict"] !== false, assign: given["assign"] === true };
    const found = outcomeOf(() => String(net.loadStateDict(state, options)));
    if (expected["error"] !== undefined) {
      const error = `${asText(expected["error"], "error")}: ${asText(expected["message"], "message")}`;
      comparison.equal("error", error, found);
      comparison.equal("values after a failed load", before, headsOf(net));
      return comparison.mismatches;
    }
    const { ok } = expected;
    const returned = typeof ok === "string" ? ok : String(returnedKeys(ok));
    comparison.equal("returned names", returned, found);
    if (expected["after"] !== undefined) comparison.equal("values", expected["after"], headsOf(net));
    return comparison.mismatches;
  },
};

/** The missing and the unexpected names, as a pair or by PyTorch's names for them. */
function returnedKeys(ok: unknown): IncompatibleKeys {
  const names = (value: unknown): string[] => asList(value, "names").map((name) => asText(name, "a name"));
  if (ok === null || ok === undefined) return new IncompatibleKeys([], []);
  if (Array.isArray(ok)) return new IncompatibleKeys(names(ok[0]), names(ok[1]));
  const keys = asRecord(ok, "ok");
  return new IncompatibleKeys(
    names(keys["missing_keys"] ?? keys["missing"]),
    names(keys["unexpected_keys"] ?? keys["unexpected"]),
  );
}

function applyEdit(state: StateDict, [action, name, value]: readonly unknown[]): void {
  const values = state as Map<string, unknown>;
  switch (action) {
    case "set":
      values.set(asText(name, "a name"), tensorOf(value));
      return;
    case "set_list":
      values.set(asText(name, "a name"), asList(value, "a list"));
      return;
    case "del":
      values.delete(asText(name, "a name"));
      return;
    case "rename": {
      const held = values.get(asText(name, "a name"));
      values.delete(asText(name, "a name"));
      values.set(asText(value, "a name"), held);
      return;
    }
    case "clear":
      values.clear();
      return;
    default:
      throw new CaseError(`an edit is ${JSON.stringify(action)}, which is none of the known ones`);
  }
}

/** The first values of each tensor of the state dict. */
function headsOf(net: Module): unknown[] {
  return Array.from(net.stateDict(), ([name, tensor]) => {
    if (!isTensor(tensor)) return [name, tensor];
    const values = tensor.reshape(-1).tolist() as Scalar[];
    return [name, values.slice(0, headLength).map(encoded)];
  });
}

/** An element as case files write it, as far as JSON needs it. */
function encoded(value: Scalar): unknown {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "object" ? [value.re, value.im] : value;
}
