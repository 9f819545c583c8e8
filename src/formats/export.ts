/**
 * `torch.export` archives (`.pt2`). Since PyTorch 2.8 a zip with a folder `data/weights/` of raw storages and a JSON that
 * lists the tensors in them; the first of these wrote the tensors as a `torch.save` file instead. Before, a zip without
 * a folder whose records are `torch.save` files.
 *
 * The weights, the buffers and the constants are listed, the program and the sample inputs are not.
 * Source: torch/export/pt2_archive/_package.py and torch/export/__init__.py of PyTorch 2.13.
 */

import type { Zip, ZipEntry } from "../bytes/zip.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import { dtypeOfExport } from "../dtype-tags.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import type { ExportSignature } from "./export-program.ts";
import { exportSignature } from "./export-program.ts";
import type { Candidate, Format } from "./format.ts";
import { jsonField, jsonFields, jsonInteger, jsonList, jsonText } from "./json-fields.ts";
import type { JsonValue } from "./json.ts";
import { parseJson } from "./json.ts";
import { NestedCatalogs } from "./nested-catalog.ts";
import { archiveByteOrder, archiveRoot, smallRecord } from "./small-record.ts";
import type { RefusedRow, TableRow } from "./tensor-table.ts";
import { catalogOfTable, stridedRow } from "./tensor-table.ts";

/** The format of `torch.export.save`. */
export const torchExport: Format = {
  name: "torch-export",

  async claims(candidate) {
    if (!candidate.isZip) return false;
    const zip = await candidate.zip();
    return zip.get(`${archiveRoot(zip)}/archive_format`) !== undefined || oldPrefix(zip) !== null;
  },

  async open(candidate) {
    const zip = await candidate.zip();
    const prefix = oldPrefix(zip);
    return prefix === null
      ? new Archive(candidate, zip, `${archiveRoot(zip)}/`).open()
      : new Archive(candidate, zip, prefix).openOld(prefix);
  },
};

/** Bytes of a JSON that are read. Real: 20 MB for the program of a large network. Prevents: one larger than memory. */
const mostJsonBytes = 64 * 2 ** 20;

const oldProgram = "serialized_exported_program.json";

/** What stands before the names of records of the old layout, which has no folder; null for other archives. */
function oldPrefix(zip: Zip): string | null {
  return ["", `${archiveRoot(zip)}/`].find((prefix) => zip.get(prefix + oldProgram) !== undefined) ?? null;
}

type Facts = Pick<TableRow, "kind" | "kindFrom">;

/** What is neither a parameter nor a buffer: tensors that are attributes of modules, and those the code spells out. */
const constantFacts: Facts = { kind: "buffer", kindFrom: "inferred" };

function factsOf(name: string, signature: ExportSignature, otherwise: Facts): Facts {
  if (signature.parameters.has(name)) return { kind: "parameter", kindFrom: "recorded" };
  return signature.buffers.has(name) ? { kind: "buffer", kindFrom: "recorded" } : otherwise;
}

class Archive {
  readonly #candidate: Candidate;
  readonly #zip: Zip;
  readonly #prefix: string;
  readonly #nested: NestedCatalogs;
  readonly #rows: (TableRow | RefusedRow)[] = [];
  readonly #notices: Notice[] = [];
  /** The records of raw storages that tensors lie in. */
  readonly #raw: Set<ZipEntry> = new Set();
  #metadata: Readonly<Record<string, unknown>> = {};
  #byteOrder: "little" | "big" = "little";

  constructor(candidate: Candidate, zip: Zip, prefix: string) {
    this.#candidate = candidate;
    this.#zip = zip;
    this.#prefix = prefix;
    this.#nested = new NestedCatalogs(candidate, zip);
  }

