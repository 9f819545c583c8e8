"""Modules whose text is recorded: every class, each of its options at least once."""


def f(value):
    return {"float": repr(float(value))}


def t(*items):
    return {"tuple": list(items)}


def each(cls, *variants):
    """A variant is a list of positional arguments, a dict of keyword arguments, or both in a pair."""
    for variant in variants:
        args, kw = variant if isinstance(variant, tuple) else (variant, {}) if isinstance(variant, list) else ([], variant)
        yield {"cls": cls, "args": args, "kw": kw}


# Options that are floats in PyTorch, but are printed as they are given.
WHOLE_NUMBERS = {
    "LeakyReLU": "negative_slope", "ELU": "alpha", "CELU": "alpha", "Hardshrink": "lambd", "Softshrink": "lambd",
    "Softplus": "beta threshold", "RReLU": "lower upper", "PReLU": "init", "Dropout": "p", "Dropout1d": "p", "Dropout2d": "p",
    "Dropout3d": "p", "AlphaDropout": "p", "FeatureAlphaDropout": "p", "BatchNorm1d": "eps momentum", "InstanceNorm2d": "eps momentum",
    "LazyBatchNorm3d": "eps momentum", "LayerNorm": "eps", "GroupNorm": "eps", "RMSNorm": "eps", "LocalResponseNorm": "alpha beta k",
    "Embedding": "max_norm norm_type", "EmbeddingBag": "max_norm norm_type", "LSTM": "dropout", "MultiheadAttention": "dropout",
    "TransformerEncoderLayer": "dropout layer_norm_eps", "TransformerDecoderLayer": "dropout layer_norm_eps",
    "Transformer": "dropout layer_norm_eps", "CosineSimilarity": "eps", "PairwiseDistance": "p eps",
    "CrossEntropyLoss": "label_smoothing", "HingeEmbeddingLoss": "margin", "TripletMarginLoss": "margin p eps",
    "TripletMarginWithDistanceLoss": "margin", "MultiMarginLoss": "p margin", "SmoothL1Loss": "beta", "HuberLoss": "delta",
    "GaussianNLLLoss": "eps", "PoissonNLLLoss": "eps",
}
REQUIRED = {
    "BatchNorm1d": [3], "InstanceNorm2d": [3], "LayerNorm": [4], "GroupNorm": [2, 4], "RMSNorm": [4], "LocalResponseNorm": [2],
    "Embedding": [5, 3], "EmbeddingBag": [5, 3], "LSTM": [3, 4, 2], "MultiheadAttention": [4, 2], "TransformerEncoderLayer": [4, 2, 8],
    "TransformerDecoderLayer": [4, 2, 8], "Transformer": [4, 2, 1, 1, 8],
}

PLAIN = """
LogSigmoid Sigmoid Softmax2d Softsign Tanh Tanhshrink ReLU ReLU6 SELU SiLU Mish Hardsigmoid Hardswish GELU GLU ELU CELU
LeakyReLU PReLU RReLU Hardtanh Hardshrink Softshrink Softplus Softmax LogSoftmax Softmin Dropout Dropout1d Dropout2d
Dropout3d AlphaDropout FeatureAlphaDropout Flatten Identity CosineSimilarity PairwiseDistance
BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss HuberLoss
KLDivLoss L1Loss MSELoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss
PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss
""".split()
INPLACE = "ReLU ReLU6 SELU SiLU Mish Hardsigmoid Hardswish ELU CELU LeakyReLU RReLU Hardtanh Dropout Dropout2d AlphaDropout".split()


