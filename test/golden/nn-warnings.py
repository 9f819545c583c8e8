"""Writes down what torch.nn warns about.

Run from the project: .oracle/bin/python test/golden/nn-warnings.py
Result: test/golden/nn-warnings.json: by the call as the test names it, the category and text of every warning.
"""

import json
import pathlib
import warnings

import torch
import torch.nn.functional as F
from torch import nn

zeros, ones = torch.zeros, torch.ones


def attend():
    nn.MultiheadAttention(4, 2)(zeros(2, 1, 4), zeros(2, 1, 4), zeros(2, 1, 4), attn_mask=zeros(2, 2), key_padding_mask=zeros(1, 2, dtype=torch.bool))


def encoder(**kw):
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(4, kw.pop("nhead", 2), **kw), 1)


def stale():
    layer = nn.Linear(2, 2)
    nn.utils.clip_grad_norm_(iter([]), 1.0)
    return layer


CALLS = {
    "interpolate by upsample": lambda: F.upsample(zeros(1, 1, 2), scale_factor=2),
    "interpolate by upsampleNearest": lambda: F.upsample_nearest(zeros(1, 1, 2, 2), scale_factor=2),
    "interpolate by upsampleBilinear": lambda: F.upsample_bilinear(zeros(1, 1, 2, 2), scale_factor=2),
    "bilinear interpolation by a factor": lambda: F.interpolate(zeros(1, 1, 2, 2), scale_factor=2, mode="bilinear"),
    "UpsamplingNearest2d": lambda: nn.UpsamplingNearest2d(scale_factor=2),
    "LazyLinear": lambda: nn.LazyLinear(2),
    "dropout of a single recurrent layer": lambda: nn.LSTM(1, 1, dropout=0.5),
    "dropout of a single GRU layer": lambda: nn.GRU(2, 3, 1, dropout=1),
    "dropout of two recurrent layers": lambda: nn.RNN(1, 1, 2, dropout=0.5),
    "zeros of nothing": lambda: nn.init.zeros_(zeros(0)),
    "kaimingUniform of nothing": lambda: nn.init.kaiming_uniform_(zeros(0, 2)),
    "kaimingNormal of nothing": lambda: nn.init.kaiming_normal_(zeros(0, 2)),
    "Linear without inputs": lambda: nn.Linear(0, 2),
    "Linear without outputs": lambda: nn.Linear(2, 0),
    "Conv2d without outputs": lambda: nn.Conv2d(2, 0, 1),
    "truncNormal far away": lambda: nn.init.trunc_normal_(zeros(2), mean=5.0),
    "l1Loss of other shapes": lambda: F.l1_loss(zeros(2, 1), zeros(2)),
    "mseLoss of other shapes": lambda: F.mse_loss(zeros(2, 1), zeros(2)),
    "smoothL1Loss of other shapes": lambda: F.smooth_l1_loss(zeros(2, 1), zeros(2)),
    "huberLoss of other shapes": lambda: F.huber_loss(zeros(2, 1), zeros(2)),
    "klDiv by mean": lambda: F.kl_div(zeros(2, 1), zeros(2, 1)),
    "klDiv by batchmean": lambda: F.kl_div(zeros(2, 1), zeros(2, 1), reduction="batchmean"),
    "KLDivLoss by mean": lambda: nn.KLDivLoss()(zeros(2, 1), zeros(2, 1)),
    "MSELoss of other shapes": lambda: nn.MSELoss()(zeros(2, 1), zeros(2)),
    "softmax without a dimension": lambda: F.softmax(zeros(2, 2)),
    "softmin without a dimension": lambda: F.softmin(zeros(2, 2, 2)),
    "logSoftmax without a dimension": lambda: F.log_softmax(zeros(2)),
    "Softmax without a dimension": lambda: nn.Softmax()(zeros(2)),
    "dropout2d of a matrix": lambda: F.dropout2d(zeros(2, 2)),
    "dropout2d of three dimensions": lambda: F.dropout2d(zeros(2, 2, 2)),
    "dropout2d of an image": lambda: F.dropout2d(zeros(2, 2, 2, 2)),
    "dropout3d of a matrix": lambda: F.dropout3d(zeros(2, 2)),
    "Dropout2d of three dimensions": lambda: nn.Dropout2d()(zeros(2, 2, 2)),
    "gridSample without alignCorners": lambda: F.grid_sample(zeros(1, 1, 2, 2), zeros(1, 2, 2, 2)),
    "affineGrid without alignCorners": lambda: F.affine_grid(zeros(1, 2, 3), [1, 1, 2, 2]),
    "affineGrid of single pixels": lambda: F.affine_grid(zeros(1, 2, 3), [1, 1, 1, 2], align_corners=True),
    "same padding of an even kernel": lambda: nn.Conv1d(1, 1, 2, padding="same")(zeros(1, 1, 4)),
    "same padding of an odd kernel": lambda: nn.Conv1d(1, 1, 3, padding="same")(zeros(1, 1, 4)),
    "an encoder without batchFirst": lambda: encoder(),
    "an encoder of an odd number of heads": lambda: encoder(nhead=1, batch_first=True),
    "an encoder that normalizes first": lambda: encoder(norm_first=True, batch_first=True),
    "an encoder without biases": lambda: encoder(bias=False, batch_first=True),
    "an encoder of another activation": lambda: encoder(activation=torch.tanh, batch_first=True),
    "an encoder that could leave padding out": lambda: encoder(batch_first=True),
    "an encoder of another layer": lambda: nn.TransformerEncoder(nn.Linear(2, 2), 1),
    "a Transformer": lambda: nn.Transformer(4, 2, 1, 1, 4),
    "masks of two kinds": attend,
    "InstanceNorm1d of other channels": lambda: nn.InstanceNorm1d(3, affine=False)(zeros(1, 2, 3)),
    "clipGradNorm_ of no parameters": stale,
    "BatchNorm1d of nothing": lambda: nn.BatchNorm1d(0),
    "lpPool2d": lambda: F.lp_pool2d(zeros(1, 1, 2, 2), 2, 2),
    "L1Loss without averages": lambda: nn.L1Loss(size_average=False),
    "L1Loss with averages": lambda: nn.L1Loss(size_average=True),
    "L1Loss of each element": lambda: nn.L1Loss(reduce=False, size_average=False),
    "mseLoss without averages": lambda: F.mse_loss(zeros(2), zeros(2), size_average=False),
    "BCELoss": lambda: nn.BCELoss()(zeros(2), zeros(2)),
}

found = {}
for name, call in CALLS.items():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.set_warn_always(True)
        call()
    # Where in PyTorch's sources a warning was triggered is no part of its text here.
    found[name] = [[each.category.__name__, str(each.message).split(" (Triggered internally")[0]] for each in caught]
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"torch": torch.__version__, "warnings": found}, indent=1) + "\n")
print(len(found), "calls,", sum(map(len, found.values())), "warnings")
