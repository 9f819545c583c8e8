/** The formats, in the order in which they are asked. */

import type { Format } from "./format.ts";
import { distributed } from "./distributed.ts";
import { torchExport } from "./export.ts";
import { gguf } from "./gguf.ts";
import { legacy } from "./legacy.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";
import { onnx } from "./onnx.ts";
import { barePickle } from "./pickle.ts";
import { safetensors } from "./safetensors.ts";
import { shardIndex } from "./shards.ts";
import { torchTar } from "./tar.ts";
import { torchPackage } from "./torch-package.ts";
import { torchScript } from "./torchscript.ts";
import { torchZip } from "./torch-zip.ts";

/** Every format this package opens. */
export const formats: readonly Format[] = [
  torchZip,
  safetensors,
  shardIndex,
  torchScript,
  torchExport,
  gguf,
  torchPackage,
  npz,
  npy,
  distributed,
  legacy,
  torchTar,
  barePickle,
  onnx,
];

/** Names of formats that only folders have: no file of theirs says what it is. */
export const folderFormats: readonly string[] = ["deepspeed", "distributed-safetensors"];
