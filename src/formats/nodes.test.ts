import { describe, expect, it } from "vitest";
import type { ListValue, NodeValue, Value } from "../catalog/value.ts";
import { pyFloat } from "../catalog/value.ts";
import { unpickle } from "../pickle/machine.ts";
import type { Pickled } from "../../test/fixtures/pickle-builder.ts";
import { pickleOf } from "../../test/fixtures/pickle-builder.ts";
import { replaceNodes, visitNodes } from "./nodes.ts";

const read = (value: Pickled): Value => unpickle(pickleOf(value)).value;
const id = (key: string): Pickled => ({ persistent: key });

/** A tree with an id in every kind of place. */
const everywhere: Pickled = new Map<Pickled, Pickled>([
  ["list", [id("a"), { tuple: [id("b")] }]],
  ["call", { call: { global: ["m", "f"] }, args: [id("c")], state: new Map([["x", id("d")]]) }],
  ["class", { make: id("f"), state: new Map() }],
  ["state", { make: { global: ["m", "C"] }, state: id("e") }],
  ["last", id("g")],
]);

function idsOf(tree: Value): unknown[] {
  const ids: unknown[] = [];
  visitNodes(tree, (node) => {
    if (node.kind === "persistent") ids.push(node.id);
  });
  return ids;
}

describe("visitNodes", () => {
  it("finds what stands in any place, in the order of the file", () => {
    expect(idsOf(read(everywhere))).toEqual(["a", "b", "c", "d", "f", "e", "g"]);
  });

  it("looks at a shared node once, and bears cycles and depth", () => {
    const list: ListValue = { kind: "list", items: [] };
    list.items.push(list, list);
    let count = 0;
    visitNodes(list, () => count++);
    expect(count).toBe(1);
    let deep: Value = list;
    for (let level = 0; level < 200_000; level++) deep = { kind: "list", items: [deep] };
    count = 0;
    visitNodes(deep, () => count++);
    expect(count).toBe(200_001);
  });
});

describe("replaceNodes", () => {
  const replacementOf = (node: NodeValue): Value | undefined =>
    node.kind === "persistent" ? pyFloat(1) : undefined;

  it("replaces in every place but that of a class", () => {
    const tree = read(everywhere);
    expect(replaceNodes(tree, replacementOf)).toBe(tree);
    expect(idsOf(tree)).toEqual(["f"]);
  });

  it("replaces the root", () => {
    expect(replaceNodes(read(id("a")), replacementOf)).toEqual(pyFloat(1));
  });

  it("does not look into what it puts in place, which may hold what it replaces", () => {
    const tree = read([id("a")]);
    replaceNodes(tree, (node) => (node.kind === "persistent" ? { kind: "tuple", items: [node] } : undefined));
    expect(tree).toEqual({
      kind: "list",
      items: [{ kind: "tuple", items: [{ kind: "persistent", id: "a" }] }],
    });
  });

  it("puts one replacement in all places of a shared node", () => {
    const shared: Value = { kind: "persistent", id: "a" };
    const tree: ListValue = { kind: "list", items: [shared, { kind: "list", items: [shared] }] };
    replaceNodes(tree, () => undefined);
    replaceNodes(tree, (node) => (node === shared ? { kind: "tuple", items: [] } : undefined));
    expect((tree.items[1] as ListValue).items[0]).toBe(tree.items[0]);
  });
});
