"""Networks whose names, values and computations are recorded, and loads of edited state dicts."""

from record_texts import f, t


def layer(cls, *args, **kw):
    return {"cls": cls, "args": list(args), **({"kw": kw} if kw else {})}


def seq(*items):
    return {"cls": "Sequential", "items": list(items)}


def net(name, *steps):
    return {"cls": "Custom", "name": name, "steps": [list(step) for step in steps]}


def fill(*shape, value=1.0, **kw):
    return {"fill": list(shape), "value": value, **kw}


def randn(*shape):
    return {"randn": list(shape)}


L, R = lambda *a, **k: layer("Linear", *a, **k), layer("ReLU")

NETWORKS = {
    "perceptron": seq(L(6, 8), R, L(8, 3)),
    "deep and narrow": seq(*[seq(L(4, 4), layer("Tanh")) for _ in range(5)]),
    "named": {"cls": "Sequential", "named": [["input", L(4, 5)], ["act", layer("GELU")], ["head", L(5, 2, bias=False)]]},
    "convolutional": seq(layer("Conv2d", 1, 4, 3, padding=1), layer("BatchNorm2d", 4), R, layer("MaxPool2d", 2), layer("Flatten"), L(64, 5)),
    "conv1d": seq(layer("Conv1d", 3, 6, 3, stride=2, groups=3), layer("PReLU"), layer("Conv1d", 6, 2, 1, bias=False)),
    "conv3d": seq(layer("Conv3d", 1, 2, 2, dilation=2), layer("BatchNorm3d", 2), layer("AdaptiveAvgPool3d", 1), layer("Flatten"), L(2, 2)),
    "same and reflect": seq(layer("Conv2d", 2, 4, 3, padding="same", padding_mode="reflect"), layer("SiLU"), layer("Conv2d", 4, 1, t(1, 3), padding="valid")),
    "decoder": seq(layer("ConvTranspose2d", 3, 4, 3, stride=2, padding=1, output_padding=1), layer("InstanceNorm2d", 4, affine=True), layer("LeakyReLU", 0.2), layer("ConvTranspose2d", 4, 2, 2, bias=False)),
    "transposed 1d and 3d": net("Both", ("set", "one", layer("ConvTranspose1d", 2, 4, 3, groups=2)), ("set", "three", layer("ConvTranspose3d", 2, 1, 2))),
    "norms": net(
        "Norms",
        ("set", "layer", layer("LayerNorm", [3, 4])),
        ("set", "plain", layer("LayerNorm", 4, elementwise_affine=False)),
        ("set", "unbiased", layer("LayerNorm", 4, bias=False)),
        ("set", "group", layer("GroupNorm", 2, 4)),
        ("set", "rms", layer("RMSNorm", 4)),
        ("set", "batch", layer("BatchNorm1d", 4, track_running_stats=False)),
        ("set", "bare", layer("BatchNorm1d", 4, affine=False)),
        ("set", "instance", layer("InstanceNorm1d", 4, affine=True, track_running_stats=True)),
        ("set", "nothing", layer("InstanceNorm3d", 4)),
    ),
    "normalised": seq(L(4, 6), layer("LayerNorm", 6), layer("ELU"), L(6, 6), layer("RMSNorm", 6), layer("Softplus"), L(6, 2)),
    "batch norm 1d": seq(L(4, 6), layer("BatchNorm1d", 6), layer("Sigmoid"), L(6, 2), layer("LogSoftmax", 1)),
    "group norm": seq(layer("Conv2d", 2, 4, 3), layer("GroupNorm", 2, 4), layer("Mish"), layer("AvgPool2d", 2), layer("Flatten"), L(4, 2)),
    "embedding": net("Embeddings", ("set", "words", layer("Embedding", 20, 6, padding_idx=0)), ("set", "bag", layer("EmbeddingBag", 10, 3, mode="sum")), ("set", "tiny", layer("Embedding", 3, 2))),
    "words": seq(layer("Embedding", 11, 6, padding_idx=2), layer("Flatten"), L(18, 3)),
    "bag": layer("EmbeddingBag", 10, 4, mode="mean"),
    "rnn": layer("RNN", 3, 4, 2, nonlinearity="relu"),
    "lstm": layer("LSTM", 3, 4, num_layers=2, bidirectional=True, batch_first=True),
    "lstm with projections": layer("LSTM", 3, 5, proj_size=2),
    "gru": layer("GRU", 3, 4, bias=False, bidirectional=True),
    "cells": net("Cells", ("set", "rnn", layer("RNNCell", 3, 4)), ("set", "lstm", layer("LSTMCell", 3, 4)), ("set", "gru", layer("GRUCell", 3, 4, bias=False))),
    "lstm cell": layer("LSTMCell", 3, 4),
    "attention": layer("MultiheadAttention", 8, 2),
    "attention of other sizes": layer("MultiheadAttention", 8, 2, kdim=6, vdim=4, add_bias_kv=True),
    "encoder layer": layer("TransformerEncoderLayer", 8, 2, 16, f(0), batch_first=True),
    "decoder layer": layer("TransformerDecoderLayer", 8, 2, 16, f(0), activation="gelu", norm_first=True),
    "encoder": {"cls": "TransformerEncoder", "layer": layer("TransformerEncoderLayer", 8, 2, 12, f(0), batch_first=True), "num_layers": 2},
    "transformer": layer("Transformer", 8, 2, 1, 2, 12, f(0)),
    "bilinear": layer("Bilinear", 3, 4, 2),
    "tied": net("Tied", ("set", "embed", layer("Embedding", 7, 4)), ("set", "body", seq(L(4, 4), R)), ("set", "head", L(4, 7, bias=False)), ("tie", "head.weight", "embed.weight")),
    "shared module": net("Shared", ("set", "first", L(3, 3)), ("alias", "second", "first"), ("set", "list", {"cls": "ModuleList", "items": [L(3, 3), L(3, 3)]}), ("alias", "last", "list.1")),
    "empty slots": net("Slots", ("param_none", "bias"), ("buffer_none", "mask"), ("module_none", "extra"), ("param", "scale", fill(2), True), ("set", "fc", L(2, 2))),
    "buffers": net("Buffers", ("buffer", "kept", {"arange": [3]}, True), ("buffer", "passing", fill(2, 2, value=0.5), False), ("buffer", "steps", fill(value=3, dtype="int64"), True), ("param", "w", randn(2, 3), True)),
    "frozen": net("Frozen", ("set", "body", seq(L(2, 3), R)), ("set", "head", L(3, 1)), ("freeze", "body.0.weight"), ("freeze", "head"), ("param", "fixed", fill(2), False)),
    "plain attributes": net("Plain", ("attr", "note", fill(2)), ("set", "fc", L(2, 1)), ("attr", "later", fill(1))),
    "many dtypes": net("Dtypes", ("param", "small", fill(2, dtype="float16"), True), ("param", "large", fill(2, dtype="float64"), True), ("param", "pair", fill(2, dtype="complex64"), True), ("buffer", "mask", fill(2, value=True, dtype="bool"), True)),
    "list": {"cls": "ModuleList", "items": [L(2, 3), seq(L(3, 3), R), layer("Identity")]},
    "dict": {"cls": "ModuleDict", "named": [["z", L(2, 2)], ["10", R], ["a", layer("Conv1d", 1, 1, 1)]]},
    "parameters": net("Parameters", ("set", "list", {"cls": "ParameterList", "tensors": [fill(2), randn(3, 2)]}), ("set", "dict", {"cls": "ParameterDict", "named": [["right", randn(2)], ["left", fill(1)]]})),
    "ten in a list": {"cls": "ModuleList", "items": [L(1, 1) for _ in range(12)]},
    "own before children": net("Order", ("set", "fc", L(2, 2)), ("param", "a", randn(2), True), ("buffer", "b", fill(1), True), ("param", "c", randn(20), True)),
    "weight norm": {"wrap": "weight_norm", "of": L(4, 3)},
    "weight norm of a convolution": seq({"wrap": "weight_norm", "of": layer("Conv1d", 2, 3, 3)}, R),
    "spectral norm": {"wrap": "spectral_norm", "of": L(4, 3)},
    "losses": {"cls": "ModuleList", "items": [layer("CrossEntropyLoss", weight=fill(3)), layer("BCEWithLogitsLoss", pos_weight=fill(2)), layer("NLLLoss")]},
    "residual": net("Residual", ("set", "conv1", layer("Conv2d", 2, 2, 3, padding=1, bias=False)), ("set", "bn1", layer("BatchNorm2d", 2)), ("set", "relu", layer("ReLU", inplace=True)), ("set", "down", seq(layer("Conv2d", 2, 4, 1, stride=2, bias=False), layer("BatchNorm2d", 4)))),
    "large": seq(L(100, 50), layer("Dropout", 0.5), layer("Hardswish"), L(50, 10)),
    "pooling": seq(layer("Conv2d", 1, 3, 3), layer("MaxPool2d", 3, stride=2, padding=1, ceil_mode=True), layer("AdaptiveMaxPool2d", 2), layer("Flatten"), L(12, 2)),
    "upsampling": seq(layer("Conv2d", 1, 2, 3, padding=1), layer("Upsample", scale_factor=f(2), mode="bilinear", align_corners=False), layer("PixelUnshuffle", 2), layer("Conv2d", 8, 1, 1)),
    "padded": seq(layer("ReflectionPad2d", 1), layer("Conv2d", 1, 2, 3), layer("ReplicationPad2d", 1), layer("CircularPad2d", 1), layer("ZeroPad2d", 1), layer("Hardtanh"), layer("Conv2d", 2, 1, 3)),
    "gated": seq(L(4, 8), layer("GLU"), L(4, 4), layer("Softmin", 1), L(4, 2), layer("CELU"), layer("Tanhshrink")),
    "adaptive softmax": layer("AdaptiveLogSoftmaxWithLoss", 8, 12, [3, 7], div_value=2, head_bias=True),
    "adaptive softmax of one cluster": layer("AdaptiveLogSoftmaxWithLoss", 5, 6, t(2)),
    "linear cross entropy": layer("LinearCrossEntropyLoss", 3, 4, out_features=t(2), bias=True, label_smoothing=0.1),
    "fractional pooling": seq(layer("FractionalMaxPool2d", 2, output_ratio=0.6), layer("Conv2d", 2, 2, 1)),
    "fractional pooling of volumes": seq(layer("FractionalMaxPool3d", t(2, 1, 2), output_size=t(2, 3, 2)), layer("Conv3d", 1, 2, 1)),
    "synchronized": seq(layer("Conv1d", 2, 3, 2), layer("SyncBatchNorm", 3, momentum=f(1), eps=1)),
    "single elements apart": layer("ConvTranspose2d", 2, 3, 1, dilation=2, output_padding=t(1, 0)),
}

