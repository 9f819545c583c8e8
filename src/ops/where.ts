/**
 * `where`, as a function; its method is in `choosing.ts`. Rules of other ops use it too.
 */

import { dtypes } from "../dtype.ts";
import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { isNumberArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { Loops3 } from "./elementwise.ts";
import { converted, numberTensor, resultTypeOf, runTernary } from "./elementwise.ts";
import type { Op } from "./op.ts";
import { needs, op } from "./op.ts";

const loops: Loops3 = {
  result: "same",
  loop(out, o, os, a, i, is, b, j, js, c, l, ls, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) out[o] = a[i]! !== 0 ? b[j]! : c[l]!;
  },
  kernel: "where_cpu",
  alsoTakes: ["unsigned", "float8"],
  complex(out, o, os, a, i, is, b, j, js, c, l, ls, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) {
      out[o] = a[i]! !== 0 ? b[j]! : c[l]!;
      out[o + 1] = a[i]! !== 0 ? b[j + 1]! : c[l + 1]!;
    }
  },
  big: (condition, x, y) => (Number(condition) === 0 ? y : x),
};

const choose: Op<(condition: Tensor, self: Tensor, other: Tensor) => Tensor> = op({
  name: "where",
  inputs: ["condition", "self", "other"],
  forward(condition, self, other) {
    if (condition.dtype !== dtypes.bool && condition.dtype !== dtypes.uint8) {
      throw torchError(
        "RuntimeError",
        `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype.scalarType}`,
      );
    }
    // Two numbers make a tensor of the default dtype or of int64, as they would by themselves.
    const [x, y] = [self, other].map((each) =>
      each.isNumber && self.isNumber && other.isNumber ? converted(each, resultTypeOf([self, other])) : each,
    ) as [Tensor, Tensor];
    return runTernary("where", loops, condition, x, y, [x, y], null);
  },
  backward: {
    // ∂/∂self: the gradient where the condition holds, else 0
    self: needs(["condition"], (g, { condition }) => where(condition, g, 0)),
    // ∂/∂other: the gradient where it does not hold
    other: needs(["condition"], (g, { condition }) => where(condition, 0, g)),
  },
  samples: () => [],
});

function choice(name: string, position: number, value: Tensor | NumberArgument): Tensor {
  if (isTensor(value)) return value;
  if (isNumberArgument(value)) return numberTensor(value);
  throw torchError(
    "TypeError",
    `where(): argument '${name}' (position ${position}) must be Tensor, not ${pythonTypeName(value)}`,
  );
}

/**
 * Elements of `self` where the condition holds, else of `other`.
 *
 * Shape: all three broadcast.
 * Throws: PyTorch's RuntimeError for a condition that is not bool.
 *
 * @example
 * where(x.gt(0), x, 0);
 */
export function where(
  condition: Tensor,
  self: Tensor | NumberArgument,
  other: Tensor | NumberArgument,
): Tensor {
  return choose(condition, choice("input", 2, self), choice("other", 3, other));
}
