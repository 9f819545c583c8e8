/**
 * `torch.save` before the zip: PyTorch 0.1.10 to 1.5, later ones when asked to, and Python 2.
 *
 * Opening reads the pickles and the eight bytes before each storage.
 */

import type { Notice } from "../catalog/catalog.ts";
import { beginsAsLegacy } from "../pickle/survey.ts";
import { TorchReader } from "../pickle/torch.ts";
import { classSources, sourceNotices } from "./class-sources.ts";
import type { Format } from "./format.ts";
import type { LegacyFile } from "./legacy-file.ts";
import { readLegacy } from "./legacy-file.ts";
import { graftNested } from "./nested-storages.ts";
import { withArrays } from "./numpy-arrays.ts";
import { catalogOfPickle } from "./pickled-catalog.ts";

/** The format of `.pt` and `.pth` files before 2020. */
export const legacy: Format = {
  name: "torch-legacy",

  claims: ({ head }) => beginsAsLegacy(head),

  async open(candidate) {
    const { limits, signal } = candidate;
    const torch = new TorchReader(limits);
    const file = await readLegacy(candidate.source, { torch, limits, signal });
    const nested = await graftNested(file.pickle.value, { limits, signal });
    const sources = classSources(file.ids);
    return catalogOfPickle({
      format: legacy.name,
      // Where there is no storage, arrays are all there is to see; beside tensors they are not what is looked for.
      root: file.storages.size + nested.storages.size === 0 ? withArrays(nested.root) : nested.root,
      torch,
      storages: new Map([...file.storages, ...nested.storages]),
      metadata: {
        byteOrder: file.isBigEndian ? "big" : "little",
        pickleProtocol: file.pickle.protocol,
        ...(sources.length === 0 ? {} : { sources }),
      },
      notices: [...noticesOf(file), ...sourceNotices(sources)],
      limits,
    });
  },
};

function noticesOf({ isBigEndian, trailingByteLength }: LegacyFile): Notice[] {
  const notices: Notice[] = [];
  if (isBigEndian) {
    notices.push({
      code: "big-endian-writer",
      message:
        "A big-endian machine wrote the file; PyTorch stores elements little-endian in this format all the same.",
      names: [],
    });
  }
  if (trailingByteLength > 0) {
    notices.push({
      code: "trailing-bytes",
      message: `${trailingByteLength} bytes follow the last storage; PyTorch passes over them.`,
      names: [],
    });
  }
  return notices;
}
