/**
 * TorchScript archives of PyTorch 1.0 and 1.1: `model.json` lists the modules and a table of tensors, whose storages are
 * records of their own; `attributes.pkl` holds the other attributes of the modules.
 *
 * Source: torch/csrc/jit/serialization/import_legacy.cpp and caffe2/proto/torch.proto of PyTorch 2.13.
 */

import type { Zip } from "../bytes/zip.ts";
import type { Catalog, ModuleFacts } from "../catalog/catalog.ts";
import type { Value } from "../catalog/value.ts";
import type { DTypeName } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import { escapeLevel } from "../name.ts";
import { callArguments, isKind } from "../pickle/globals.ts";
import { unpickle } from "../pickle/machine.ts";
import type { Candidate } from "./format.ts";
import { jsonField, jsonInteger, jsonList, jsonText } from "./json-fields.ts";
import type { JsonValue } from "./json.ts";
import { parseJson } from "./json.ts";
import type { RefusedRow, TableRow } from "./tensor-table.ts";
import { catalogOfTable, stridedRow } from "./tensor-table.ts";

/** Bytes of `model.json` that are read. Real: 1 MB. Prevents: a description larger than memory. */
const mostJsonBytes = 16 * 2 ** 20;

/** Modules inside each other. Real: 20. Prevents: names as long as the file. */
const deepestModule = 100;

/** Element types by their names in Caffe2's TensorProto. */
const dtypeNames: ReadonlyMap<string, DTypeName> = new Map([
  ["FLOAT", "float32"],
  ["DOUBLE", "float64"],
  ["FLOAT16", "float16"],
  ["INT64", "int64"],
  ["INT32", "int32"],
  ["INT16", "int16"],
  ["INT8", "int8"],
  ["UINT8", "uint8"],
  ["BYTE", "uint8"],
  ["BOOL", "bool"],
]);

/** A tensor of the table and what a module calls it. */
interface Slot {
  readonly name: string;
  readonly tensor: number;
  readonly kind: "parameter" | "buffer" | "attribute";
}

/** Opens an archive whose modules are in `model.json`. */
export async function openModelJson(
  format: string,
  candidate: Candidate,
  zip: Zip,
  root: string,
): Promise<Catalog> {
  const { limits } = candidate;
  const model = await readModel(candidate, zip, root);
  const attributes = await readAttributes(candidate, zip, root);
  const tensors = jsonList(jsonField(model, "tensors"));
  const { slots, modules } = slotsOf(jsonField(model, "mainModule"), attributes);

  const rowOf = (
    facts: Pick<TableRow, "path" | "kind" | "kindFrom">,
    index: number,
  ): TableRow | RefusedRow => {
    const tensor = tensors[index];
    const type = jsonText(jsonField(tensor, "dataType"));
    const dtype = dtypeNames.get(type ?? "");
    if (dtype === undefined) {
      const found =
        tensor === undefined
          ? `it is tensor ${index} of ${tensors.length}`
          : `its type is ${quote(type ?? "")}`;
      return { path: facts.path, refused: found };
    }
    const key = jsonText(jsonField(jsonField(tensor, "data"), "key")) ?? "";
    const record = zip.get(`${root}/${key}`);
    if (record === undefined) return { path: facts.path, refused: `the file has no record ${quote(key)}` };
    const requiresGrad = jsonField(tensor, "requiresGrad");
    const view = {
      dtype: dtypes[dtype],
      shape: jsonList(jsonField(tensor, "dims")).map(jsonInteger),
      stride: jsonList(jsonField(tensor, "strides")).map(jsonInteger),
      offset: jsonInteger(jsonField(tensor, "offset") ?? 0),
    };
    const known = {
      ...facts,
      device: jsonText(jsonField(tensor, "device")),
      requiresGrad: typeof requiresGrad === "boolean" ? requiresGrad : null,
    };
    return stridedRow(known, view, { key, byteLength: record.byteLength }, limits);
  };

  const rows = slots.map(({ name, tensor, kind }) =>
    rowOf(
      kind === "attribute"
        ? { path: [name], kind: "buffer", kindFrom: "inferred" }
        : { path: [name], kind, kindFrom: "recorded" },
      tensor,
    ),
  );
  // What no module has is a constant of the program, which calls it by its place: CONSTANTS.c0.
  const claimed = new Set(slots.map(({ tensor }) => tensor));
  for (const index of tensors.keys()) {
    if (!claimed.has(index))
      rows.push(rowOf({ path: ["constants", index], kind: "tensor", kindFrom: "unknown" }, index));
  }
  const keys = new Set(tensors.map((tensor) => jsonText(jsonField(jsonField(tensor, "data"), "key")) ?? ""));
  const records = [...keys].flatMap((key) => zip.get(`${root}/${key}`) ?? []);
  return catalogOfTable({
    format,
    rows,
    modules,
    metadata: {
      archive: root,
      protoVersion: jsonInteger(jsonField(model, "protoVersion")) || null,
      producerName: jsonText(jsonField(model, "producerName")),
      producerVersion: jsonText(jsonField(model, "producerVersion")),
    },
    notices: [],
    storedByteLength: records.reduce((sum, { byteLength }) => sum + byteLength, 0),
    openStorage: (key) => ({ source: zip.open(zip.get(`${root}/${key}`)!), byteOrder: "little" }),
    limits,
  });
}

