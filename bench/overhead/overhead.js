/**
 * What an op costs beside its arithmetic: single ops at 1, 64 and 4096 elements, and a 10 → 20 → 5 network forward and
 * backward, in microseconds, ours beside PyTorch, TensorFlow.js and jax-js. The sides take turns case by case, in several
 * rounds of one run; the median of the rounds counts.
 *
 *     npm install --prefix bench && node bench/overhead/overhead.js [PYTHON] [ROUNDS]
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

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

/** Starts a side; the function it gives asks it for one case. */
function started([command, ...args]) {
  const side = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  const answers = createInterface({ input: side.stdout })[Symbol.asyncIterator]();
  const ask = async (name) => {
    side.stdin.write(`${name}\n`);
    const { value, done } = await answers.next();
    return done ? "it stopped" : JSON.parse(value);
  };
  side.stdin.on("error", () => {});
  side.on("error", () => {});
  return { ask, stop: () => side.stdin.end() };
}

const sides = Object.entries(commands).map(([title, command]) => ({
  title,
  side: started(command),
  times: {},
}));
for (let round = 0; round < Number(rounds); round++) {
  for (const name of names) {
    for (const { side, times } of sides) {
      const answer = await side.ask(name);
      (times[name] ??= []).push(answer);
    }
  }
}
for (const { side } of sides) side.stop();

function cell(times) {
  const measured = times.filter((time) => typeof time === "number").sort((a, b) => a - b);
  return measured.length === 0 ? "–" : measured[Math.floor(measured.length / 2)].toFixed(2);
}

console.log(`| µs a call | ${sides.map(({ title }) => title).join(" | ")} |`);
console.log(`|---|${sides.map(() => "---").join("|")}|`);
for (const name of names) {
  console.log(`| ${name} | ${sides.map(({ times }) => cell(times[name])).join(" | ")} |`);
}
for (const { title, times } of sides) {
  const fault = Object.values(times)
    .flat()
    .find((time) => typeof time === "string");
  if (fault !== undefined) console.log(`${title}: ${fault}`);
}