FORWARDS = {
    name: (inputs, name in ("attention",))
    for name, inputs in {
        "perceptron": [randn(5, 6)],
        "deep and narrow": [randn(3, 4)],
        "named": [randn(2, 4)],
        "convolutional": [randn(3, 1, 8, 8)],
        "conv1d": [randn(2, 3, 9)],
        "conv3d": [randn(2, 1, 4, 4, 4)],
        "same and reflect": [randn(2, 2, 5, 6)],
        "decoder": [randn(2, 3, 4, 4)],
        "normalised": [randn(3, 4)],
        "batch norm 1d": [randn(5, 4)],
        "group norm": [randn(2, 2, 4, 4)],
        "words": [{"arange": [2, 3], "dtype": "int64"}],
        "bag": [{"arange": [2, 4], "dtype": "int64"}],
        "rnn": [randn(4, 2, 3)],
        "lstm": [randn(2, 5, 3)],
        "lstm with projections": [randn(3, 2, 3)],
        "gru": [randn(4, 2, 3)],
        "lstm cell": [randn(2, 3)],
        "attention": [randn(4, 2, 8), randn(5, 2, 8), randn(5, 2, 8)],
        "attention of other sizes": [randn(4, 2, 8), randn(5, 2, 6), randn(5, 2, 4)],
        "encoder layer": [randn(2, 3, 8)],
        "decoder layer": [randn(3, 2, 8), randn(4, 2, 8)],
        "encoder": [randn(2, 3, 8)],
        "transformer": [randn(3, 2, 8), randn(2, 2, 8)],
        "bilinear": [randn(2, 3), randn(2, 4)],
        "weight norm": [randn(2, 4)],
        "weight norm of a convolution": [randn(2, 2, 5)],
        "spectral norm": [randn(2, 4)],
        "large": [randn(3, 100)],
        "pooling": [randn(2, 1, 9, 9)],
        "upsampling": [randn(1, 1, 4, 4)],
        "padded": [randn(1, 1, 4, 4)],
        "gated": [randn(3, 4)],
        "adaptive softmax": [randn(6, 8), {"data": [0, 11, 5, 2, 7, 6], "shape": [6], "dtype": "int64"}],
        "adaptive softmax of one cluster": [randn(5), {"data": [4], "shape": [], "dtype": "int64"}],
        "linear cross entropy": [randn(3, 3), {"data": [0, 3, 1, 2, 2, 1], "shape": [3, 2], "dtype": "int64"}],
        "fractional pooling": [randn(2, 2, 7, 9)],
        "fractional pooling of volumes": [randn(1, 1, 5, 5, 6)],
        "synchronized": [randn(3, 2, 4)],
        "single elements apart": [randn(2, 2, 3, 2)],
    }.items()
}

