/**
 * Everything that PyTorch's `torch.nn` offers is here under its name in camelCase, or is absent for a reason that is written
 * down. `nn-names.py` made the list.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { optionName } from "../../src/optim/hyper-parameter.ts";
import * as nn from "../../src/nn/index.ts";

type Scope = "modules" | "functional" | "init" | "utils" | "Module";

const golden = JSON.parse(readFileSync(new URL("nn-names.json", import.meta.url), "utf8")) as Readonly<
  Record<Scope, Readonly<Record<string, readonly string[] | null>>>
>;

const here: Readonly<Record<Scope, object>> = {
  modules: nn,
  functional: nn.functional,
  init: nn.init,
  utils: nn.utils,
  Module: nn.Module.prototype,
};

/** What is deliberately not here, and why. */
const absent: Readonly<Record<Scope, Readonly<Record<string, string>>>> = {
  modules: {
    Container: "the base of containers before 0.2; nothing of PyTorch uses it",
    CrossMapLRN2d:
      "of Lua Torch, and its sums never lose the first channel; LocalResponseNorm is what it means",
    LinearCrossEntropyOptions: "how PyTorch saves memory in LinearCrossEntropyLoss; it changes no result",
  },
  functional: {
    conv_tbc: "conv1d with its dimensions in another order",
    grouped_mm: "for GPUs",
    scaled_grouped_mm: "for GPUs",
    scaled_mm: "for GPUs",
    multi_head_attention_forward: "24 positional arguments; multiHeadAttention is the same with names",
    native_channel_shuffle: "channelShuffle under an internal name",
  },
  init: Object.fromEntries(
    "constant dirac eye kaiming_normal kaiming_uniform normal orthogonal sparse uniform xavier_normal xavier_uniform"
      .split(" ")
      .map((name) => [name, `deprecated in PyTorch; ${name}_ is here`]),
  ),
  utils: {
    clip_grad_norm: "deprecated in PyTorch; clip_grad_norm_ is here",
    convert_conv2d_weight_memory_format: "tensors here have no channels-last kernels",
    convert_conv3d_weight_memory_format: "tensors here have no channels-last kernels",
    fuse_conv_bn_eval: "folds layers for deployment, which is not this package's task",
    fuse_conv_bn_weights: "folds layers for deployment, which is not this package's task",
    fuse_linear_bn_eval: "folds layers for deployment, which is not this package's task",
    fuse_linear_bn_weights: "folds layers for deployment, which is not this package's task",
    parametrizations: "parametrizations replace a module's class; weightNorm and spectralNorm are here",
    parametrize: "parametrizations replace a module's class; weightNorm and spectralNorm are here",
    skip_init: "building on the device meta does it",
    stateless: "deprecated in PyTorch",
  },
  Module: {
    compile: "programs here are not compiled",
    cuda: "there is no such device",
    ipu: "there is no such device",
    mtia: "there is no such device",
    xpu: "there is no such device",
    share_memory: "there are no processes to share with",
    get_extra_state: "a method that classes may have: getExtraState",
    set_extra_state: "a method that classes may have: setExtraState",
  },
};

describe.each(Object.keys(here) as Scope[])("%s", (scope) => {
  test("has every name of PyTorch's, but for those that are absent for a reason", () => {
    const missing = Object.keys(golden[scope]).filter((name) => !(optionName(name) in here[scope]));
    expect(missing).toEqual(Object.keys(absent[scope]).toSorted());
  });
});
