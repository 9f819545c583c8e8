/** What the walk over a pickle found that a reader should know. */

import type { Notice } from "../catalog/catalog.ts";
import { quote } from "../errors.ts";

/** Names that a notice spells out, and notices of one kind that stand by themselves. */
const shownNames = 5;
const shownRefusals = 20;

/** Collects findings during a walk. */
export class PickledFindings {
  /** Tensors that are not believed, by name, with the reason. */
  readonly refused: { readonly name: string; readonly reason: string }[] = [];
  readonly nonPersistentBuffers: string[] = [];
  readonly arrays: string[] = [];
  /** Whether values were left out because the file shares them too often. */
  hasSharedTooOften = false;
  /** Whether values were left out because they lie too deep. */
  hasTooDeep = false;

  /** The findings, one notice a kind. */
  notices(): readonly Notice[] {
    return [...this.#refusals(), ...this.#buffers(), ...this.#numpyArrays(), ...this.#leftOut()];
  }

  #refusals(): readonly Notice[] {
    const notices: Notice[] = this.refused.slice(0, shownRefusals).map(({ name, reason }) => ({
      code: "refused-tensor",
      message: `${quote(name)} is not listed: ${reason}.`,
      names: [],
    }));
    const more = this.refused.length - notices.length;
    if (more > 0) {
      notices.push({
        code: "refused-tensor",
        message: `${more} more tensors are not listed for reasons like these.`,
        names: [],
      });
    }
    return notices;
  }

  #buffers(): readonly Notice[] {
    const names = this.nonPersistentBuffers;
    if (names.length === 0) return [];
    const count = names.length === 1 ? "1 buffer is" : `${names.length} buffers are`;
    const message = `${count} saved with the module and left out of its state_dict().`;
    return [{ code: "non-persistent-buffers", message, names }];
  }

  #numpyArrays(): readonly Notice[] {
    const { arrays } = this;
    if (arrays.length === 0) return [];
    const count = arrays.length === 1 ? "1 NumPy array is" : `${arrays.length} NumPy arrays are`;
    const names = arrays.slice(0, shownNames).map(quote).join(", ");
    const more = arrays.length > shownNames ? ", …" : "";
    return [
      { code: "numpy-arrays", message: `${count} not listed, being no tensors: ${names}${more}.`, names: [] },
    ];
  }

  #leftOut(): readonly Notice[] {
    const notices: Notice[] = [];
    if (this.hasSharedTooOften) {
      notices.push({
        code: "shared-values",
        message: "Values that the file shares very often are listed at their first places only.",
        names: [],
      });
    }
    if (this.hasTooDeep) {
      notices.push({
        code: "deep-values",
        message: "Values that lie inside more than 100 others are not listed.",
        names: [],
      });
    }
    return notices;
  }
}
