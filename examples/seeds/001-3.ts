/** Document 001, program 3: all parameters whose names match a pattern, which may be given as argument. */

import { manualSeed } from "parascope";
import { SimpleModel } from "../networks/simple-model.ts";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new SimpleModel();

const pattern = new RegExp(process.argv[2] ?? "linear");
const linearParams = [...model.namedParameters()]
  .filter(([name]) => pattern.test(name))
  .map(([, param]) => param);

if (linearParams.length > 0) {
  console.log("Linear Layer Parameters:");
  for (const param of linearParams) console.log(` - Shape: ${param.shape}`);
} else {
  console.log("No parameters matching the pattern found.");
}
