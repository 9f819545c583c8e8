/**
 * What Node multiplies matrices with unless a program says otherwise: the platform's BLAS library, looked for at the first
 * product that is large enough for a kernel. Imported for this effect by the entry for Node.
 *
 * The environment variable `PARASCOPE_BLAS` names another library, by name or path, or `none`.
 */

import { gemm, installGemm } from "../kernels/gemm.ts";
import type { Gemm } from "../kernels/gemm.ts";
import { installNativeBlas } from "./native-blas.ts";

/** Takes the place of the kernel until it is called. Loading a library takes 7 to 20 ms, which most commands never need. */
const look: Gemm = (...product) => {
  const library = process.env["PARASCOPE_BLAS"];
  installGemm(null);
  if (library !== "none") installNativeBlas(library === undefined || library === "" ? {} : { library });
  gemm(...product);
};

installGemm(look);
