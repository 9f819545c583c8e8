/**
 * The kind `printing`: a tensor, print options, and PyTorch's text of it.
 *
 * Beyond plain tensors it knows, as our own cases write them: `device: "meta"`, `layout` with the parts of a sparse
 * tensor, and `quantizer` beside the codes of a quantized one.
 */

import { contiguousStrides } from "../../../src/shape.ts";
import type { StridedElements } from "../../../src/tensor/print-elements.ts";
import type { Quantizer } from "../../../src/tensor/print-quantizer.ts";
import { setPrintoptions } from "../../../src/tensor/print-options.ts";
import type { PrintOptions } from "../../../src/tensor/print-options.ts";
import { tensorText } from "../../../src/tensor/print.ts";
import type { PrintableContent } from "../../../src/tensor/print.ts";
import { asRecord, asText, CaseError, decodeHead, decodeNumber, decodeTensor } from "../case-data.ts";
import type { CaseRecord } from "../case-data.ts";
import type { Kind } from "../kind.ts";

/** The kind `printing`; the text is compared exactly. */
export const printing: Kind = {
  name: "printing",
  check(given) {
    const expected = asText(given["repr"], "repr");
    const tensor = asRecord(given["tensor"], "tensor");
    const gradFn = given["grad_fn"] ?? null;
    const printable = {
      ...decodeHead(tensor),
      device: tensor["device"] === undefined ? "cpu" : asText(tensor["device"], "device"),
      requiresGrad: given["requires_grad"] === true,
      isParameter: given["is_parameter"] === true,
      gradFn: gradFn === null ? null : asText(gradFn, "grad_fn"),
      content: contentOf(tensor),
    };
    setPrintoptions({ profile: "default" });
    try {
      setPrintoptions(optionsOf(asRecord(given["options"] ?? {}, "options")));
      const found = tensorText(printable);
      return found === expected ? [] : [{ what: "text", expected, found }];
    } finally {
      setPrintoptions({ profile: "default" });
    }
  },
};

/** PyTorch's options under our names. */
function optionsOf(options: CaseRecord): PrintOptions {
  const renamed = Object.entries(options).map(([name, value]) => [
    name === "sci_mode" ? "sciMode" : name,
    name !== "profile" && typeof value === "string" ? decodeNumber(value) : value,
  ]);
  return Object.fromEntries(renamed) as PrintOptions;
}

function contentOf(tensor: CaseRecord): PrintableContent {
  const layout = tensor["layout"];
  switch (layout) {
    case undefined:
      if (tensor["device"] === "meta") return { kind: "absent" };
      if (tensor["quantizer"] === undefined) return { kind: "strided", elements: elementsOf(tensor) };
      return {
        kind: "quantized",
        codes: elementsOf(tensor),
        quantizer: quantizerOf(asRecord(tensor["quantizer"], "quantizer")),
      };
    case "sparse_coo":
      return { kind: layout, indices: elementsOf(tensor["indices"]), values: elementsOf(tensor["values"]) };
    case "sparse_csr":
    case "sparse_csc":
    case "sparse_bsr":
    case "sparse_bsc":
      return {
        kind: layout,
        compressed: elementsOf(tensor["compressed"]),
        plain: elementsOf(tensor["plain"]),
        values: elementsOf(tensor["values"]),
      };
    default:
      throw new CaseError(`layout is ${JSON.stringify(layout)}, expected one of PyTorch's sparse layouts`);
  }
}

/** A full tensor of a case as elements in row-major order. */
function elementsOf(tensor: unknown): StridedElements {
  const { dtype, shape, bytes } = decodeTensor(tensor);
  const view = new DataView(bytes.buffer);
  return {
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
    dtype,
    element: (position) => dtype.get(view, position),
  };
}

function quantizerOf(quantizer: CaseRecord): Quantizer {
  const scheme = asText(quantizer["scheme"], "scheme");
  switch (scheme) {
    case "per_tensor_affine":
    case "per_tensor_symmetric":
      return {
        scheme,
        scale: decodeNumber(quantizer["scale"]),
        zeroPoint: decodeNumber(quantizer["zero_point"]),
      };
    case "per_channel_affine":
    case "per_channel_symmetric":
    case "per_channel_affine_float_qparams":
      return {
        scheme,
        scales: elementsOf(quantizer["scales"]),
        zeroPoints: elementsOf(quantizer["zero_points"]),
        axis: decodeNumber(quantizer["axis"]),
      };
    default:
      throw new CaseError(`scheme is ${JSON.stringify(scheme)}, expected one of PyTorch's`);
  }
}
