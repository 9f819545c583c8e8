/** The nodes of an unpickled tree, wherever they stand in it: looking at each once, and putting others in their place. */

import type { NodeValue, Value } from "../catalog/value.ts";

/** A place in the tree that holds a node; `put` is null where nothing else can be put. */
interface Reference {
  readonly value: NodeValue;
  readonly put: ((value: Value) => void) | null;
}

function isNode(value: Value | undefined): value is NodeValue {
  return typeof value === "object" && value !== null;
}

/** The items of an array of values. */
function itemReferences(items: Value[], found: Reference[]): void {
  for (const [index, value] of items.entries()) {
    if (!isNode(value)) continue;
    found.push({
      value,
      put: (other) => {
        items[index] = other;
      },
    });
  }
}

/** Places that are looked into, and keep what they hold. */
function fixedReferences(values: readonly (Value | undefined)[], found: Reference[]): void {
  for (const value of values) if (isNode(value)) found.push({ value, put: null });
}

/** The places inside a node. Keys of dictionaries are left alone: no tensor is one. */
function referencesOf(node: NodeValue): Reference[] {
  const found: Reference[] = [];
  switch (node.kind) {
    case "list":
    case "tuple":
    case "set":
      itemReferences(node.items, found);
      break;
    case "dict":
      for (const [mapKey, { key, value }] of node.items) {
        if (!isNode(value)) continue;
        found.push({ value, put: (other) => void node.items.set(mapKey, { key, value: other }) });
      }
      fixedReferences([node.attributes, ...(node.moreStates ?? [])], found);
      break;
    case "object":
      fixedReferences([node.callable, node.args, node.kwargs, ...(node.moreStates ?? [])], found);
      if (isNode(node.state)) {
        found.push({
          value: node.state,
          put: (other) => {
            node.state = other;
          },
        });
      }
      itemReferences(node.appended ?? [], found);
      for (const [index, { key, value }] of (node.items ?? []).entries()) {
        if (!isNode(value)) continue;
        found.push({
          value,
          put: (other) => {
            node.items![index] = { key, value: other };
          },
        });
      }
      break;
    default:
      break;
  }
  return found;
}

/**
 * Puts `replacementOf(node)` in the place of every node for which it is something, and returns the root. It is asked
 * once for each node, in the order of the file; what it puts in place is not looked into. Iterative, and bears cycles.
 *
 * The tree is changed. What calls a class (`callable`, and `args` as a whole) stays as it is.
 */
export function replaceNodes(root: Value, replacementOf: (node: NodeValue) => Value | undefined): Value {
  const replacements = new Map<NodeValue, Value | undefined>();
  let result = root;
  const open: Reference[] = [];
  if (isNode(root)) open.push({ value: root, put: (other) => void (result = other) });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, put } = next;
    const isKnown = replacements.has(value);
    const replacement = isKnown ? replacements.get(value) : replacementOf(value);
    if (replacement !== undefined) put?.(replacement);
    if (isKnown) continue;
    replacements.set(value, replacement);
    if (replacement === undefined) open.push(...referencesOf(value).toReversed());
  }
  return result;
}

/** Looks at every node once, in the order of the file. */
export function visitNodes(root: Value, visit: (node: NodeValue) => void): void {
  replaceNodes(root, (node) => void visit(node));
}
