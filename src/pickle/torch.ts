/**
 * The tensors, storages and arrays of a pickle: PyTorch's rebuild functions interpreted by exact name. Nothing is
 * called, and a claim that cannot hold refuses its own tensor and no other.
 */

import type { ObjectValue, Value } from "../catalog/value.ts";
import { withLimits } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { Refusal, dtypeOfTensorClass, refuse, shown } from "./claim.ts";
import { callArguments, constructionOf, describeCallable, isKind, qualifiedName } from "./globals.ts";
import { plainTensor, tensorOfPart } from "./interpreter.ts";
import type { Interpreter } from "./interpreter.ts";
import { claimArray, claimScalar } from "./numpy.ts";
import { rebuilders, withState } from "./rebuild.ts";
import { StorageTable, isStorageId } from "./storage.ts";
import type { StorageReading, StorageRecord, TensorReading, TensorRecord } from "./tensor-record.ts";

/** Levels of a parameter of a subclass of a … : real files have three, hostile ones any number. */
const deepestWrapping = 16;

/** Runs an interpretation; a refusal comes out as its reason. */
function attempt<T, R>(interpret: () => T, refused: (reason: string) => R): T | R {
  try {
    return interpret();
  } catch (cause) {
    if (cause instanceof Refusal) return refused(cause.reason);
    throw cause;
  }
}

/** The reading of a value, interpreted once; undefined when it is nothing of this kind. */
function remembered(
  readings: Map<Value, TensorReading>,
  value: Value,
  interpret: () => TensorRecord | undefined,
): TensorReading | undefined {
  const known = readings.get(value);
  if (known !== undefined) return known;
  const reading = attempt<TensorReading | undefined, TensorReading>(
    () => {
      const record = interpret();
      return record && { record, refused: null };
    },
    (refused) => ({ record: null, refused }),
  );
  if (reading !== undefined) readings.set(value, reading);
  return reading;
}

/** A legacy tensor class before BUILD has given it its elements. */
function emptyTensor(dtype: TensorRecord["dtype"]): TensorRecord {
  return plainTensor(dtype, [0], {
    layout: "absent",
    why: "the file gives it no elements",
    stride: null,
    offset: null,
  });
}

/**
 * Reads the tensors of one pickle. The same node gives the same record and the same key the same storage, so that ties
 * can be seen. Keys of storages are text from the file and nothing else: look them up, never use them as paths.
 *
 * @example
 * const torch = new TorchReader();
 * const reading = torch.tensor(value);
 * if (reading === undefined) console.log("no tensor");
 * else console.log(reading.record?.shape ?? reading.refused);
 */
export class TorchReader {
  readonly #interpreter: Interpreter;
  readonly #tensors: Map<Value, TensorReading> = new Map();
  readonly #arrays: Map<Value, TensorReading> = new Map();
  #depth = 0;

  constructor(limits?: Partial<Limits>) {
    this.#interpreter = {
      limits: withLimits(limits),
      table: new StorageTable(),
      tensor: (value) => this.#inner(value),
      call: (callable, args) =>
        this.#deeper(() => this.#call(callable, args)) ?? refuse(`its maker ${shown(callable)} is unknown`),
    };
  }

  /**
   * The storages claimed so far by key, in the order of first mention. More than one record for a key says that the
   * pickle contradicts itself.
   */
  get storages(): ReadonlyMap<string, readonly StorageRecord[]> {
    return this.#interpreter.table.records;
  }

  /** What a value says of a tensor, or why that is not believed; undefined when it is no tensor. */
  tensor(value: Value): TensorReading | undefined {
    if (!isKind(value, "object") || value.made === "lookup" || value.made === "extend") return undefined;
    return remembered(this.#tensors, value, () => this.#object(value));
  }

  /** What a value says of a storage that stands for itself, as `tensor.untyped_storage()`; undefined for others. */
  storage(value: Value): StorageReading | undefined {
    if (!isStorageId(value)) return undefined;
    return attempt<StorageReading, StorageReading>(
      () => ({ ...this.#interpreter.table.claim(value), refused: null }),
      (refused) => ({ storage: null, refused }),
    );
  }

  /** A NumPy array, as a tensor whose storage is inline; undefined when the value is none. */
  array(value: Value): TensorReading | undefined {
    const { table, limits } = this.#interpreter;
    return remembered(this.#arrays, value, () => {
      const part = claimArray(table, limits, value);
      return part && tensorOfPart(part);
    });
  }

  /** The Python number that a NumPy scalar is equal to; undefined for other values and for dtypes PyTorch lacks. */
  scalar(value: Value): Value | undefined {
    return attempt(
      () => claimScalar(this.#interpreter.table, value),
      () => undefined,
    );
  }

  #inner(value: Value | undefined): TensorRecord {
    const reading = value === undefined ? undefined : this.#deeper(() => this.tensor(value));
    if (reading === undefined) return refuse(`a tensor is expected in it, where ${shown(value)} stands`);
    return reading.record ?? refuse(reading.refused);
  }

  /** The only recursion over data from the file, which is why it counts its levels. */
  #deeper<T>(interpret: () => T): T {
    if (this.#depth >= deepestWrapping) return refuse(`it is wrapped more than ${deepestWrapping} times`);
    this.#depth++;
    try {
      return interpret();
    } finally {
      this.#depth--;
    }
  }

  #object(object: ObjectValue): TensorRecord | undefined {
    const { class: callable, args } = constructionOf(object);
    const record = this.#call(callable, args);
    return record && withState(this.#interpreter, record, object.state);
  }

  #call(callable: Value, args: readonly Value[]): TensorRecord | undefined {
    const name = qualifiedName(callable);
    if (name === undefined) return undefined;
    const found = rebuilders.get(name);
    if (found === undefined) {
      const dtype = dtypeOfTensorClass(callable);
      return dtype && emptyTensor(dtype.name);
    }
    const [least, rebuild] = found;
    if (args.length < least) {
      return refuse(
        `${describeCallable(callable)} has ${args.length} arguments, and needs at least ${least}`,
      );
    }
    return rebuild(this.#interpreter, args);
  }
}

/** The bytes of a complete `torch.save` inside a pickle, as `torch.storage._load_from_bytes` takes them. */
export function nestedFile(value: Value): Uint8Array | undefined {
  const bytes = callArguments(value, "torch.storage", "_load_from_bytes")?.[0];
  return isKind(bytes, "bytes") ? bytes.bytes : undefined;
}
