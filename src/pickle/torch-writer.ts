/**
 * Tensors and storages as PyTorch 2.13 pickles them, for the pickle writer: the calls that rebuild a tensor, and the
 * numbering of storages in the order in which the pickle first names them.
 */

import type { Document, DocumentLeaf, StoredBytes, StoredTensor } from "../catalog/document.ts";
import type { GlobalValue, ObjectValue, PersistentValue, TensorValue, Value } from "../catalog/value.ts";
import { newDict } from "../catalog/value.ts";
import { dtypes } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { quote, StateError } from "../errors.ts";
import { joinPath } from "../name.ts";
import { textOrNull } from "./claim.ts";
import { callArguments, isKind, qualifiedName } from "./globals.ts";
import { isStorageId } from "./storage.ts";
import type { PersistentId, PickleResolver } from "./writer.ts";
import { TextNode } from "./writer.ts";

/** A storage that the pickle names. */
export interface NumberedStorage {
  /** Its key in the file. */
  readonly key: string;
  readonly bytes: StoredBytes;
  /** Bytes of one element of the storage class: what its length is counted in. */
  readonly itemSize: number;
  /** Bytes of one number, which an exchange of byte order reverses; null where the class does not tell. */
  readonly swap: number | null;
}

function global(module: string, name: string): GlobalValue {
  return { kind: "global", module, name };
}

function call(module: string, name: string, items: Value[]): ObjectValue {
  return {
    kind: "object",
    made: "reduce",
    callable: global(module, name),
    args: { kind: "tuple", items },
    kwargs: null,
    state: null,
  };
}

function tuple(items: readonly Value[]): Value {
  return { kind: "tuple", items: [...items] };
}

/** The hooks of a tensor's gradient, which are never written: always empty. */
function noHooks(): Value {
  return newDict("collections.OrderedDict");
}

/** A reference to bytes of the document that are not in the pickle that it came from. */
type StorageReference = PersistentValue;

/** Numbers the storages of one pickle and writes its tensors. */
export class TorchWriter implements PickleResolver {
  readonly #document: Document;
  readonly #isLegacy: boolean;
  readonly #numbered: Map<StoredBytes, NumberedStorage & { readonly node: TextNode }> = new Map();
  readonly #references: Map<
    StorageReference,
    { readonly bytes: StoredBytes; readonly dtype: DType; readonly device: string }
  > = new Map();
  readonly #tensors: Map<StoredTensor, Value> = new Map();

  /** Legacy ids have a sixth member, which stands for views of storages and is always None. */
  constructor(document: Document, isLegacy: boolean = false) {
    this.#document = document;
    this.#isLegacy = isLegacy;
  }

