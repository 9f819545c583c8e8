/** The kind `repr`: a module, and PyTorch's text of it, or the error of its constructor. */

import { manualSeed } from "../../../src/tensor/random/index.ts";
import { asText } from "../case-data.ts";
import type { Kind } from "../kind.ts";
import { networkOf } from "../network.ts";
import { outcomeOf } from "../outcome.ts";

/** The kind `repr`; the text is compared exactly. */
export const repr: Kind = {
  name: "repr",
  check(given) {
    manualSeed(0);
    const found = outcomeOf(() => String(networkOf(given["module"])));
    const expected =
      given["error"] === undefined
        ? asText(given["repr"], "repr")
        : `${asText(given["error"], "error")}: ${asText(given["message"], "message")}`;
    return found === expected ? [] : [{ what: "text", expected, found }];
  },
};
