/**
 * What a module carries out of sight: which of its names are slots and of which kind, and its hooks. Also what the
 * machinery in this folder sees of a module, so that it need not know the class, which knows all of it.
 */

import { HookTables } from "./hook-tables.ts";

/** What a name of a module holds: a parameter, a buffer, or another module. */
export type SlotKind = "parameter" | "buffer" | "module";

/** What is known of one name. */
export interface SlotFacts {
  readonly kind: SlotKind;
  /** Of a buffer: whether it belongs to the state dict. */
  readonly persistent: boolean;
}

/** The hidden part of a module. */
export class ModuleRecord {
  /** The slots as last seen, in order. Fields enter at the first walk after their definition, see `slots.ts`. */
  readonly slots: Map<string, SlotFacts> = new Map();
  /**
   * The values of slots that are no fields, by name: what containers hold, and names like `"10"`, which as properties
   * would lose their place in the order. Null where there are none.
   */
  entries: Map<string, unknown> | null = null;
  /** Whether `slots` has seen the fields at all. */
  isNoted: boolean = false;
  readonly hooks: HookTables = new HookTables();
  /** Whether the module is a container that counts what it holds, so that numbers as property names are positions. */
  isNumbered: boolean = false;
  /** Names of methods that PyTorch's class lacks: a dictionary may use them as keys. */
  freeNames: ReadonlySet<string> | null = null;
  /** The fields whose numbers are Python floats, which matters for `1.0`, see `float-option.ts`. Null where there are none. */
  floats: Set<string> | null = null;
}

/** Where a module keeps its record; the same for every copy of this package. */
export const recordKey: unique symbol = Symbol.for("parascope.module.record");

/** Marks modules of any copy of this package. */
export const moduleBrand: unique symbol = Symbol.for("parascope.module");

/** What the machinery sees of a module. */
export interface ModuleProtocol {
  readonly [recordKey]: ModuleRecord;
  readonly [moduleBrand]: true;
  training: boolean;
  readonly stateVersion: number;
  forward(...input: never[]): unknown;
  extraRepr(): string;
  toString(): string;
  getName(): string;
}

/** Whether a value is a module, of this or another copy of the package. */
export function isModule(value: unknown): value is ModuleProtocol {
  return typeof value === "function" && moduleBrand in value;
}

/** The hidden part of a module. */
export function recordOf(module: ModuleProtocol): ModuleRecord {
  return module[recordKey];
}
