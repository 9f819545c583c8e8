/**
 * A step of training (forward, backward, SGD) of two networks as they are in first lessons, and two matrix products, in
 * microseconds, ours beside PyTorch on one thread. The sides take turns case by case; the median of the rounds counts.
 *
 *     node bench/training/training.js [PYTHON] [ROUNDS]
 */

import { fileURLToPath } from "node:url";
import { compare } from "../overhead/compare.js";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [python = "python3", rounds = "5"] = process.argv.slice(2);
const run = [process.execPath, here("../../scripts/run.js"), here("parascope.ts")];
const commands = {
  parascope: run,
  "parascope, native BLAS": [...run, "native"],
  PyTorch: [python, "-W", "ignore", here("pytorch.py")],
};
await compare(commands, ["MLP 784-256-10", "Conv2d + Linear", "mm 64", "mm 256"], Number(rounds));
