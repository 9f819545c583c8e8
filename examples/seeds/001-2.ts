/**
 * Document 001, program 2: parameters by their names from a dictionary. The first name may be given as argument.
 * A Map has no KeyError, so looking up throws it; as in Python, its text has the name in quotes.
 */

import { manualSeed, type nn } from "parascope";
import { SimpleModel } from "../networks/simple-model.ts";

manualSeed(Number(process.env["PARASCOPE_SEED"] ?? 0));
const model = new SimpleModel();

const paramDict = new Map<string, nn.Parameter>(model.namedParameters());

class KeyError extends Error {}

function parameterOf(name: string): nn.Parameter {
  const param = paramDict.get(name);
  if (param === undefined) throw new KeyError(`'${name}'`);
  return param;
}

const firstName = process.argv[2] ?? "linear1.weight";
try {
  const linear1Weight = parameterOf(firstName);
  console.log(`Parameter '${firstName}' found:\n${linear1Weight}`);
  console.log(`Shape: ${linear1Weight.shape}`);

  const linear2Bias = parameterOf("linear2.bias");
  console.log(`\nParameter 'linear2.bias' found:\n${linear2Bias}`);
  console.log(`Shape: ${linear2Bias.shape}`);
} catch (error) {
  if (!(error instanceof KeyError)) throw error;
  console.log(`Error: Parameter '${error.message}' not found.`);
}