async function readModel({ signal }: Candidate, zip: Zip, root: string): Promise<JsonValue> {
  const entry = zip.get(`${root}/model.json`)!;
  if (entry.byteLength > mostJsonBytes) {
    throw new LimitError(
      `opening a TorchScript archive: its model.json has ${entry.byteLength} bytes, of at most ${mostJsonBytes}`,
      { code: "model-json-bytes", hint: "No real model is described at such length; do not trust the file." },
    );
  }
  const model = parseJson(
    new TextDecoder().decode(await zip.read(entry, signal)),
    "model.json of the archive",
  );
  if (jsonField(model, "mainModule") === undefined) {
    throw new FormatError('opening a TorchScript archive: its model.json has no "mainModule"', {
      code: "model-json",
      hint: "Archives of PyTorch 1.0 and 1.1 have one; the file is damaged, or of another program.",
    });
  }
  return model;
}

/** The attributes of all modules, which refer to them by their places. */
async function readAttributes(
  { limits, signal }: Candidate,
  zip: Zip,
  root: string,
): Promise<readonly Value[]> {
  const entry = zip.get(`${root}/attributes.pkl`);
  if (entry === undefined || entry.byteLength === 0 || entry.byteLength > limits.pickleBytes) return [];
  const { value } = unpickle(await zip.read(entry, signal), { limits });
  return isKind(value, "tuple") || isKind(value, "list") ? value.items : [];
}

/** The tensor of the table that an attribute is. */
function tensorOf(value: Value | undefined): number | null {
  const [id] =
    callArguments(value, "torch.jit._pickle", "build_tensor_from_id") ??
    callArguments(value, "__main__", "TensorID") ??
    [];
  return typeof id === "number" ? id : null;
}

/** Modules in the order of `state_dict()`: parameters, buffers, then children; attributes after all of them. */
function slotsOf(
  main: JsonValue | undefined,
  values: readonly Value[],
): { slots: Slot[]; modules: ModuleFacts[] } {
  const slots: Slot[] = [];
  const attributes: Slot[] = [];
  const modules: ModuleFacts[] = [];
  const open: { module: JsonValue | undefined; prefix: string; depth: number }[] = [
    { module: main, prefix: "", depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { module, prefix, depth } = next;
    if (depth > deepestModule) continue;
    modules.push({ name: escapeLevel(prefix.slice(0, -1)), class: null, training: null });
    const own = jsonList(jsonField(module, "parameters")).map((parameter): Slot => ({
      name: prefix + (jsonText(jsonField(parameter, "name")) ?? ""),
      tensor: jsonInteger(jsonField(parameter, "tensorId") ?? 0),
      kind: jsonField(parameter, "isBuffer") === true ? "buffer" : "parameter",
    }));
    for (const kind of ["parameter", "buffer"]) slots.push(...own.filter((slot) => slot.kind === kind));
    for (const attribute of jsonList(jsonField(module, "attributes"))) {
      const tensor = tensorOf(values[jsonInteger(jsonField(attribute, "id") ?? 0)]);
      const name = jsonText(jsonField(attribute, "name"));
      if (tensor !== null && name !== null)
        attributes.push({ name: prefix + name, tensor, kind: "attribute" });
    }
    for (const child of jsonList(jsonField(module, "submodules")).toReversed()) {
      open.push({
        module: child,
        prefix: `${prefix}${jsonText(jsonField(child, "name")) ?? ""}.`,
        depth: depth + 1,
      });
    }
  }
  return { slots: [...slots, ...attributes], modules };
}
