/** What changed between two moments of a network: `compare`. */

import type { ChangeReport, ChangeRow } from "../inspect/change-report.ts";
import { largestOf, reduceValues, statisticsOf } from "../inspect/statistics.ts";
import type { ModuleProtocol } from "../nn/module-record.ts";
import { Snapshot, snapshot } from "./snapshot.ts";
import type { SnapshotTensor } from "./snapshot.ts";
import { reduceDifference } from "./tensor-statistics.ts";

/**
 * Says what changed in a network since a snapshot was taken, by name.
 *
 * @example
 * const before = snapshot(model);
 * optimizer.step();
 * compare(before, model).tensors[0]; // { name: "0.weight", state: "changed", ratio: 0.001, … }
 */
export function compare(before: Snapshot, model: ModuleProtocol | Snapshot): ChangeReport {
  const after = model instanceof Snapshot ? model : snapshot(model);
  const tensors = Array.from(after.tensors, ([name, tensor]) =>
    change(name, before.tensors.get(name), tensor),
  );
  for (const [name, tensor] of before.tensors) {
    if (!after.tensors.has(name)) tensors.push(without(name, tensor, "removed"));
  }
  return { source: after.source, tensors };
}

function without(name: string, { kind, shape }: SnapshotTensor, state: ChangeRow["state"]): ChangeRow {
  return { name, kind, shape, state, changed: null, update: null, largest: null, ratio: null };
}

function change(name: string, before: SnapshotTensor | undefined, after: SnapshotTensor): ChangeRow {
  if (before === undefined) return without(name, after, "added");
  if (before.dtype !== after.dtype || String(before.shape) !== String(after.shape)) {
    return without(name, after, "replaced");
  }
  const from = before.values;
  const to = after.values;
  if (from === null || to === null) return without(name, after, from === to ? "unchanged" : "replaced");
  let changed = 0;
  for (let k = 0; k < to.length; k++) if (!Object.is(from[k], to[k])) changed++;
  const update = statisticsOf(reduceDifference(from, to));
  return {
    ...without(name, after, changed === 0 ? "unchanged" : "changed"),
    changed,
    update,
    largest: to.length === 0 ? 0 : largestOf(update),
    ratio: updateRatio(update.l2, statisticsOf(reduceValues(from)).l2),
  };
}

/** ‖update‖ / ‖weight‖, 0 where nothing changed. */
export function updateRatio(update: number, weight: number): number {
  return update === 0 ? 0 : update / weight;
}