LNET = net("LNet", ("set", "fc1", L(3, 4)), ("set", "bn", layer("BatchNorm1d", 4)), ("set", "fc2", L(4, 2)), ("buffer", "np", fill(1), False), ("param", "scale", fill(), True))
NESTED = net("Outer", ("set", "body", seq(L(2, 2), seq(L(2, 3), R))), ("set", "norm", layer("InstanceNorm1d", 3, affine=True, track_running_stats=True)), ("param", "gain", fill(3), True))
TIED = NETWORKS["tied"]
MLP = seq(L(2, 3), R, L(3, 1))
OLD = ["del", "bn.num_batches_tracked"]

LOADS = [
    ("nothing changed", LNET, []),
    ("one missing", LNET, [["del", "fc2.weight"]]),
    ("two missing", LNET, [["del", "fc2.weight"], ["del", "scale"]]),
    ("all missing", LNET, [["clear", ""]]),
    ("one unexpected", LNET, [["set", "fc3.weight", fill(2)]]),
    ("unexpected everywhere", LNET, [["set", "fc1.extra", fill(1)], ["set", "extra", fill(1)], ["set", "bn.extra.deep", fill(1)], ["set", "zz.w.q", fill(1)]]),
    ("missing and unexpected", LNET, [["rename", "fc1.weight", "fc1.kernel"]]),
    ("sizes differ", LNET, [["set", "fc1.weight", fill(4, 2)], ["set", "fc2.bias", fill(3)]]),
    ("sizes differ and names", LNET, [["set", "fc1.weight", fill(4, 2)], ["del", "bn.weight"], ["set", "new", fill(1)]]),
    ("no broadcasting", LNET, [["set", "fc2.bias", fill(1)]]),
    ("a scalar from one value", LNET, [["set", "scale", fill(1, value=7.0)]]),
    ("a scalar from two values", LNET, [["set", "scale", fill(2, value=7.0)]]),
    ("one value from a scalar", MLP, [["set", "2.bias", fill(value=3.0)]]),
    ("other values", LNET, [["set", "fc1.weight", {"arange": [4, 3]}], ["set", "scale", fill(value=2.5)]]),
    ("doubles are rounded", LNET, [["set", "fc1.bias", fill(4, value=0.1, dtype="float64")]]),
    ("integers become floats", LNET, [["set", "fc1.bias", fill(4, value=3, dtype="int64")]]),
    ("floats become integers", LNET, [["set", "bn.num_batches_tracked", fill(value=3.7)]]),
    ("halves", LNET, [["set", "fc1.bias", fill(4, value=0.1, dtype="float16")], ["set", "fc2.bias", fill(2, value=0.1, dtype="bfloat16")]]),
    ("booleans", LNET, [["set", "fc1.bias", fill(4, value=True, dtype="bool")]]),
    ("complex numbers", LNET, [["set", "fc1.bias", fill(4, value=1.5, dtype="complex64")]]),
    ("a list", LNET, [["set_list", "fc1.bias", [1.0, 2.0, 3.0, 4.0]]]),
    ("a list, not strictly", LNET, [["set_list", "fc1.bias", [1.0]]], False),
    ("a list that is unexpected", LNET, [["set_list", "more", [1.0]]]),
    ("not strictly: missing", LNET, [["del", "fc1.bias"], ["del", "bn.running_mean"]], False),
    ("not strictly: unexpected", LNET, [["set", "a.b", fill(1)], ["set", "fc1.c", fill(1)]], False),
    ("not strictly: sizes", LNET, [["set", "fc1.bias", fill(3)]], False),
    ("not strictly: all missing", LNET, [["clear", ""]], False),
    ("the passing buffer is unexpected", LNET, [["set", "np", fill(1)]]),
    ("counter of an older file", LNET, [OLD], True, False),
    ("counter of an older file, with metadata", LNET, [OLD]),
    ("without metadata", LNET, [], True, False),
    ("mean without metadata", LNET, [["del", "bn.running_mean"]], True, False),
    ("instance norm without metadata", NESTED, [["del", "norm.num_batches_tracked"]], True, False),
    ("instance norm with metadata", NESTED, [["del", "norm.num_batches_tracked"]]),
    ("deep names", NESTED, [["del", "body.1.0.weight"], ["set", "body.1.1.weight", fill(1)], ["set", "body.2.weight", fill(1)]]),
    ("order of unexpected", NESTED, [["set", "body.1.x", fill(1)], ["set", "x", fill(1)], ["set", "body.x", fill(1)], ["set", "norm.x", fill(1)], ["set", "y", fill(1)]]),
    ("the name of a module", NESTED, [["set", "body", fill(1)], ["set", "body.0", fill(1)]]),
    ("below a parameter", NESTED, [["set", "gain.x", fill(1)]]),
    ("a prefix too much", MLP, [["rename", name, f"module.{name}"] for name in ["0.weight", "0.bias", "2.weight", "2.bias"]]),
    ("a module too many", MLP, [["set", "1.weight", fill(1)], ["set", "3.weight", fill(1)], ["set", "10.weight", fill(1)]]),
    ("tied: the last wins", TIED, [["set", "embed.weight", fill(7, 4, value=1.0)], ["set", "head.weight", fill(7, 4, value=2.0)]]),
    ("tied: one missing", TIED, [["del", "head.weight"]]),
    ("tied: sizes", TIED, [["set", "head.weight", fill(4, 7)]]),
    ("shared: the last wins", NETWORKS["shared module"], [["set", "first.bias", fill(3, value=1.0)], ["set", "second.bias", fill(3, value=2.0)]]),
    ("shared: one missing", NETWORKS["shared module"], [["del", "last.bias"]]),
    ("empty slots", NETWORKS["empty slots"], [["set", "bias", fill(2)], ["set", "mask", fill(2)]]),
    ("below an empty slot", NETWORKS["empty slots"], [["set", "extra.weight", fill(2)]]),
    ("frozen", NETWORKS["frozen"], [["set", "fixed", fill(2, value=4.0)]]),
    ("dtypes", NETWORKS["many dtypes"], [["set", "small", fill(2, value=0.1)], ["set", "pair", fill(2, value=0.1)], ["set", "mask", fill(2, value=0.0)]]),
    ("buffers", NETWORKS["buffers"], [["set", "steps", fill(value=9)], ["set", "kept", fill(3, value=2, dtype="int64")]]),
    ("a parameter list", NETWORKS["parameters"], [["del", "list.1"], ["set", "list.2", fill(1)], ["set", "dict.middle", fill(1)]]),
    ("lstm", NETWORKS["lstm"], [["del", "weight_hh_l1_reverse"], ["set", "weight_hh_l2", fill(1)], ["set", "bias_ih_l0", fill(2)]]),
    ("attention", NETWORKS["attention"], [["rename", "in_proj_weight", "q_proj_weight"], ["set", "out_proj.bias", fill(4)]]),
    ("encoder", NETWORKS["encoder"], [["del", "layers.1.self_attn.in_proj_bias"], ["set", "layers.2.norm1.weight", fill(8)]]),
    ("weight norm", NETWORKS["weight norm"], [["del", "weight_g"], ["set", "weight", fill(3, 4)]]),
    ("convolutions", NETWORKS["convolutional"], [["set", "0.weight", fill(4, 3, 3, 3)], ["set", "0.bias", fill(4, value=0.5)]]),
    ("assign: other values", MLP, [["set", "0.weight", {"arange": [3, 2]}]], True, True, True),
    ("assign: other dtype", MLP, [["set", "0.bias", fill(3, value=0.1, dtype="float64")]], True, True, True),
    ("assign: missing", MLP, [["del", "0.bias"]], True, True, True),
    ("assign: sizes", MLP, [["set", "0.bias", fill(2)]], True, True, True),
    ("assign: not strictly", MLP, [["del", "0.bias"], ["set", "x", fill(2)]], False, True, True),
    ("assign: tied", TIED, [["set", "head.weight", fill(7, 4, value=2.0)]], True, True, True),
]
