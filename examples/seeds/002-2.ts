/**
 * Document 002, program 2: a recursive list. It is mistaken: `namedParameters` walks the whole network already, so that
 * every parameter is listed once for each module around it, and those below the first level with a dot in front. Shown
 * as it is; `002-2-right.ts` does it right.
 */

import { manualSeed, nn } from "parascope";

function listParameters(model: nn.Module, prefix: string = ""): void {
  for (const [name, param] of model.namedParameters({})) {
    const fullName = prefix ? `${prefix}.${name}` : name;
    console.log(
      `Parameter Name: ${fullName}, Shape: ${param.shape}, Type: ${param.dtype}, Requires Grad: ${param.requiresGrad}`,
    );
  }
  for (const [name, module] of model.namedChildren()) listParameters(module, `${prefix}.${name}`);
}

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new nn.Sequential(new nn.Linear(10, 5), new nn.ReLU(), new nn.Linear(5, 2));

listParameters(model);
