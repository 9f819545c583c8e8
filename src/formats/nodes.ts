/** The nodes of an unpickled tree, wherever they stand in it: looking at each once, and putting others in their place. */

import type { NodeValue, Value } from "../catalog/value.ts";

function isNode(value: Value | undefined): value is NodeValue {
  return typeof value === "object" && value !== null;
}

/** Puts what a node holds on a stack, the first on top. Keys of dictionaries are left out: no tensor is one. */
function pushHeld(node: NodeValue, stack: NodeValue[]): void {
  const push = (value: Value | undefined): void => {
    if (isNode(value)) stack.push(value);
  };
  switch (node.kind) {
    case "list":
    case "tuple":
    case "set":
      for (let index = node.items.length - 1; index >= 0; index--) push(node.items[index]);
      return;
    case "dict": {
      const first = stack.length;
      for (const { value } of node.items.values()) push(value);
      push(node.attributes);
      node.moreStates?.forEach(push);
      reverseFrom(stack, first);
      return;
    }
    case "object": {
      const first = stack.length;
      for (const value of [node.callable, node.args, node.kwargs]) push(value);
      node.appended?.forEach(push);
      for (const { value } of node.items ?? []) push(value);
      push(node.state);
      node.moreStates?.forEach(push);
      reverseFrom(stack, first);
      return;
    }
    default:
      return;
  }
}

function reverseFrom(stack: NodeValue[], first: number): void {
  for (let low = first, high = stack.length - 1; low < high; low++, high--) {
    const node = stack[low]!;
    stack[low] = stack[high]!;
    stack[high] = node;
  }
}

/** Looks at every node once, in the order of the file; into a node only if `enter` says so. Iterative, bears cycles. */
export function walk(root: Value, enter: (node: NodeValue) => boolean): void {
  const seen = new Set<NodeValue>();
  const stack: NodeValue[] = isNode(root) ? [root] : [];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (enter(node)) pushHeld(node, stack);
  }
}

/** Looks at every node once, in the order of the file. */
export function visitNodes(root: Value, visit: (node: NodeValue) => void): void {
  walk(root, (node) => {
    visit(node);
    return true;
  });
}

/**
 * Puts `replacementOf(node)` in the place of every node for which it is something, and returns the root. It is asked
 * once for each node, in the order of the file; what it puts in place is not looked into.
 *
 * The tree is changed. What calls a class (`callable`, and `args` as a whole) stays as it is.
 *
 * @example
 * replaceNodes(tree, (node) => (node.kind === "persistent" ? storages.get(node) : undefined));
 */
export function replaceNodes(root: Value, replacementOf: (node: NodeValue) => Value | undefined): Value {
  const replacements = new Map<Value, Value>();
  const entered: NodeValue[] = [];
  walk(root, (node) => {
    const replacement = replacementOf(node);
    if (replacement === undefined) {
      entered.push(node);
      return true;
    }
    replacements.set(node, replacement);
    return false;
  });
  if (replacements.size === 0) return root;
  for (const node of entered) replaceHeld(node, (value) => replacements.get(value));
  return replacements.has(root) ? replacements.get(root)! : root;
}

/** Replaces what a node itself holds. */
export function replaceHeld(node: NodeValue, replacementOf: (value: Value) => Value | undefined): void {
  switch (node.kind) {
    case "list":
    case "tuple":
    case "set":
      replaceItems(node.items, replacementOf);
      return;
    case "dict":
      for (const [mapKey, { key, value }] of node.items) {
        const replacement = replacementOf(value);
        if (replacement !== undefined) node.items.set(mapKey, { key, value: replacement });
      }
      return;
    case "object":
      [node.state] = replaceItems([node.state], replacementOf) as [Value];
      replaceItems(node.appended ?? [], replacementOf);
      for (const [index, { key, value }] of (node.items ?? []).entries()) {
        const replacement = replacementOf(value);
        if (replacement !== undefined) node.items![index] = { key, value: replacement };
      }
      return;
    default:
      return;
  }
}

function replaceItems(items: Value[], replacementOf: (value: Value) => Value | undefined): Value[] {
  for (let index = 0; index < items.length; index++) {
    const replacement = replacementOf(items[index]!);
    if (replacement !== undefined) items[index] = replacement;
  }
  return items;
}