  /** The storages named so far, in the order of their numbers. */
  get storages(): readonly NumberedStorage[] {
    return [...this.#numbered.values()];
  }

  tensor(leaf: TensorValue): Value {
    const found = this.#document.leaves[leaf.entry];
    if (found === undefined || found === null) {
      throw new StateError(`writing a pickle: its tree refers to tensor ${leaf.entry}, which is not there`, {
        code: "missing-tensor",
      });
    }
    return this.#valueOf(found);
  }

  #valueOf({ made, wrapper, tensor, path, why }: DocumentLeaf): Value {
    if (made !== null) return made;
    if (tensor === null) {
      throw new StateError(`writing ${quote(joinPath(path))}: ${why ?? "its elements are not there"}`, {
        code: "unwritable-tensor",
        hint: "Leave it out, or replace it.",
      });
    }
    let value = this.#tensors.get(tensor);
    if (value === undefined) {
      const { isParameter, requiresGrad } = tensor;
      value =
        (wrapper === null
          ? undefined
          : withElements(wrapper, this.#rebuild(tensor, requiresGrad && !isParameter), requiresGrad)) ??
        (isParameter ? this.#parameter(tensor) : this.#rebuild(tensor, requiresGrad));
      this.#tensors.set(tensor, value);
    }
    return value;
  }

  #parameter(tensor: StoredTensor): Value {
    return call("torch._utils", "_rebuild_parameter", [
      this.#rebuild(tensor, false),
      tensor.requiresGrad,
      noHooks(),
    ]);
  }

  /** The call that makes a plain tensor: the third version where the dtype has no storage class of its own. */
  #rebuild(tensor: StoredTensor, requiresGrad: boolean): ObjectValue {
    const { dtype, storage, shape, stride, offset, device } = tensor;
    const reference: StorageReference = { kind: "persistent", id: null };
    this.#references.set(reference, { bytes: storage, dtype, device });
    const args = [reference, offset, tuple(shape), tuple(stride), requiresGrad, noHooks()];
    return dtype.storage === null
      ? call("torch._utils", "_rebuild_tensor_v3", [...args, global("torch", dtype.name)])
      : call("torch._utils", "_rebuild_tensor_v2", args);
  }

  persistent(value: PersistentValue): PersistentId | { readonly instead: Value } {
    const own = this.#references.get(value);
    if (own !== undefined) {
      const { bytes, dtype, device } = own;
      const storageClass =
        dtype.storage === null ? global("torch.storage", "UntypedStorage") : global("torch", dtype.storage);
      const itemSize = dtype.storage === null ? 1 : dtype.itemSize;
      return this.#id(bytes, storageClass, device, { itemSize, swap: dtype.swap });
    }
    if (isStorageId(value) && isKind(value.id, "tuple")) return this.#kept(value.id.items);
    const items = isKind(value.id, "tuple") ? value.id.items : [];
    // Files before PyTorch 1.6 name the classes of modules so; the class itself means the same.
    if (items[0] === "module" && items[1] !== undefined) return { instead: items[1] };
    throw new StateError("writing a pickle: found a persistent reference that names no storage", {
      code: "unwritable-reference",
      hint: "Only the program that wrote the file knows what it refers to.",
    });
  }

  /** A storage as the file that was opened names it, under its new number. */
  #kept([, storageClass, keyValue, location]: readonly Value[]): PersistentId {
    const key = textOrNull(keyValue) ?? (typeof keyValue === "number" ? String(keyValue) : "");
    const bytes = this.#document.storage(key);
    if (bytes === undefined) {
      throw new StateError(
        `writing a pickle: the file has no storage ${quote(key)}, which its pickle names`,
        {
          code: "missing-storage",
          hint: "Delete the tensors that lie in it.",
        },
      );
    }
    const name = isKind(storageClass, "global") ? storageClass.name : "";
    const dtype = Object.values(dtypes).find((one) => one.storage === name);
    const sizes = { itemSize: dtype?.itemSize ?? 1, swap: dtype?.swap ?? null };
    return this.#id(bytes, storageClass ?? null, location ?? null, sizes);
  }

  #id(
    bytes: StoredBytes,
    storageClass: Value,
    location: Value,
    { itemSize, swap }: { readonly itemSize: number; readonly swap: number | null },
  ): PersistentId {
    let numbered = this.#numbered.get(bytes);
    if (numbered === undefined) {
      const key = String(this.#numbered.size);
      numbered = { key, bytes, itemSize, swap, node: new TextNode(key) };
      this.#numbered.set(bytes, numbered);
    }
    // PyTorch writes untyped storages into legacy files and cannot read them there; as bytes it can.
    const isUntyped = isKind(storageClass, "global") && /^_?UntypedStorage$/.test(storageClass.name);
    const written = this.#isLegacy && isUntyped ? global("torch", "ByteStorage") : storageClass;
    const items = ["storage", written, numbered.node, location, bytes.byteLength / itemSize];
    return { items: this.#isLegacy ? [...items, null] : items };
  }
}

/**
 * The value that made a tensor, with other elements: wrappers (a Parameter, a subclass with attributes) stay as they
 * are. Undefined where the tensor is made in a way that does not say what its elements are.
 */
function withElements(made: Value, rebuilt: ObjectValue, requiresGrad: boolean): Value | undefined {
  if (!isKind(made, "object") || !isKind(made.args, "tuple")) return undefined;
  const name = qualifiedName(made.callable);
  const { items } = made.args;
  switch (name) {
    case "torch._utils._rebuild_tensor":
    case "torch._utils._rebuild_tensor_v2":
    case "torch._utils._rebuild_tensor_v3":
      return made.state === null ? rebuilt : { ...made, callable: rebuilt.callable, args: rebuilt.args };
    case "torch._utils._rebuild_parameter":
    case "torch._utils._rebuild_parameter_with_state": {
      const inner = withElements(items[0] ?? null, rebuilt, requiresGrad);
      return inner && { ...made, args: { kind: "tuple", items: [inner, requiresGrad, ...items.slice(2)] } };
    }
    case "torch._tensor._rebuild_from_type_v2": {
      const [callable, type, , ...rest] = items;
      const inner = callArguments(
        withElements(
          { ...made, callable: callable ?? null, args: items[2] ?? null, state: null },
          rebuilt,
          requiresGrad,
        ),
        "torch._utils",
        isKind(rebuilt.callable, "global") ? rebuilt.callable.name : "",
      );
      if (inner === undefined) return undefined;
      return {
        ...made,
        args: { kind: "tuple", items: [rebuilt.callable, type ?? null, tuple(inner), ...rest] },
      };
    }
    default:
      return undefined;
  }
}
