/** The tree of modules: what the file records of them, filled up with what the names of its entries tell. */

import { parentModule } from "../name.ts";
import type { ModuleFacts } from "./catalog.ts";

interface Node {
  facts: ModuleFacts;
  readonly children: Node[];
}

/**
 * Levels and characters up to which a name's parents become modules. Real: 20 levels, 200 characters. Prevents: one
 * name of a million dots, whose parents would take the square of its length.
 */
const maxLevels = 500;
const maxNameLength = 10_000;

/**
 * All modules, parents before children and the outermost, `""`, first: those recorded, in their order, and then those
 * that only the names of entries tell of, in the order of the entries.
 *
 * @example
 * moduleTree([], ["a.b", ""]).map(({ name }) => name); // ["", "a", "a.b"]
 */
export function moduleTree(recorded: readonly ModuleFacts[], named: Iterable<string>): ModuleFacts[] {
  const root: Node = { facts: { name: "", class: null, training: null }, children: [] };
  const nodes = new Map<string, Node>([["", root]]);

  const add = (name: string, parent: Node): Node => {
    const node: Node = { facts: { name, class: null, training: null }, children: [] };
    nodes.set(name, node);
    parent.children.push(node);
    return node;
  };
  const nodeOf = (name: string): Node => {
    const known = nodes.get(name);
    if (known !== undefined) return known;
    // Climb to a parent that is known, then make the nodes on the way back.
    const way = [name];
    let parent: Node | undefined;
    for (let above = parentModule(name); above !== null; above = parentModule(above)) {
      parent = nodes.get(above);
      if (parent !== undefined || way.length > maxLevels || name.length > maxNameLength) break;
      way.push(above);
    }
    return way.reduceRight((node, step) => add(step, node), parent ?? root);
  };

  for (const facts of recorded) {
    const node = nodeOf(facts.name);
    node.facts = {
      name: facts.name,
      class: facts.class ?? node.facts.class,
      training: facts.training ?? node.facts.training,
    };
  }
  for (const name of named) nodeOf(name);

  const modules: ModuleFacts[] = [];
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    modules.push(node.facts);
    for (let child = node.children.length - 1; child >= 0; child -= 1) open.push(node.children[child]!);
  }
  return modules;
}
