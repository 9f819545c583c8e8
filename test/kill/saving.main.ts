/**
 * Saves to the path in its arguments again and again, a new generation each time, until it is killed: a file by its
 * ending, or shards to a folder.
 */

import { dtypes } from "../../src/dtype.ts";
import { save, saveShards } from "../../src/node/save.ts";

const [path = ""] = process.argv.slice(2);
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
  const generationText = String(generation);
  if (path.endsWith(".pt")) await save({ generation, weight }, path);
  else if (path.endsWith(".safetensors"))
    await save({ weight }, path, { metadata: { generation: generationText } });
  else {
    // Every other time in as many files as the time before: under the same names and under others.
    const shards = 3 + (Math.floor(generation / 2) % 2);
    const parts = Array.from({ length: shards }, (_, part): [string, typeof weight] => [
      `weight.${part}`,
      { ...weight, storage: { ...weight.storage } },
    ]);
    await saveShards(new Map(parts), path, {
      shardByteLength: bytes.length,
      metadata: { generation: generationText },
    });
  }
  process.stdout.write(".");
}
