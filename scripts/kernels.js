/**
 * Compiles `assembly/` to WebAssembly and writes it as base64 to `src/kernels/*.wasm.ts`, which is committed: nobody
 * needs the compiler but who changes a kernel.
 *
 *     npm install --no-save assemblyscript@0.28.20
 *     node scripts/kernels.js
 *
 * Each file says of which sources it was made; a test compares that with the sources.
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../assembly/", import.meta.url));
const target = (name) => fileURLToPath(new URL(`../src/kernels/${name}.wasm.ts`, import.meta.url));

/** What a module is made with, and what its documentation says of it. */
const plain = { title: "with multiplications and additions rounded apart", options: [] };
const fused = {
  title: "with fused multiply-adds, which are relaxed SIMD",
  options: ["--enable", "relaxed-simd"],
};

/** For each file of kernels its sources, and the modules it is compiled to. */
const products = {
  gemm: { sources: ["gemm.ts", "multiply-add.fused.ts", "multiply-add.plain.ts"], modules: { fused, plain } },
  moments: { sources: ["moments.ts"], modules: { moments: { title: "of sums over elements", options: [] } } },
};

/** A hash of the sources of one file of kernels. */
export function hashOfSources(product) {
  const hash = createHash("sha256");
  for (const name of products[product].sources) hash.update(`${name}\0`).update(readFileSync(folder + name));
  return hash.digest("hex");
}

/** One module in base64; where it imports `multiply-add`, it gets `multiply-add.KIND.ts`. */
async function compiled(asc, product, kind) {
  let bytes;
  const messages = [];
  const { sources, modules } = products[product];
  const { error } = await asc.main(
    [
      `${product}.ts`,
      "--outFile",
      `${product}.wasm`,
      "--enable",
      "simd",
      ...modules[kind].options,
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

async function make(asc, product) {
  const modules = [];
  for (const [kind, { title }] of Object.entries(products[product].modules)) {
    modules.push({ kind, title, base64: await compiled(asc, product, kind) });
  }
  const text = `/**
 * The kernels of \`assembly/${product}.ts\` as WebAssembly in base64. Made by \`scripts/kernels.js\`; not to be edited.
 */

/** A hash of the sources it was made of. */
export const sourceHash: string = "${hashOfSources(product)}";
${modules
  .map(
    ({ kind, title, base64 }) => `
/** The kernels ${title}. */
export const ${kind}Kernels: string =
  "${base64}";
`,
  )
  .join("")}`;
  writeFileSync(target(product), text);
  for (const { kind, base64 } of modules) {
    console.log(`${product}, ${kind}: ${Math.ceil((base64.length * 3) / 4)} bytes`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { default: asc } = await import("assemblyscript/asc");
  for (const product of Object.keys(products)) await make(asc, product);
}
