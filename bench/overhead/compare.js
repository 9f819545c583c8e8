/** Asks several programs in turn what their cases take, and prints the medians as a table. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

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

/** Asks the sides that the commands start for every case in turn, `rounds` times, and prints the medians. */
export async function compare(commands, names, rounds) {
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
}