  async open(): Promise<Catalog> {
    const { signal } = this.#candidate;
    const root = this.#prefix.slice(0, -1);
    this.#byteOrder = await archiveByteOrder(this.#zip, root, signal);
    const version = await smallRecord(this.#zip, `${root}/archive_version`, signal);
    const names = this.#namesIn("models/").filter((name) => name.endsWith(".json"));
    const models = names.map((name) => name.slice(0, -".json".length));
    // The name of an only model is "model", whatever the network is; of several it tells them apart.
    for (const model of models) await this.#openModel(model, models.length === 1 ? [] : [model]);
    const hasCompiled = this.#namesIn("data/aotinductor/").length > 0;
    if (models.length === 0 && !hasCompiled) {
      throw new FormatError(
        "opening a torch.export archive: it has no program, expected a record in models/",
        {
          code: "export-incomplete",
          hint: "The program that wrote it stopped too early or the disk was full; export the model again.",
        },
      );
    }
    if (hasCompiled) {
      this.#note(
        "compiled-code",
        "The archive holds compiled code (AOTInductor), of which nothing is listed or run.",
      );
    }
    return this.#catalog({
      archive: root,
      archiveVersion: version,
      byteOrder: this.#byteOrder,
      models,
      ...this.#metadata,
      extraFiles: this.#namesIn("extra/"),
    });
  }

  /** The layout of PyTorch 2.1 to 2.7. */
  async openOld(prefix: string): Promise<Catalog> {
    const signature = await this.#signature(oldProgram);
    for (const part of ["state_dict", "constants"] as const) {
      const record = this.#get(`serialized_${part}.pt`) ?? this.#get(`serialized_${part}.json`);
      if (record === undefined || record.byteLength === 0) continue;
      await this.#addNested(record, [], part === "constants", signature);
    }
    const version = await smallRecord(this.#zip, `${prefix}version`, this.#candidate.signal);
    return this.#catalog({ schemaVersion: version, ...this.#metadata });
  }

  async #openModel(model: string, base: Path): Promise<void> {
    const constants = await this.#config(`data/constants/${model}_constants_config.json`);
    const oldConstants = this.#get(`data/constants/${model}.pt`);
    // The program may be large, and is needed only to tell buffers among the constants.
    const needsProgram = constants.size > 0 || oldConstants !== undefined;
    const signature = needsProgram ? await this.#signature(`models/${model}.json`) : noSignature;
    const oldWeights = this.#get(`data/weights/${model}.pt`);
    if (oldWeights !== undefined) await this.#addNested(oldWeights, base, false, signature);
    const weightsConfig = `data/weights/${model}_weights_config.json`;
    if (oldWeights === undefined && this.#get(weightsConfig) === undefined) {
      this.#note(
        "no-weights",
        `The weights of ${quote(model)} are not in the archive: it has no ${quote(weightsConfig)}.`,
      );
    }
    const weights = await this.#config(weightsConfig);
    for (const [name, payload] of weights) {
      const isParameter = jsonField(payload, "is_param");
      const facts: Facts =
        typeof isParameter === "boolean"
          ? { kind: isParameter ? "parameter" : "buffer", kindFrom: "recorded" }
          : { kind: "tensor", kindFrom: "unknown" };
      await this.#addPayload("data/weights/", [...base, name], payload, facts);
    }
    if (oldConstants !== undefined) await this.#addNested(oldConstants, base, true, signature);
    for (const [name, payload] of constants) {
      const facts = factsOf(name, signature, constantFacts);
      await this.#addPayload("data/constants/", [...base, name], payload, facts);
    }
  }

  /** A tensor as the JSON beside the storages tells of it. */
  async #addPayload(folder: string, path: Path, payload: JsonValue, facts: Facts): Promise<void> {
    const key = folder + (jsonText(jsonField(payload, "path_name")) ?? "");
    const record = this.#get(key);
    if (record === undefined) {
      this.#rows.push({ path, refused: `the archive has no record ${quote(key)}` });
      return;
    }
    if (jsonField(payload, "use_pickle") === true) {
      if (/\/(?:custom_obj|opaque_obj)_\d+$/.test(key)) {
        this.#note(
          "custom-object",
          `${quote(joinPath(path))} is an object of a class of its own, and is not listed.`,
        );
        return;
      }
      for (const row of await this.#nested.rows(record, path)) this.#rows.push({ ...row, ...facts });
      return;
    }
    const meta = jsonField(payload, "tensor_meta");
    const code = jsonInteger(jsonField(meta, "dtype"));
    const dtype = dtypeOfExport.get(code);
    if (dtype === undefined) {
      this.#rows.push({ path, refused: `its dtype is number ${code}, which is none of PyTorch 2.13` });
      return;
    }
    this.#raw.add(record);
    const integers = (name: string): number[] =>
      jsonList(jsonField(meta, name)).map((size) => jsonInteger(jsonField(size, "as_int")));
    const device = jsonField(meta, "device");
    const type = jsonText(jsonField(device, "type"));
    const index = jsonField(device, "index");
    const requiresGrad = jsonField(meta, "requires_grad");
    const view = {
      dtype,
      shape: integers("sizes"),
      stride: integers("strides"),
      offset: jsonInteger(jsonField(jsonField(meta, "storage_offset"), "as_int") ?? 0),
    };
    const known = {
      path,
      ...facts,
      device: typeof index === "number" && type !== null ? `${type}:${index}` : type,
      requiresGrad: typeof requiresGrad === "boolean" ? requiresGrad : null,
    };
    this.#rows.push(stridedRow(known, view, { key, byteLength: record.byteLength }, this.#candidate.limits));
  }

  /** The tensors of a `torch.save` file among the records: a dictionary of them by name. */
  async #addNested(
    record: ZipEntry,
    base: Path,
    isConstants: boolean,
    signature: ExportSignature,
  ): Promise<void> {
    for (const row of await this.#nested.rows(record, base)) {
      const otherwise = isConstants ? constantFacts : { kind: row.kind, kindFrom: row.kindFrom };
      this.#rows.push({ ...row, ...factsOf(String(row.path[base.length] ?? ""), signature, otherwise) });
    }
  }

  async #config(name: string): Promise<ReadonlyMap<string, JsonValue>> {
    const record = this.#get(name);
    if (record === undefined) return new Map();
    return jsonFields(
      jsonField(parseJson(await this.#text(record), "list of tensors in the archive"), "config"),
    );
  }

  /** What the program calls its tensors. Without a program that can be read nothing is known of the constants. */
  async #signature(name: string): Promise<ExportSignature> {
    const record = this.#get(name);
    if (record === undefined) return noSignature;
    if (record.byteLength > mostJsonBytes) {
      this.#note(
        "unread-program",
        `Which constants are buffers is not known: the program has ${record.byteLength} bytes.`,
      );
      return noSignature;
    }
    try {
      const signature = exportSignature(await this.#text(record));
      this.#metadata = { ...this.#metadata, ...signature.metadata };
      return signature;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#note("unread-program", `Which constants are buffers is not known: ${error.message}.`);
      return noSignature;
    }
  }

  async #text(record: ZipEntry): Promise<string> {
    if (record.byteLength > mostJsonBytes) {
      throw new LimitError(
        `opening a torch.export archive: ${quote(record.name)} has ${record.byteLength} bytes, of at most ${mostJsonBytes}`,
        { code: "export-json-bytes", hint: "No real list of tensors is that long; do not trust the file." },
      );
    }
    return new TextDecoder().decode(await this.#zip.read(record, this.#candidate.signal));
  }

  #get(name: string): ZipEntry | undefined {
    return this.#zip.get(this.#prefix + name);
  }

  #namesIn(folder: string): string[] {
    const prefix = this.#prefix + folder;
    return this.#zip.entries.flatMap(({ name }) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    );
  }

  #note(code: string, message: string): void {
    this.#notices.push({ code, message, names: [] });
  }

  #catalog(metadata: Readonly<Record<string, unknown>>): Catalog {
    const raw = [...this.#raw].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return catalogOfTable({
      format: torchExport.name,
      rows: this.#rows,
      metadata,
      notices: [...this.#notices, ...this.#nested.notices],
      storedByteLength: raw + this.#nested.storedByteLength,
      openStorage: (key) =>
        this.#nested.openStorage(key) ?? {
          source: this.#zip.open(this.#get(key)!),
          byteOrder: this.#byteOrder,
        },
      limits: this.#candidate.limits,
    });
  }
}

const noSignature: ExportSignature = { parameters: new Set(), buffers: new Set(), metadata: {} };
