/**
 * The tensors in an unpickled tree: every one at every path that leads to it, with the modules around them.
 *
 * Shared by all formats that hold a pickle. The walk is iterative, and bears cycles and values that are shared any
 * number of times. The tree itself is changed: where a tensor was made, a leaf refers to its entry.
 */

import type { ModuleFacts, Notice } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import type { NodeValue, ObjectValue, Value } from "../catalog/value.ts";
import { LimitError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import { constructionOf, isKind, qualifiedName } from "../pickle/globals.ts";
import type { ModuleRecord } from "../pickle/module.ts";
import { moduleOf } from "../pickle/module.ts";
import { quantizedConvolution } from "./quantized-convolution.ts";
import type { TensorReading } from "../pickle/tensor-record.ts";
import type { TorchReader } from "../pickle/torch.ts";
import { levelOf } from "./level.ts";
import type { StorageCheck } from "./pickled-entry.ts";
import { entryOf, entryOfStorage } from "./pickled-entry.ts";
import { PickledFindings } from "./pickled-notices.ts";
import type { KindFacts } from "./state-dict.ts";
import { itemOf, kindOf, metadataModules, surroundingsOf } from "./state-dict.ts";
import type { Place, Visit } from "./visit.ts";
import { attributesOf, pathOf, replaceIn, sizeOf, visitsOf } from "./visit.ts";

/** What the format knows that holds the pickle. */
export interface PickledContext {
  readonly torch: TorchReader;
  readonly limits: Limits;
  /** Compares a storage that the pickle names with the file. */
  readonly check: StorageCheck;
  /** What the format knows of tensors, by the values that make them; of others their places tell. */
  readonly kinds?: ReadonlyMap<Value, KindFacts> | undefined;
}

/** What was found in a pickle. */
export interface PickledTree {
  readonly entries: readonly Entry[];
  readonly root: Value;
  /** The modules of which the pickle tells, parents before children; names of entries may imply more. */
  readonly modules: readonly ModuleFacts[];
  readonly notices: readonly Notice[];
  /** The values that made the entries, by index: leaves stand in their places. */
  readonly made: readonly Value[];
}

/**
 * Lists the tensors of an unpickled tree, in the order in which the file has them; of a whole module in the order of
 * its `state_dict()`: parameters, buffers, then children.
 *
 * Throws: `LimitError` for more tensors than `limits.entries`.
 */
export function listPickled(root: Value, context: PickledContext): PickledTree {
  const walk = new Walk(root, context);
  walk.run();
  const { entries, root: listed, modules, made, findings } = walk;
  return { entries, root: listed, modules, made, notices: findings.notices() };
}

/**
 * Values that are looked at again because another path leads to their container too. Real: a state dict saved under
 * two names, 90 000 tensors. Prevents: 30 lists, each twice in the next, as a billion paths.
 */
const maxRepeats = 200_000;

/** Containers, or modules, inside each other. Real: 20. Prevents: paths whose length is that of the file. */
const maxDepth = 100;

/** A module to look at. `prefix` is its dotted name inside the module that was saved, with a dot at its end. */
interface ModuleVisit {
  readonly module: ModuleRecord;
  readonly value: ObjectValue;
  readonly base: Path;
  readonly prefix: string;
  readonly depth: number;
  /** Takes the attributes of all modules, which are looked at after the last of them. */
  readonly attributes: Visit[];
}

class Walk {
  readonly entries: Entry[] = [];
  readonly modules: ModuleFacts[] = [];
  readonly made: Value[] = [];
  readonly findings: PickledFindings = new PickledFindings();
  root: Value;
  readonly #context: PickledContext;
  /** What is still to do, the next on top: a step, or values to look at one after another. */
  readonly #steps: ((() => void) | Iterator<Visit>)[] = [];
  /** The containers that lead to the present one: meeting one of them again is a cycle. */
  readonly #open: Set<Value> = new Set();
  readonly #seen: Set<Value> = new Set();
  /** How a leaf gets to its place, by entry. */
  readonly #leaves: Visit["replace"][] = [];
  #repeats = 0;

  constructor(root: Value, context: PickledContext) {
    this.root = root;
    this.#context = context;
  }

  run(): void {
    this.#visit({
      value: this.root,
      container: { path: [], surroundings: "none", isAttribute: false },
      level: null,
      replace: (leaf) => {
        this.root = leaf;
      },
    });
    for (let step = this.#steps.at(-1); step !== undefined; step = this.#steps.at(-1)) {
      if (typeof step === "function") {
        this.#steps.pop();
        step();
      } else {
        const next = step.next();
        if (next.done === true) this.#steps.pop();
        else this.#visit(next.value);
      }
    }
    // A container at two paths has one leaf for each of its tensors: that of its first path, put there last.
    for (let entry = this.#leaves.length - 1; entry >= 0; entry -= 1) {
      this.#leaves[entry]!({ kind: "tensor", entry });
    }
  }

  #visit(visit: Visit): void {
    const { value, container } = visit;
    if (typeof value !== "object" || value === null) return;
    if (container.isAttribute && this.#seen.has(value)) return;
    const { torch } = this.#context;
    const path = pathOf(visit);
    if (value.kind === "object") {
      const reading = torch.tensor(value);
      if (reading !== undefined) {
        const known = this.#context.kinds?.get(value);
        const facts = reading.record && (known ?? kindOf(reading.record, path, container.surroundings));
        this.#tensor(value, reading, path, facts, visit.replace);
        return;
      }
      const module = moduleOf(value);
      if (module !== undefined) {
        this.#wholeModule(module, value, path);
        return;
      }
      if (torch.array(value) !== undefined) {
        this.findings.arrays.push(joinPath(path));
        return;
      }
    }
    if (value.kind === "persistent") this.#storage(visit, path);
    else this.#container(value, { ...container, path });
  }

  #tensor(
    value: Value,
    reading: TensorReading,
    path: Path,
    facts: KindFacts | null,
    replace: Visit["replace"],
    module: string | null = null,
  ): void {
    this.#seen.add(value);
    if (reading.record === null || facts === null) {
      this.findings.refused.push({ name: joinPath(path), reason: reading.refused ?? "" });
      return;
    }
    const placing = { index: this.#nextIndex(), path, module, ...facts };
    this.#add(entryOf(reading.record, placing, this.#context.check), value, replace);
  }

  #storage(visit: Visit, path: Path): void {
    const reading = this.#context.torch.storage(visit.value);
    if (reading === undefined) return;
    if (reading.storage === null) {
      this.findings.refused.push({ name: joinPath(path), reason: reading.refused });
      return;
    }
    const kind =
      visit.container.surroundings === "optimizer"
        ? ({ kind: "optimizer-state", kindFrom: "inferred" } as const)
        : ({ kind: "tensor", kindFrom: "unknown" } as const);
    const placing = { index: this.#nextIndex(), path, module: null, requiresGrad: null, ...kind };
    this.#add(entryOfStorage(reading, placing, this.#context.check), visit.value, visit.replace);
  }

  #nextIndex(): number {
    const { entries } = this.#context.limits;
    if (this.entries.length >= entries) {
      throw new LimitError(`listing the tensors of a pickle: more than ${entries}`, {
        code: "entries-limit",
        hint: "If you trust the file, raise limits.entries.",
      });
    }
    return this.entries.length;
  }

  #add(entry: Entry, made: Value, replace: Visit["replace"]): void {
    this.entries.push(entry);
    this.made.push(made);
    this.#leaves.push(replace);
  }

  /** Whether a container is to be walked: not inside itself, not too deep, and not too often again. */
  #enter(value: NodeValue, depth: number): boolean {
    if (this.#open.has(value)) return false;
    if (depth > maxDepth) {
      this.findings.hasTooDeep = true;
      return false;
    }
    if (this.#seen.has(value)) {
      const repeats = this.#repeats + 1 + sizeOf(value);
      if (repeats > maxRepeats) {
        this.findings.hasSharedTooOften = true;
        return false;
      }
      this.#repeats = repeats;
    }
    this.#seen.add(value);
    this.#open.add(value);
    this.#steps.push(() => this.#open.delete(value));
    return true;
  }

  #container(value: NodeValue, place: Place): void {
    if (sizeOf(value) === 0 || !this.#enter(value, place.path.length)) return;
    if (value.kind !== "dict") {
      this.#steps.push(visitsOf(value, place));
      return;
    }
    const surroundings = surroundingsOf(value, place.surroundings, this.#context.torch);
    for (const module of metadataModules(value, place.path)) this.modules.push(module);
    this.#steps.push(visitsOf(value, { ...place, surroundings }));
  }

  #wholeModule(module: ModuleRecord, value: ObjectValue, base: Path): void {
    const attributes: Visit[] = [];
    this.#steps.push(() => this.#steps.push(attributes.values()));
    this.#module({ module, value, base, prefix: "", depth: base.length, attributes });
  }

  #module(visit: ModuleVisit): void {
    const { module, value, base, prefix, depth, attributes } = visit;
    if (!this.#enter(value, depth)) return;
    const name = joinPath(prefix === "" ? base : [...base, prefix.slice(0, -1)]);
    this.modules.push({ name, class: module.class, training: module.training });
    for (const slot of module.parameters) this.#slot(visit, "parameter", slot.name, slot.value, name);
    for (const slot of module.buffers) {
      if (!slot.isPersistent && slot.value !== null) {
        this.findings.nonPersistentBuffers.push(joinPath([...base, prefix + slot.name]));
      }
      this.#slot(visit, "buffer", slot.name, slot.value, name);
    }
    const dict = attributesOf(value);
    const container: Place = { path: base, surroundings: "module", isAttribute: true };
    for (const [index, item] of module.attributes.entries()) {
      attributes.push({
        value: item.value,
        container,
        level: `${prefix}${levelOf(item.key, index)}`,
        replace: replaceIn(dict, item.key),
      });
    }
    for (const child of module.children.toReversed()) {
      const inner = moduleOf(child.value);
      if (!isKind(child.value, "object")) continue;
      if (inner === undefined) {
        this.#steps.push(() => this.#foreignChild(visit, child.name, child.value));
        continue;
      }
      const next = { module: inner, value: child.value, base, prefix: `${prefix}${child.name}.` };
      this.#steps.push(() => this.#module({ ...next, depth: depth + 1, attributes }));
    }
  }

  /** A child that writes itself in a form of its own, as quantized convolutions do: its tensors go by their names, or else by their places in it. */
  #foreignChild({ value: parent, base, prefix }: ModuleVisit, name: string, child: Value): void {
    const level = prefix + name;
    const made = isKind(child, "object") ? qualifiedName(constructionOf(child).class) : undefined;
    const convolution = quantizedConvolution(child);
    const training = convolution?.training ?? null;
    this.modules.push({ name: joinPath([...base, level]), class: made ?? null, training });
    const container: Place = { path: base, surroundings: "module", isAttribute: false };
    if (convolution !== undefined) {
      const visits = convolution.slots.map(({ value, level: name, replace }) => ({
        value,
        container,
        level: `${level}.${name}`,
        replace,
      }));
      this.#steps.push(visits.values());
      return;
    }
    const replace = replaceIn(itemOf(attributesOf(parent), "_modules"), name);
    this.#visit({ value: child, container, level, replace });
  }

  /** A parameter or a buffer, of which the module says that it is one. */
  #slot(visit: ModuleVisit, kind: "parameter" | "buffer", slot: string, held: Value, module: string): void {
    const reading = this.#context.torch.tensor(held);
    if (reading === undefined) return;
    const path = [...visit.base, visit.prefix + slot];
    const requiresGrad = reading.record?.requiresGrad ?? null;
    const group = itemOf(attributesOf(visit.value), kind === "parameter" ? "_parameters" : "_buffers");
    const facts: KindFacts = { kind, kindFrom: "recorded", requiresGrad };
    this.#tensor(held, reading, path, facts, replaceIn(group, slot), module);
  }
}
