/** The dtypes by their tags in file formats; the tags are columns of the table in `dtype.ts`. */

import type { DType } from "./dtype.ts";
import { dtypes } from "./dtype.ts";

function index(tag: "storage" | "safetensors" | "numpy" | "exportCode"): ReadonlyMap<string | number, DType> {
  return new Map(
    Object.values(dtypes).flatMap((dtype) => (dtype[tag] === null ? [] : [[dtype[tag], dtype] as const])),
  );
}

/** The dtypes by typed storage class (`FloatStorage`). */
export const dtypeOfStorage: ReadonlyMap<string | number, DType> = index("storage");
/** The dtypes by safetensors tag (`F32`). */
export const dtypeOfSafetensors: ReadonlyMap<string | number, DType> = index("safetensors");
/** The dtypes by NumPy type code (`f4`). */
export const dtypeOfNumpy: ReadonlyMap<string | number, DType> = index("numpy");
/** The dtypes by their number in `torch.export` archives. */
export const dtypeOfExport: ReadonlyMap<string | number, DType> = index("exportCode");
