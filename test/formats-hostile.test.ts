/** Real files made to attack readers of checkpoints: each gets a clear answer, at once, and nothing of it runs. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { open } from "../src/formats/open.ts";

const folder = new URL("../../shared/real/hostile/", import.meta.url);
const isMissing = !existsSync(folder);
const files = isMissing ? ["hostile files (skipped: ../shared/real is missing)"] : readdirSync(folder);

describe("hostile files", () => {
  it.skipIf(isMissing).each(files)(
    "%s gets a FormatError that says what it is and what to do, within a second",
    async (file) => {
      const globals = Object.getOwnPropertyNames(globalThis);
      const error: unknown = await open(readFileSync(new URL(file, folder))).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        name: "FormatError",
        message: expect.stringMatching(/^[a-z][^\n]{20,300}$/),
        hint: expect.stringMatching(/^[A-Z][^\n]{20,300}\.$/),
      });
      expect(Object.getOwnPropertyNames(globalThis)).toEqual(globals);
    },
    1000,
  );
});
