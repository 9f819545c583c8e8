/** NumPy's file of one array, `.npy`. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Value } from "../catalog/value.ts";
import { FormatError } from "../errors.ts";
import { isKind } from "../pickle/globals.ts";
import type { Candidate, Format } from "./format.ts";
import { arrayOf, catalogOfArrays, entryOf, readNpyHeader } from "./npy-array.ts";
import type { NpyHeader } from "./npy-header.ts";
import { npyMagic } from "./npy-header.ts";
import { catalogOfBarePickle } from "./pickle.ts";
import { PickleStream } from "./pickle-stream.ts";

/** The format of one array. */
export const npy: Format = {
  name: "npy",

  claims: (candidate) => candidate.startsWith(npyMagic),

  async open(candidate) {
    const { source, limits, signal } = candidate;
    const header = await readNpyHeader(source.size, (end) => source.read(0, end, signal), limits);
    if (header.descr === "|O" || header.descr === "O") return openObjects(candidate, header);
    const array = arrayOf(header, source);
    if (array.refused !== null) {
      throw new FormatError(`opening a NumPy array: ${array.refused}`, {
        code: "npy-array",
        hint: "Convert it with NumPy, array.astype(...), to an element type that PyTorch has.",
      });
    }
    const entry = entryOf(array, 0, [], dataKey);
    return catalogOfArrays(npy.name, limits, {
      entries: [entry],
      root: { kind: "tensor", entry: 0 },
      metadata: { descr: header.descr, fortranOrder: header.isFortran },
      notices: array.notices,
      storages: new Map([[dataKey, array.bytes]]),
    });
  },
};

/** The storage of the file. */
const dataKey = "data";

/** An array of Python objects, which stands in the file as a pickle: its tensors and arrays, and nothing is run. */
async function openObjects(candidate: Candidate, { dataStart, descr }: NpyHeader): Promise<Catalog> {
  const { source, limits, signal } = candidate;
  const stream = new PickleStream(source, { limits, signal });
  stream.position = dataStart;
  const { value } = await stream.next();
  return catalogOfBarePickle(candidate, { value: elementsOf(value) }, npy.name, {
    metadata: { descr },
    notices: [
      {
        code: "pickled-objects",
        message: "The array's elements are pickled Python objects. Nothing of them was run.",
        names: [],
      },
    ],
  });
}

/** What an array of objects holds: the object itself where it has no dimensions, as NumPy saves a dictionary. */
function elementsOf(value: Value): Value {
  if (!isKind(value, "object") || !isKind(value.state, "tuple")) return value;
  const elements = value.state.items.at(-1);
  if (!isKind(elements, "list")) return value;
  const shape = value.state.items.at(-4);
  return isKind(shape, "tuple") && shape.items.length === 0 ? elements.items[0]! : elements;
}
