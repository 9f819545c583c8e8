/** Prints what `layers-a.py` is to answer, as JSON. */

import { layerCases } from "./layers-a-cases.ts";
import { refusalCases } from "./layers-a-refusals.ts";

console.log(
  JSON.stringify({
    layers: layerCases.map(({ torch, inputs, areInputsWritten = false }) => ({
      torch,
      inputs,
      areInputsWritten,
    })),
    refusals: refusalCases.map(({ torch }) => torch),
  }),
);
