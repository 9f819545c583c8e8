import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { dtypes } from "./dtype.ts";
import { Identity, Linear, Sequential } from "./nn/index.ts";
import { SGD } from "./optim/index.ts";
import { tensor, zeros } from "./ops/index.ts";

describe("console.log prints PyTorch's text", () => {
  const net = new Sequential(new Linear(2, 1));
  const printed: readonly [unknown, string][] = [
    [zeros(5, 10).shape, "torch.Size([5, 10])"],
    [zeros(3).dtype, "torch.float32"],
    [{ dtype: dtypes.int64, shape: zeros(0).shape }, "{ dtype: torch.int64, shape: torch.Size([0]) }"],
    [tensor([1, 2]), "tensor([1, 2])"],
    [[net], "[\n  Sequential(\n    (0): Linear(in_features=2, out_features=1, bias=True)\n  )\n]"],
    [net.loadStateDict(net.stateDict()), "<All keys matched successfully>"],
    [new Identity().stateDict(), "OrderedDict()"],
    [tensor([3, 1]).max(0), "torch.return_types.max(\nvalues=tensor(3),\nindices=tensor(0))"],
    [new SGD([{ params: net.parameters() }]), String(new SGD(net.parameters()))],
  ];

  it.each(printed)("%#: %s", (value, text) => {
    expect(inspect(value)).toBe(text);
  });
});
