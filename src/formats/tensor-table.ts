/**
 * Formats that list their tensors in a table, with a name for each and no program around them: entries from the rows, a
 * tree of dictionaries from their paths, and the checks that every claim needs.
 */

import type { Catalog, ModuleFacts, Notice } from "../catalog/catalog.ts";
import type { Entry, EntryFacts, EntryKind, KindFrom, Layout, StorageRef } from "../catalog/entry.ts";
import type { FileFacts, StorageBytes } from "../catalog/file-catalog.ts";
import { FileCatalog } from "../catalog/file-catalog.ts";
import type { DictValue, Value } from "../catalog/value.ts";
import { keyOf, newDict } from "../catalog/value.ts";
import type { DType } from "../dtype.ts";
import { byteLengthOf } from "../dtype.ts";
import { LimitError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Path } from "../name.ts";
import { joinPath, moduleOf } from "../name.ts";
import { countOf } from "../shape.ts";

/** One tensor of a table. */
export interface TableRow {
  readonly path: Path;
  readonly kind: EntryKind;
  readonly kindFrom: KindFrom;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly device: string | null;
  readonly requiresGrad: boolean | null;
  /** What only some tensors have. */
  readonly extras?: Pick<EntryFacts, "quantization" | "subclass" | "lazy">;
}

/** A row that is not believed. */
export interface RefusedRow {
  readonly path: Path;
  /** A sentence without its full stop. */
  readonly refused: string;
}

/** A value at its place in the tree. */
export interface PlacedValue {
  readonly path: Path;
  readonly value: Value;
}

