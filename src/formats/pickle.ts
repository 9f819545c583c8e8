/**
 * Bare pickles: tensors and NumPy arrays written by `pickle.dump` instead of `torch.save`. PyTorch does not load them,
 * Python does. One that holds neither is no checkpoint, whatever else it would do.
 */

import type { Catalog, Notice } from "../catalog/catalog.ts";
import { FormatError, quote } from "../errors.ts";
import type { Unpickled } from "../pickle/machine.ts";
import { beginsAsPickle } from "../pickle/survey.ts";
import { latin1 } from "../pickle/text.ts";
import { TorchReader } from "../pickle/torch.ts";
import type { Candidate, Format } from "./format.ts";
import { graftNested } from "./nested-storages.ts";
import { withArrays } from "./numpy-arrays.ts";
import { PickleStream } from "./pickle-stream.ts";
import { catalogOfPickle } from "./pickled-catalog.ts";

/** Names that the answer to a pickle without tensors spells out. */
const shownNames = 3;

/** The format of a `.pkl` with tensors or arrays. */
export const barePickle: Format = {
  name: "pickle",

  claims: ({ head }) => beginsAsPickle(head),

  async open(candidate) {
    const { source, limits, signal } = candidate;
    const stream = new PickleStream(source, { limits, signal });
    const pickle = await stream.next().catch((error: unknown) => {
      if (!(error instanceof FormatError)) throw error;
      throw latin1(candidate.head).includes("joblib.numpy_pickle") ? ofJoblib(error) : damaged(error);
    });
    const catalog = await catalogOfBarePickle(candidate, pickle, barePickle.name, {
      metadata: { pickleProtocol: pickle.protocol },
      notices: restNotices(source.size - stream.position),
    });
    if (catalog.entries.length > 0) return catalog;
    throw withoutTensors(pickle, source.size - stream.position);
  },
};

/** What is said of the file around a pickle. */
export interface PickleSurroundings {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
}

/** The catalog of a pickle that no `torch.save` wrote: its tensors, and its arrays. */
export async function catalogOfBarePickle(
  { limits, signal }: Candidate,
  pickle: Pick<Unpickled, "value">,
  format: string,
  surroundings: PickleSurroundings,
): Promise<Catalog> {
  const { root, storages } = await graftNested(pickle.value, { limits, signal });
  const torch = new TorchReader(limits);
  return catalogOfPickle({ format, root: withArrays(root), torch, storages, limits, ...surroundings });
}

function restNotices(rest: number): Notice[] {
  if (rest === 0) return [];
  return [
    {
      code: "trailing-bytes",
      message: `${rest} bytes follow the end of the pickle; Python passes over them, and they can be another one.`,
      names: [],
    },
  ];
}

/** joblib writes the elements of arrays between the opcodes of its pickle, where no pickle can have them. */
function ofJoblib(cause: FormatError): FormatError {
  return new FormatError(
    "opening a checkpoint: the file is a pickle of joblib, whose arrays stand between its opcodes",
    {
      code: "unsupported-format",
      hint: "Nothing of it was run. Load it with joblib where you trust it, and save its arrays with numpy.savez(...).",
      cause,
    },
  );
}

function damaged(cause: FormatError): FormatError {
  return new FormatError(
    `opening a checkpoint: the file is a bare pickle that cannot be read (${cause.message})`,
    {
      code: cause.code,
      hint: "Nothing of it was run. The file is damaged, or made to mislead: get it again from where it came from.",
      cause,
    },
  );
}

function withoutTensors({ protocol, globals }: Unpickled, rest: number): FormatError {
  const names = globals.slice(0, shownNames).map(({ module, name }) => quote(`${module}.${name}`));
  const more = globals.length > shownNames ? ", …" : "";
  const naming = names.length === 0 ? "" : `; it names ${names.join(", ")}${more}`;
  const following = rest === 0 ? "" : `; ${rest} bytes follow it`;
  return new FormatError(
    `opening a checkpoint: the file is a bare pickle (protocol ${protocol < 2 ? "0 or 1" : protocol}) without tensors or arrays${naming}${following}`,
    {
      code: "bare-pickle",
      hint: "Nothing of it was run. A pickle can run any program when Python loads it: be careful with it.",
    },
  );
}
