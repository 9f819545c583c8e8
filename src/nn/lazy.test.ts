import { expect, test } from "vitest";
import { zeros } from "../ops/creation.ts";
import "../ops/methods.ts";
import { Conv2d } from "./conv.ts";
import { deepCopy } from "./deep-copy.ts";
import { LazyBatchNorm1d, LazyConv2d, LazyLinear } from "./lazy.ts";
import * as init from "./init.ts";
import { Linear } from "./linear.ts";
import { Sequential } from "./sequential.ts";
import { spectralNorm } from "./utils/spectral-norm.ts";
import { weightNorm } from "./utils/weight-norm.ts";
import { UninitializedParameter, isUninitialized } from "./uninitialized.ts";

test("a lazy layer becomes the layer that it stands for, and keeps its parameters' identity", () => {
  const layer = new LazyConv2d(4, 3);
  const { weight, bias } = layer;
  expect(isUninitialized(weight)).toBe(true);
  expect(() => weight.shape).toThrow("Can't access the shape of an uninitialized parameter or buffer.");
  layer(zeros(1, 2, 5, 5));
  expect(layer.weight).toBe(weight);
  expect(layer.bias).toBe(bias);
  expect(String(weight.shape)).toBe("torch.Size([4, 2, 3, 3])");
  expect(Object.getPrototypeOf(layer)).toBe(Conv2d.prototype);
  expect(isUninitialized(weight)).toBe(false);
});

test("a network of lazy layers finds all its shapes in one call", () => {
  const net = new Sequential(new LazyLinear(4), new LazyBatchNorm1d(), new LazyLinear(2));
  net(zeros(3, 5));
  expect(String(net)).toBe(
    "Sequential(\n  (0): Linear(in_features=5, out_features=4, bias=True)\n  (1): BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)\n  (2): Linear(in_features=4, out_features=2, bias=True)\n)",
  );
});

test("loading a state dict gives shapes, which the first input does not draw anew", () => {
  const source = new Linear(3, 2);
  const layer = new LazyLinear(2);
  layer.loadStateDict(source.stateDict());
  layer(zeros(1, 3));
  expect(String(layer)).toBe("Linear(in_features=3, out_features=2, bias=True)");
  expect(layer.weight.tolist()).toEqual(source.weight.tolist());
});

test("dtypes change before there is a shape", () => {
  const layer = new LazyLinear(2).double();
  layer(zeros(1, 3, { dtype: "float64" }));
  expect(layer.weight.dtype.name).toBe("float64");
});

test("an input that does not fit leaves the layer lazy", () => {
  const layer = new LazyConv2d(4, 3, { groups: 2 });
  expect(() => layer(zeros(1, 3, 5, 5))).toThrow("in_channels must be divisible by groups");
  expect(String(layer)).toContain("LazyConv2d(");
  expect(() => layer(zeros(1, 4, 5, 5))).not.toThrow();
});

test("copies of a lazy network find their own shapes", () => {
  const net = new Sequential(new LazyLinear(4), new LazyBatchNorm1d());
  net.half();
  net[0].weight = new UninitializedParameter({ requiresGrad: false, dtype: "float16" });
  const copy = deepCopy(net);
  expect(copy[0].weight === net[0].weight).toBe(false);
  expect([copy[0].weight.requiresGrad, copy[0].weight.dtype.name]).toEqual([false, "float16"]);
  copy.float()(zeros(2, 3));
  expect(Object.getPrototypeOf(copy[0])).toBe(Linear.prototype);
  expect(String(copy[0].weight.shape)).toBe("torch.Size([4, 3])");
  expect(String(net)).toContain("LazyLinear(in_features=0");
  net.float()(zeros(2, 5));
  expect([String(net[0].weight.shape), String(copy[0].weight.shape)]).toEqual([
    "torch.Size([4, 5])",
    "torch.Size([4, 3])",
  ]);
  expect(() => copy(zeros(2, 3))).not.toThrow();
});

const refusal = (method: string, kind = "UninitializedParameter"): string =>
  `Attempted to use an uninitialized parameter in <method '${method}' of 'torch._C.TensorBase' objects>. This error happens when you are using a \`LazyModule\` or explicitly manipulating \`torch.nn.parameter.${kind}\` objects.`;

test("a parameter without a shape refuses to compute, in PyTorch's words", () => {
  const { weight } = new LazyLinear(2);
  expect(() => weight.numel()).toThrow(refusal("numel"));
  expect(() => weight.zero_()).toThrow(refusal("zero_"));
  expect(() => weight.indexSelect(0, zeros(1))).toThrow(refusal("index_select"));
  expect(() => new LazyLinear(2).requiresGrad_(false)).toThrow(refusal("requires_grad_"));
  const { running_mean: mean } = new LazyBatchNorm1d();
  expect(() => mean!.add(1)).toThrow(refusal("add", "UninitializedBuffer"));
  expect(() => new LazyLinear(2).apply((layer) => init.zeros_((layer as LazyLinear).weight))).toThrow(
    refusal("zero_"),
  );
});

test("what has a shape computes as every other, with the dtype asked for", () => {
  const parameter = new UninitializedParameter();
  parameter.materialize([2, 2], { dtype: "float64" });
  expect([parameter.numel(), parameter.sum().item(), parameter.dtype.name]).toEqual([4, 0, "float64"]);
});

test("state dicts without shapes load into lazy layers only", () => {
  const layer = new LazyLinear(3);
  expect(String(layer.loadStateDict(new LazyLinear(3).stateDict()))).toBe("<All keys matched successfully>");
  expect(isUninitialized(layer.weight)).toBe(true);
  expect(() => new Linear(2, 3).loadStateDict(layer.stateDict())).toThrow(
    "Can't access the shape of an uninitialized parameter or buffer.",
  );
});

test("inputs without features, missing inputs and normed weights are refused", () => {
  const layer = new LazyLinear(3);
  expect(() => (layer as unknown as () => void)()).toThrow(
    "LazyLinear.initialize_parameters() missing 1 required positional argument: 'input'",
  );
  expect(() => layer(zeros())).toThrow("tuple index out of range");
  expect(() => weightNorm(layer)).toThrow(
    "The module passed to `WeightNorm` can't have uninitialized parameters.",
  );
  expect(() => spectralNorm(layer)).toThrow(
    "The module passed to `SpectralNorm` can't have uninitialized parameters.",
  );
});

test("a lazy layer tied to another's weight draws what it still lacks", () => {
  const [first, second] = [new LazyLinear(3), new LazyLinear(3)];
  second.weight = first.weight;
  first(zeros(1, 4));
  expect([isUninitialized(second.weight), isUninitialized(second.bias)]).toEqual([false, true]);
  expect(String(second(zeros(1, 4)).shape)).toBe("torch.Size([1, 3])");
  expect(String(second)).toBe("Linear(in_features=4, out_features=3, bias=True)");
});
