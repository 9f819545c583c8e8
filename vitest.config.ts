import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: { alias: { parascope: here("./src/index.node.ts") } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Documented and recorded numbers are those of the kernel that every machine has, also where a BLAS library is
    // installed; with `PARASCOPE_BLAS= npx vitest run` that library multiplies.
    env: { PARASCOPE_BLAS: process.env["PARASCOPE_BLAS"] ?? "none" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
