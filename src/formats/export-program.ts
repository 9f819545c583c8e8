/**
 * What the program of a `torch.export` archive says of its tensors: which inputs of its graph are parameters, which
 * buffers. Nothing else of the program is looked at.
 *
 * Source: torch/_export/serde/schema.py of PyTorch 2.13, and the form that PyTorch 2.1 wrote.
 */

import { jsonField, jsonFields, jsonList, jsonText } from "./json-fields.ts";
import { parseJson } from "./json.ts";

/** What the signature calls the tensors. */
export interface ExportSignature {
  readonly parameters: ReadonlySet<string>;
  /** Those that a state dict has and those that it has not. */
  readonly buffers: ReadonlySet<string>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Reads the signature of a program. Throws: `FormatError` when it is no JSON. */
export function exportSignature(text: string): ExportSignature {
  const program = parseJson(text, "program of the torch.export archive");
  const signature = jsonField(jsonField(program, "graph_module"), "signature");
  const parameters = new Set<string>();
  const buffers = new Set<string>();
  const add = (names: Set<string>, name: string | null): void => {
    if (name !== null) names.add(name);
  };
  for (const spec of jsonList(jsonField(signature, "input_specs"))) {
    add(parameters, jsonText(jsonField(jsonField(spec, "parameter"), "parameter_name")));
    add(buffers, jsonText(jsonField(jsonField(spec, "buffer"), "buffer_name")));
  }
  for (const name of jsonFields(jsonField(signature, "inputs_to_parameters")).values())
    add(parameters, jsonText(name));
  for (const name of jsonFields(jsonField(signature, "inputs_to_buffers")).values())
    add(buffers, jsonText(name));
  const schema = jsonField(program, "schema_version");
  const [major, minor] = ["major", "minor"].map((part) => jsonField(schema, part));
  const torchVersion = jsonText(jsonField(program, "torch_version"));
  return {
    parameters,
    buffers,
    metadata: {
      ...(typeof major === "number" && typeof minor === "number"
        ? { schemaVersion: `${major}.${minor}` }
        : {}),
      ...(torchVersion === null ? {} : { torchVersion }),
    },
  };
}
