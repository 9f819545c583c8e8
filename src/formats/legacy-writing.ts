/**
 * Writes the format of `torch.save` before PyTorch 1.6, which every version since 0.1.10 reads: five pickles, then the
 * storages. PyTorch 2.13 still writes it with `_use_new_zipfile_serialization=False`, and names storages by addresses;
 * here they are numbered, so that the same input gives the same file.
 *
 * Source: torch/serialization.py.
 */

import { ByteBuffer } from "../bytes/byte-buffer.ts";
import { SwappedSource } from "../bytes/swapped-source.ts";
import type { Document } from "../catalog/document.ts";
import type { Plan, PlanStep } from "../catalog/plan.ts";
import { planOf } from "../catalog/plan.ts";
import type { DictItem, DictValue, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { StateError } from "../errors.ts";
import { TorchWriter } from "../pickle/torch-writer.ts";
import { writePickle } from "../pickle/writer.ts";

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

function dict(items: Readonly<Record<string, Value>>): DictValue {
  const entries = Object.entries(items).map(([key, value]): [string, DictItem] => [
    keyOf(key),
    { key, value },
  ]);
  return { kind: "dict", class: "dict", items: new Map(entries), attributes: null };
}

/**
 * The plan of a legacy `torch.save` file, little-endian.
 *
 * Throws: `StateError` for a tensor that cannot be written.
 */
export function encodeLegacy(document: Document): Plan {
  const torch = new TorchWriter(document, true);
  const pickle = writePickle(document.root, torch);
  const system = dict({
    protocol_version: protocolVersion,
    little_endian: true,
    type_sizes: dict({ short: 2, int: 4, long: 4 }),
  });
  // The keys are sorted as text, and the storages follow in that order.
  const storages = torch.storages.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const steps: PlanStep[] = [
    magicNumber,
    protocolVersion,
    system,
    pickle,
    { kind: "list", items: storages.map(({ key }) => key) } as const,
  ].map((part) => ({ step: "bytes", bytes: part instanceof Uint8Array ? part : writePickle(part) }));
  for (const { bytes, itemSize, swap } of storages) {
    const count = new ByteBuffer(8);
    count.u64(bytes.byteLength / itemSize);
    const isSwapped = bytes.byteOrder === "big" && swap !== 1;
    if (isSwapped && swap === null) {
      throw new StateError(
        "writing a legacy file: an untyped big-endian storage, whose numbers are unknown",
        {
          code: "mixed-byte-order",
          hint: "Write it as a zip.",
        },
      );
    }
    steps.push(
      { step: "bytes", bytes: count.bytes },
      {
        step: "copy",
        open: async () => (isSwapped ? new SwappedSource(await bytes.open(), swap!) : bytes.open()),
        start: 0,
        end: bytes.byteLength,
      },
    );
  }
  return planOf(steps);
}
