"""Writes down what torch.nn refuses, and the values of a few calls at the edge.

Run from the project: .oracle/bin/python test/golden/nn-refusals.py
Result: test/golden/nn-refusals.json: by the call as the test names it, the error's class and text, or the shape and dtype that came out.
"""

import json
import pathlib
import warnings

import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
zeros, ones = torch.zeros, torch.ones
double = {"dtype": torch.float64}
int64 = {"dtype": torch.int64}
labels = torch.tensor([0, 1])


def wanting(*shape):
    return torch.full(shape, 0.5, requires_grad=True)


CALLS = {
    # Dtypes that do not go together.
    "BatchNorm1d of doubles": lambda: nn.BatchNorm1d(4)(ones(2, 4, 3, **double)),
    "BatchNorm1d without weights of doubles": lambda: nn.BatchNorm1d(4, affine=False)(ones(2, 4, 3, **double)),
    "BatchNorm1d without anything of doubles": lambda: nn.BatchNorm1d(4, affine=False, track_running_stats=False)(ones(2, 4, 3, **double)),
    "a double BatchNorm1d": lambda: nn.BatchNorm1d(4).double()(ones(2, 4, 3)),
    "BatchNorm1d of integers": lambda: nn.BatchNorm1d(4)(ones(2, 4, 3, **int64)),
    "BatchNorm1d of halves": lambda: nn.BatchNorm1d(4)(ones(2, 4, 3).half()),
    "LayerNorm of doubles": lambda: nn.LayerNorm(3)(ones(2, 3, **double)),
    "a half LayerNorm": lambda: nn.LayerNorm(3).half()(ones(2, 3)),
    "LayerNorm of integers": lambda: nn.LayerNorm(3)(ones(2, 3, **int64)),
    "GroupNorm of doubles": lambda: nn.GroupNorm(2, 4)(ones(2, 4, 3, **double)),
    "InstanceNorm1d of doubles": lambda: nn.InstanceNorm1d(4, affine=True)(ones(2, 4, 3, **double)),
    "InstanceNorm1d with statistics of doubles": lambda: nn.InstanceNorm1d(4, track_running_stats=True)(ones(2, 4, 3, **double)),
    "RMSNorm of integers": lambda: nn.RMSNorm(3)(ones(2, 3, **int64)),
    "Bilinear of doubles": lambda: nn.Bilinear(3, 3, 2)(ones(2, 3, **double), ones(2, 3, **double)),
    "Bilinear without bias of doubles": lambda: nn.Bilinear(3, 3, 2, bias=False)(ones(2, 3, **double), ones(2, 3, **double)),
    "Conv1d of doubles": lambda: nn.Conv1d(4, 2, 1)(ones(2, 4, 3, **double)),
    "Conv1d in groups of doubles": lambda: nn.Conv1d(4, 2, 1, groups=2, bias=False).double()(ones(2, 4, 3)),
    "Conv1d without bias of halves": lambda: nn.Conv1d(4, 2, 1, bias=False)(ones(2, 4, 3).half()),
    "ConvTranspose1d of doubles": lambda: nn.ConvTranspose1d(4, 2, 1)(ones(2, 4, 3, **double)),
    "ConvTranspose1d of bfloat16": lambda: nn.ConvTranspose1d(4, 2, 1)(ones(2, 4, 3).bfloat16()),
    "Conv2d of integers with other channels": lambda: nn.Conv2d(2, 1, 1)(ones(1, 3, 2, 2, **int64)),
    "klDiv of integers": lambda: F.kl_div(zeros(2, 3), zeros(2, 3, **int64)),
    "glu of integers": lambda: F.glu(zeros(2, 4, **int64)),
    "nllLoss with fractions as classes": lambda: F.nll_loss(zeros(2, 3), zeros(2), zeros(4)),
    "nllLoss of integer images": lambda: F.nll_loss(zeros(2, 3, 1, 1, **int64), zeros(2, 1, 1, **int64)),
    "multiMarginLoss of integers": lambda: F.multi_margin_loss(zeros(2, 3, **int64), labels),
    "multilabelMarginLoss of integers": lambda: F.multilabel_margin_loss(zeros(2, 3, **int64), zeros(2, 3, **int64)),
    "adaptiveMaxPool2d of integers": lambda: F.adaptive_max_pool2d(ones(1, 2, 2, **int64), 1),
    "adaptiveAvgPool3d of integers": lambda: F.adaptive_avg_pool3d(ones(1, 2, 2, 2, **int64), 2),
    "avgPool2d of integers": lambda: F.avg_pool2d(ones(1, 2, 2, **int64), 2),
    "lpPool2d of integers": lambda: F.lp_pool2d(ones(1, 1, 2, 2, **int64), 2, 2),
    # Arguments without a derivative.
    "nllLoss with weights to learn": lambda: F.nll_loss(zeros(2, 3), labels, wanting(3)),
    "nllLoss of images with weights to learn": lambda: F.nll_loss(zeros(2, 3, 1, 1), zeros(2, 1, 1, **int64), wanting(3)),
    "binaryCrossEntropy with weights to learn": lambda: F.binary_cross_entropy(ones(2, 3), ones(2, 3), wanting(3)),
    "binaryCrossEntropyWithLogits with weights to learn": lambda: F.binary_cross_entropy_with_logits(ones(2, 3), ones(2, 3), pos_weight=wanting(3)),
    "multiMarginLoss with weights to learn": lambda: F.multi_margin_loss(zeros(2, 3), labels, weight=wanting(3)),
    "softMarginLoss with targets to learn": lambda: F.soft_margin_loss(ones(2), wanting(2)),
    "batchNorm with statistics to learn": lambda: F.batch_norm(ones(2, 3), wanting(3), wanting(3), training=True),
    # Shapes.
    "groupNorm of single values": lambda: F.group_norm(ones(3, 1), 3),
    "groupNorm of other channels": lambda: F.group_norm(ones(1, 4), 3),
    "rmsNorm of too few dimensions": lambda: F.rms_norm(ones(3), [4, 3]),
    "avgPool2d of five dimensions": lambda: F.avg_pool2d(zeros(1, 1, 1, 2, 2), 2),
    "avgPool2d of two dimensions": lambda: F.avg_pool2d(zeros(2, 2), 2),
    "avgPool3d of no channels": lambda: F.avg_pool3d(zeros(1, 0, 2, 2, 2), 2),
    "adaptiveAvgPool2d of two dimensions to one window": lambda: F.adaptive_avg_pool2d(ones(2, 2), 1),
    "adaptiveAvgPool1d to the same length": lambda: F.adaptive_avg_pool1d(zeros(1, 2, 5), None),
    "adaptiveMaxPool1d to the same length": lambda: F.adaptive_max_pool1d(zeros(1, 2, 5), (None,)),
    "adaptiveMaxPool1d of no channels": lambda: F.adaptive_max_pool1d(zeros(2, 0, 7), 2),
    "adaptiveMaxPool3d of three dimensions": lambda: F.adaptive_max_pool3d(zeros(6, 5, 1), (None, 2, 2)),
    "replication to nothing": lambda: F.pad(zeros(1, 1, 2, 2), (-1, -1, -1, -1), mode="replicate"),
    "replication of volumes to nothing": lambda: F.pad(zeros(1, 1, 2, 2, 2), (-1, -1, -1, -1, -1, -1), mode="replicate"),
    "reflection to a height of nothing": lambda: F.pad(zeros(1, 1, 2, 3), (0, 0, -1, -1), mode="reflect"),
    "MaxPool1d padded too much": lambda: nn.MaxPool1d(1, padding=1)(zeros(1, 2, 7)),
    "MaxPool1d with places padded too much": lambda: nn.MaxPool1d(1, padding=1, return_indices=True)(zeros(1, 2, 7)),
    "MaxPool1d of four dimensions with places": lambda: nn.MaxPool1d(2, return_indices=True)(zeros(1, 1, 1, 2)),
    "MaxPool1d of too few elements with places": lambda: nn.MaxPool1d(2, return_indices=True)(zeros(3, 3, 1)),
    "AvgPool3d padded too much": lambda: nn.AvgPool3d((1, 1, 3), padding=1)(zeros(2, 3, 1, 1, 1)),
    "AvgPool3d of too few elements": lambda: nn.AvgPool3d(2)(zeros(2, 3, 1, 1, 1)),
    "circular padding of five dimensions": lambda: F.pad(zeros(1, 3, 2, 4, 4), (1, 1, 1, 1), mode="circular"),
    "ctcLoss of four dimensions": lambda: F.ctc_loss(zeros(1, 3, 1, 2), torch.tensor([[1]]), torch.tensor([3]), torch.tensor([1])),
    "ctcLoss with targets of three dimensions": lambda: F.ctc_loss(zeros(4, 2, 4), ones(1, 2, 2, **int64), torch.tensor([2, 2]), torch.tensor([1, 1])),
    "pdist of a vector": lambda: F.pdist(zeros(2)),
    "pdist with a negative p": lambda: F.pdist(zeros(2, 2), -1.0),
    "pdist of integers": lambda: F.pdist(zeros(2, 2, **int64)),
    # Layers of this kind.
    "AdaptiveLogSoftmaxWithLoss without cutoffs": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, []),
    "AdaptiveLogSoftmaxWithLoss with a cutoff too far": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2, 5]),
    "AdaptiveLogSoftmaxWithLoss with equal cutoffs": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2, 2]),
    "AdaptiveLogSoftmaxWithLoss of another batch": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(3, 4), labels),
    "AdaptiveLogSoftmaxWithLoss of three dimensions": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 1, 4), labels),
    "AdaptiveLogSoftmaxWithLoss of a matrix for one target": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 4), torch.tensor(1)),
    "AdaptiveLogSoftmaxWithLoss with a matrix of targets": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 4), labels.reshape(1, 2)),
    "AdaptiveLogSoftmaxWithLoss with a target too far": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 4), torch.tensor([1, 7])),
    "AdaptiveLogSoftmaxWithLoss, all classes": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2]).log_prob(zeros(3, 4)),
    "AdaptiveLogSoftmaxWithLoss, the best class": lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2]).predict(zeros(3, 4)),
    "FractionalMaxPool2d without a size": lambda: nn.FractionalMaxPool2d(2),
    "FractionalMaxPool3d with two sizes": lambda: nn.FractionalMaxPool3d(2, 3, 0.5),
    "FractionalMaxPool2d with a ratio of 1": lambda: nn.FractionalMaxPool2d(2, output_ratio=(1, 0.5)),
    "fractionalMaxPool2d of a window too wide": lambda: F.fractional_max_pool2d(zeros(1, 2, 5, 5), (2, 4), output_size=3),
    "fractionalMaxPool3d of a window too long": lambda: F.fractional_max_pool3d(zeros(1, 2, 5, 5, 5), (3, 1, 1), output_size=3),
    "fractionalMaxPool2d of an empty plane": lambda: F.fractional_max_pool2d(zeros(1, 2, 0, 5), 2, output_size=2),
    "fractionalMaxPool2d with three windows": lambda: F.fractional_max_pool2d(zeros(1, 2, 5, 5), (2, 4, 3), output_size=3),
    "LinearCrossEntropyLoss with other weights": lambda: nn.LinearCrossEntropyLoss(2, 3, weight=zeros(2)),
    "LinearCrossEntropyLoss smoothed too much": lambda: nn.LinearCrossEntropyLoss(2, 3, label_smoothing=2),
    "linearCrossEntropy of other features": lambda: F.linear_cross_entropy(zeros(2, 3), zeros(4, 2), labels),
    "linearCrossEntropy of three dimensions": lambda: F.linear_cross_entropy(zeros(2, 1, 3), zeros(4, 3), labels),
    "linearCrossEntropy of places without a batch": lambda: F.linear_cross_entropy(zeros(3), zeros(4, 2, 3), labels),
    "linearCrossEntropy of probabilities, one ignored": lambda: F.linear_cross_entropy(zeros(2, 3), zeros(4, 3), zeros(2, 4), ignore_index=1),
    "SyncBatchNorm of a vector": lambda: nn.SyncBatchNorm(2)(zeros(2)),
    "SyncBatchNorm without channels": lambda: nn.SyncBatchNorm(0)(zeros(2, 0)),
    # Devices and names.
    "to a device that nobody knows": lambda: nn.Linear(1, 1).to("foo"),
    "to a device without a name": lambda: nn.Linear(1, 1).to(""),
    "to a device with a wrong number": lambda: nn.Linear(1, 1).to("cpu:x"),
    "to CUDA": lambda: nn.Linear(1, 1).to("cuda:1"),
    "to MPS": lambda: nn.Linear(1, 1).to("mps"),
    "to an accelerator by its number": lambda: nn.Linear(1, 1).to(0),
    "to a device with a number": lambda: nn.Linear(1, 1).to("cpu:0").weight,
    "ones on a device that nobody knows": lambda: ones(1, device="foo"),
    "ones on CUDA": lambda: ones(1, device="cuda"),
    "a tensor to a device that nobody knows": lambda: ones(1).to("foo"),
    "a tensor to its device": lambda: ones(2).to("cpu"),
    "a tensor to meta": lambda: ones(2).to("meta", torch.float64),
    "a tensor without data to a device": lambda: ones(2, device="meta").to("cpu"),
    "a submodule in the place of a number": lambda: nn.Sequential(nn.Linear(1, 1)).set_submodule("0.in_features", nn.ReLU()),
    "a submodule below a number": lambda: nn.Sequential(nn.Linear(1, 1)).set_submodule("0.in_features.x", nn.ReLU()),
    "a submodule in the place of a parameter": lambda: nn.Sequential(nn.Linear(1, 1)).set_submodule("0.weight", nn.ReLU()),
    "a parameter called training": lambda: nn.ParameterDict({"training": ones(2)})["training"],
    "a module called training": lambda: nn.ModuleDict({"training": nn.ReLU()}),
    "a parameter registered as training": lambda: nn.Linear(1, 1).register_parameter("training", nn.Parameter(ones(1))),
}


def outcome(call):
    try:
        made = call()
    except Exception as error:
        # str() of a KeyError is the repr of its text.
        return [type(error).__name__, str(error.args[0] if isinstance(error, KeyError) else error)]
    return [list(made.shape), str(made.dtype)]


found = {name: outcome(call) for name, call in CALLS.items()}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"torch": torch.__version__, "outcomes": found}, indent=1) + "\n")
print(len(found), "calls")
