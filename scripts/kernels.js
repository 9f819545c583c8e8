/**
 * Compiles `assembly/` to WebAssembly and writes it as base64 to `src/kernels/gemm.wasm.ts`, which is committed: nobody
 * needs the compiler but who changes a kernel.
 *
 *     npm install --no-save assemblyscript@0.28.20
 *     node scripts/kernels.js
 *
 * The file says of which sources it was made; a test compares that with the sources.
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../assembly/", import.meta.url));
const target = fileURLToPath(new URL("../src/kernels/gemm.wasm.ts", import.meta.url));
const sources = ["gemm.ts", "multiply-add.fused.ts", "multiply-add.plain.ts"];

/** A hash of all sources. */
export function hashOfSources() {
  const hash = createHash("sha256");
  for (const name of sources) hash.update(`${name}\0`).update(readFileSync(folder + name));
  return hash.digest("hex");
}

/** The module that has `multiply-add.KIND.ts` as its multiply-add, in base64. */
async function compiled(asc, kind) {
  let bytes;
  const messages = [];
  const options = ["--enable", "simd", ...(kind === "fused" ? ["--enable", "relaxed-simd"] : [])];
  const { error } = await asc.main(
    [
      "gemm.ts",
      "--outFile",
      "gemm.wasm",
      ...options,
      "--runtime",
      "stub",
      "--importMemory",
      "--noAssert",
      "--optimizeLevel",
      "3",
      "--shrinkLevel",
      "0",
    ],
    {
      readFile(name) {
        const file = name === "multiply-add.ts" ? `multiply-add.${kind}.ts` : name;
        return sources.includes(file) ? readFileSync(folder + file, "utf8") : null;
      },
      writeFile(name, contents) {
        if (name.endsWith(".wasm")) bytes = contents;
      },
      listFiles: () => [],
      stderr: { write: (text) => messages.push(text) },
    },
  );
  if (error) throw new Error(`assembly/ does not compile:\n${messages.join("")}`, { cause: error });
  return Buffer.from(bytes).toString("base64");
}

async function main() {
  const { default: asc } = await import("assemblyscript/asc");
  const modules = [];
  for (const kind of ["fused", "plain"]) modules.push([kind, await compiled(asc, kind)]);
  const text = `/**
 * The kernels of \`assembly/\` as WebAssembly in base64. Made by \`scripts/kernels.js\`; not to be edited.
 */

/** A hash of the sources it was made of. */
export const sourceHash: string = "${hashOfSources()}";
${modules
  .map(
    ([kind, base64]) => `
/** The kernels with ${kind === "fused" ? "fused multiply-adds, which are relaxed SIMD" : "multiplications and additions rounded apart"}. */
export const ${kind}Kernels: string =
  "${base64}";
`,
  )
  .join("")}`;
  writeFileSync(target, text);
  for (const [kind, base64] of modules) console.log(`${kind}: ${Math.ceil((base64.length * 3) / 4)} bytes`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
