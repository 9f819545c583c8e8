/**
 * What an op costs beside its arithmetic: single ops at 1, 64 and 4096 elements, and a 10 → 20 → 5 network forward and
 * backward, in microseconds, ours beside PyTorch, TensorFlow.js and jax-js. The sides take turns case by case, in several
 * rounds of one run; the median of the rounds counts.
 *
 *     npm install --prefix bench && node bench/overhead/overhead.js [PYTHON] [ROUNDS]
 */

import { fileURLToPath } from "node:url";
import { compare } from "./compare.js";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [python = "python3", rounds = "5"] = process.argv.slice(2);
const commands = {
  parascope: [process.execPath, here("../../scripts/run.js"), here("parascope.ts")],
  PyTorch: [python, "-W", "ignore", here("pytorch.py")],
  "tfjs cpu": [process.execPath, here("tfjs.js"), "cpu"],
  "jax-js wasm": [process.execPath, here("jax-js.js")],
};
const names = [1, 64, 4096].flatMap((count) =>
  ["add", "mul", "mm", "relu", "sum"].map((op) => `${op} ${count}`),
);
names.push("step 10-20-5");

await compare(commands, names, Number(rounds));
