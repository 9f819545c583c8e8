/** The types that the methods of Tensor get from their ops: none of them may be uncallable. */

import { describe, expect, it } from "vitest";
import { randn } from "parascope";
import type { Tensor } from "parascope";

/** The members of Tensor that nobody could call or read. */
type Uncallable = { [Name in keyof Tensor]: [Tensor[Name]] extends [never] ? Name : never }[keyof Tensor];

/** Does not compile unless the type is `true`. */
function holds<Claim extends true>(..._claim: Claim[]): void {}

describe("the methods of a tensor", () => {
  it("can all be called", () => {
    holds<[Uncallable] extends [never] ? true : false>();
    const x = randn(2, { dtype: "float64" });
    expect(String(x.newZeros(2, 3).shape)).toBe("torch.Size([2, 3])");
    expect(String(x.newOnes([2], { dtype: "int64" }))).toBe("tensor([1, 1])");
    expect(x.newEmpty(4).dtype).toBe(x.dtype);
    expect(x.newFull([1], 7).tolist()).toEqual([7]);
  });
});