def texts():
    for cls in PLAIN:
        yield {"cls": cls}
    for cls in INPLACE:
        yield {"cls": cls, "kw": {"inplace": True}}
    yield from each("GELU", {"approximate": "tanh"})
    yield from each("GLU", [1])
    yield from each("ELU", [0.5], {"alpha": f(2)})
    yield from each("CELU", [0.25])
    yield from each("LeakyReLU", [0.2], {"negative_slope": 1e-5})
    yield from each("PReLU", [3], {"num_parameters": 4, "init": 0.1})
    yield from each("RReLU", [0.1, 0.3])
    yield from each("Hardtanh", [-2.5, 2.5], {"min_val": f(-3), "max_val": f(3)})
    yield from each("Hardshrink", [0.25])
    yield from each("Softshrink", [0.25], {"lambd": f(1)})
    yield from each("Softplus", {"beta": f(2), "threshold": f(10)})
    yield from each("Threshold", [0.1, f(20)], {"threshold": 0.5, "value": 0.25, "inplace": True})
    for cls in ["Softmax", "LogSoftmax", "Softmin"]:
        yield from each(cls, [1], {"dim": -1})
    for cls in ["Dropout", "Dropout1d", "Dropout3d", "FeatureAlphaDropout"]:
        yield from each(cls, [0.25], {"p": f(1), "inplace": True})
    yield from each("Flatten", [0], [1, 2], {"start_dim": 2})
    yield from each("Unflatten", [1, t(2, 3)])
    yield from each("Linear", [2, 3], ([4, 5], {"bias": False}), {"in_features": 6, "out_features": 7})
    yield from each("Bilinear", [2, 3, 4], ([2, 3, 4], {"bias": False}))
    for n in (1, 2, 3):
        conv = f"Conv{n}d"
        yield from each(conv, [3, 8, 3], [3, 8, 3, 2, 1], ([4, 8, 1], {"bias": False}))
        yield from each(conv, ([4, 8, 3], {"padding": "same", "groups": 2, "dilation": 2, "padding_mode": "reflect"}))
        yield from each(f"ConvTranspose{n}d", [3, 8, 3], ([4, 8, 3], {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}))
        yield from each(f"BatchNorm{n}d", [4], ([4], {"affine": False}), [4, 0.001, 0.2], ([4], {"momentum": None, "track_running_stats": False}))
        yield from each(f"InstanceNorm{n}d", [4], ([4], {"affine": True, "track_running_stats": True}))
        yield from each(f"MaxPool{n}d", [2], [3, 2, 1], ([2], {"ceil_mode": True, "dilation": 2}))
        yield from each(f"AvgPool{n}d", [2], [3, 2, 1], ([2], {"ceil_mode": True, "count_include_pad": False}))
        yield from each(f"AdaptiveAvgPool{n}d", [1])
        yield from each(f"AdaptiveMaxPool{n}d", [2])
        yield from each(f"LPPool{n}d", [2, 3], ([1, 2], {"stride": 2}))
        yield from each(f"ReflectionPad{n}d", [1])
        yield from each(f"ReplicationPad{n}d", [1])
        yield from each(f"CircularPad{n}d", [1])
        yield from each(f"ZeroPad{n}d", [1])
        yield from each(f"ConstantPad{n}d", [1, 0.5], [2, 3])
        yield from each(f"LazyConv{n}d", [8, 3])
        yield from each(f"LazyBatchNorm{n}d", [])
    yield from each("Conv2d", [3, 8, t(3, 5)], {"in_channels": 1, "out_channels": 2, "kernel_size": t(1, 2), "padding": t(0, 1)}, ([1, 1, 3], {"padding": "valid"}))
    yield from each("MaxPool2d", [t(2, 3)], ([2], {"return_indices": True}))
    yield from each("AdaptiveAvgPool2d", [t(1, 2)], [t(None, 3)])
    yield from each("ZeroPad2d", [t(1, 2, 3, 4)])
    yield from each("LayerNorm", [4], [t(2, 4)], ([4], {"elementwise_affine": False}), ([4], {"bias": False, "eps": 1e-6}))
    yield from each("GroupNorm", [2, 4], ([2, 4], {"affine": False, "eps": 0.01}))
    yield from each("RMSNorm", [4], ([t(2, 4)], {"eps": 1e-6, "elementwise_affine": False}))
    yield from each("LocalResponseNorm", [2], [3, 0.001, 0.5, f(2)])
    yield from each("Embedding", [5, 3], ([5, 3], {"padding_idx": -1}), ([5, 3], {"max_norm": f(2), "scale_grad_by_freq": True, "sparse": True, "norm_type": f(1)}))
    yield from each("EmbeddingBag", [5, 3], ([5, 3], {"mode": "sum", "max_norm": 1.5, "padding_idx": 0}))
    for cls in ["RNN", "LSTM", "GRU"]:
        yield from each(cls, [2, 3], [2, 3, 2], ([2, 3], {"batch_first": True, "bidirectional": True, "bias": False}), ([2, 3], {"num_layers": 2, "dropout": 0.5}))
        yield from each(f"{cls}Cell", [2, 3], ([2, 3], {"bias": False}))
    yield from each("RNN", [2, 3, 1, "relu"])
    yield from each("RNNCell", ([2, 3], {"nonlinearity": "relu"}))
    yield from each("LSTM", ([2, 3], {"proj_size": 1}))
    yield from each("MultiheadAttention", [4, 2], ([4, 2], {"kdim": 3, "vdim": 5, "bias": False}))
    yield from each("TransformerEncoderLayer", [4, 2], ([4, 2], {"dim_feedforward": 8, "activation": "gelu", "norm_first": True, "batch_first": True}))
    yield from each("TransformerDecoderLayer", [4, 2, 8], ([4, 2, 8, f(0)], {"bias": False}))
    yield from each("Transformer", ([4, 2, 1, 1, 8], {"layer_norm_eps": 1e-6}))
    yield from each("Upsample", {"scale_factor": f(2)}, {"size": 4}, {"size": t(4, 5), "mode": "bilinear", "align_corners": True}, {"scale_factor": 2, "mode": "bicubic"})
    yield from each("UpsamplingNearest2d", {"scale_factor": f(2)})
    yield from each("UpsamplingBilinear2d", {"size": t(2, 2)})
    yield from each("PixelShuffle", [2])
    yield from each("PixelUnshuffle", [3])
    yield from each("ChannelShuffle", [2])
    yield from each("Fold", [t(4, 5), t(2, 2)])
    yield from each("Unfold", [t(2, 3)], ([2], {"stride": 2}))
    yield from each("LazyLinear", [3], ([3], {"bias": False}))
    yield from each("CosineSimilarity", [0, 1e-6])
    yield from each("PairwiseDistance", [f(1)], {"keepdim": True})
    for number in (0, 1, f(0), f(1)):
        for cls, options in WHOLE_NUMBERS.items():
            for option in options.split():
                yield {"cls": cls, "args": REQUIRED.get(cls, []), "kw": {option: number}}
    for number in (3, f(3), -2, f(-2)):
        yield from each("Threshold", [number, number])
        yield from each("Hardtanh", [-9, number], {"min_val": f(-9), "max_val": number})
        yield from each("ConstantPad1d", [2, number])
        yield from each("ConstantPad3d", [t(1, 2, 3, 4, 5, 6), number])
        yield from each("LPPool1d", [number, 3])
        yield from each("LPPool2d", [number, t(3, 2)])
        yield from each("LPPool3d", [number, 3])
    yield from each("MaxPool2d", [[3, 2]], ([[3, 2]], {"stride": [1, 2], "padding": t(1, 1)}))
    yield from each("AvgPool3d", [[1, 2, 3]])
    yield from each("AdaptiveAvgPool2d", [[5, None]], [t(5, None)])
    yield from each("Unfold", [[2, 3]])
    yield from each("Upsample", {"size": [4, 5]}, {"scale_factor": t(f(2), 3)})
    yield from each("Conv2d", [1, 2, [3, 2]], ([1, 2, 3], {"stride": [2, 1], "padding": [1, 0]}))
    yield from each("ReflectionPad2d", [[1, 2, 3, 4]])
    yield from each("GroupNorm", [2, 4])
    yield from each("CrossEntropyLoss", {"label_smoothing": 0.1, "reduction": "sum"})
    for items in ([], [1], [1, 1, 1], [1, 1, 2, 2, 1]):
        yield {"cls": "ModuleList", "items": [{"cls": "Linear", "args": [n, n]} for n in items]}
    yield {"cls": "ModuleDict", "named": []}
    yield {"cls": "Sequential", "items": []}
    yield {"cls": "ParameterList", "tensors": []}
    yield {"cls": "ParameterList", "tensors": [{"fill": [2], "value": 1.0}]}
    yield {"cls": "ParameterList", "tensors": [{"fill": [2, 3], "value": 1.0}, {"fill": [], "value": 1.0, "dtype": "float64"}]}
    yield {"cls": "ParameterDict", "named": [["a", {"fill": [2], "value": 1.0}], ["b", {"fill": [1, 2], "value": 0.0, "dtype": "float16"}]]}
    # Errors of constructors.
    yield from each("Conv2d", ([3, 8, 3], {"groups": 2}), ([4, 8, 3], {"padding": "same", "stride": 2}))
    yield from each("GroupNorm", [3, 4])
    yield from each("Dropout", [1.5])
    yield from each("Embedding", ([5, 3], {"padding_idx": 5}))
    yield from each("MultiheadAttention", [5, 2], [0, 1])
    yield from each("LSTM", [0, 3], ([2, 3], {"dropout": 1.5}), ([2, 3], {"proj_size": 3}))
    yield from each("GRU", ([2, 3], {"num_layers": 0}))


TEXTS = list(texts())
