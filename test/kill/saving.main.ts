/** Saves to the path in its arguments again and again, a new generation each time, until it is killed. */

import { dtypes } from "../../src/dtype.ts";
import { save } from "../../src/node/save.ts";

const [path] = process.argv.slice(2);
const count = 200_000;

for (let generation = 0; ; generation += 1) {
  const values = new Float32Array(count).fill(generation);
  const bytes = new Uint8Array(values.buffer);
  const weight = {
    dtype: dtypes.float32,
    shape: [count],
    strides: [1],
    offset: 0,
    storage: { bytes, byteLength: bytes.length },
  };
  await save({ generation, weight }, path!);
  process.stdout.write(".");
}