/** What a format found in its table. */
export interface TensorTable extends Pick<FileFacts, "openBlocks"> {
  readonly format: string;
  readonly rows: readonly (TableRow | RefusedRow)[];
  /** Values beside the tensors, by name, which the tree shows. */
  readonly values?: ReadonlyMap<string, Value>;
  /** Values beside the tensors, by path, which the tree shows after them. */
  readonly placed?: readonly PlacedValue[];
  readonly modules?: readonly ModuleFacts[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  readonly storedByteLength: number;
  readonly openStorage: (key: string) => StorageBytes | Promise<StorageBytes>;
  readonly limits: Limits;
}

/** Refusals that stand by themselves. */
const shownRefusals = 20;

/**
 * The catalog of a table, in its order.
 *
 * Throws: `LimitError` for more tensors than `limits.entries`.
 */
export function catalogOfTable(table: TensorTable): Catalog {
  const { format, values, placed, metadata, notices, storedByteLength, openStorage, openBlocks, limits } =
    table;
  if (table.rows.length > limits.entries) {
    throw new LimitError(`listing tensors: ${table.rows.length}, more than ${limits.entries}`, {
      code: "entries-limit",
      hint: "If you trust the file, raise limits.entries.",
    });
  }
  const entries: Entry[] = [];
  const refused: RefusedRow[] = [];
  for (const row of table.rows) {
    if ("refused" in row) {
      refused.push(row);
      continue;
    }
    entries.push(entryOf(row, entries.length));
  }
  return new FileCatalog({
    format,
    entries,
    root: () => treeOf(entries, { values, placed }),
    modules: table.modules ?? [],
    metadata,
    notices: [...notices, ...refusalNotices(refused)],
    storedByteLength,
    gatherBytes: limits.gatherBytes,
    openStorage,
    openBlocks,
  });
}

function entryOf(row: TableRow, index: number): Entry {
  const { path, kind, kindFrom, dtype, shape, layout, device, requiresGrad } = row;
  const numel = countOf(shape);
  return {
    index,
    path,
    name: joinPath(path),
    module: moduleOf(path),
    kind,
    kindFrom,
    dtype: dtype.name,
    shape,
    numel,
    byteLength: byteLengthOf(dtype, numel),
    device,
    requiresGrad,
    ...layout,
    ...row.extras,
  };
}

/** The tree of some entries by their paths, between the values of a table. */
export function treeOf(
  entries: readonly Pick<Entry, "path" | "index">[],
  { values, placed }: { readonly [Field in "values" | "placed"]?: TensorTable[Field] | undefined } = {},
): DictValue {
  const root = newDict();
  for (const [name, value] of values ?? []) root.items.set(keyOf(name), { key: name, value });
  for (const { path, index } of entries) put(root, path, { kind: "tensor", entry: index });
  for (const { path, value } of placed ?? []) put(root, path, value);
  return root;
}

/** Puts a leaf under the levels of its path. What stands in the way keeps its place. */
function put(root: DictValue, path: Path, leaf: Value): void {
  let dict = root;
  for (const level of path.slice(0, -1)) {
    const key = keyOf(level);
    const found = dict.items.get(key)?.value;
    if (found === undefined) {
      const inner = newDict();
      dict.items.set(key, { key: level, value: inner });
      dict = inner;
    } else if (typeof found === "object" && found !== null && found.kind === "dict") {
      dict = found;
    } else {
      return;
    }
  }
  const name = path.at(-1) ?? "";
  if (!dict.items.has(keyOf(name))) dict.items.set(keyOf(name), { key: name, value: leaf });
}

function refusalNotices(refused: readonly RefusedRow[]): Notice[] {
  const notices: Notice[] = refused.slice(0, shownRefusals).map(({ path, refused: reason }) => ({
    code: "refused-tensor",
    message: `${quote(joinPath(path))} is not listed: ${reason}.`,
    names: [],
  }));
  const more = refused.length - notices.length;
  if (more > 0) {
    const message = `${more} more tensors are not listed for reasons like these.`;
    notices.push({ code: "refused-tensor", message, names: [] });
  }
  return notices;
}

/** A view that a table claims, in elements. */
export interface ClaimedView {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** Why sizes cannot be those of a tensor; null when they can. */
export function shapeFault(dtype: DType, shape: readonly number[], limits: Limits): string | null {
  if (shape.length > limits.rank) return `it has ${shape.length} dimensions, of at most ${limits.rank}`;
  let numel = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return `its sizes [${shape.join(", ")}] are none`;
    numel *= size;
    if (!Number.isSafeInteger(byteLengthOf(dtype, numel))) {
      return `its sizes [${shape.join(", ")}] are beyond 2^53 bytes`;
    }
  }
  return null;
}

/** Why a view does not lie in its storage; null when it does. */
function viewFault(view: ClaimedView, storage: StorageRef, limits: Limits): string | null {
  const { dtype, shape, stride, offset } = view;
  const fault = shapeFault(dtype, shape, limits);
  if (fault !== null) return fault;
  if (
    stride.length !== shape.length ||
    ![...stride, offset].every((at) => Number.isSafeInteger(at) && at >= 0)
  ) {
    return `its strides [${stride.join(", ")}] and offset ${offset} do not fit its sizes [${shape.join(", ")}]`;
  }
  if (shape.includes(0)) return null;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * stride[axis]!, offset);
  const needed = byteLengthOf(dtype, last + 1);
  if (Number.isSafeInteger(last + 1) && needed <= storage.byteLength) return null;
  return (
    `its sizes [${shape.join(", ")}], strides [${stride.join(", ")}] and offset ${offset} need ${needed} bytes ` +
    `of ${quote(storage.key)}, which has ${storage.byteLength}`
  );
}

/** A row whose elements lie in a storage at regular distances, or the refusal of one that does not fit. */
export function stridedRow(
  facts: Omit<TableRow, "layout" | "dtype" | "shape">,
  view: ClaimedView,
  storage: StorageRef,
  limits: Limits,
): TableRow | RefusedRow {
  const refused = viewFault(view, storage, limits);
  if (refused !== null) return { path: facts.path, refused };
  const { dtype, shape, stride, offset } = view;
  return { ...facts, dtype, shape, layout: { layout: "strided", stride, offset, storage } };
}
