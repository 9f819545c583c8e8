"""Writes down what PyTorch computes with losses, recurrent layers, attention, transformers and nn.utils.

Run from the project: python test/golden/layers-b.py
Result: test/golden/layers-b.json. Every case begins with torch.manual_seed(seed); tensors given as shapes are drawn then,
after the parameters, in the order of the arguments.
"""

import hashlib
import json
import pathlib
import warnings

import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")


def R(*shape, **kw):
    """A tensor drawn by randn; `then` is applied, `grad` says whether its gradient is written down."""
    return {"randn": list(shape), "grad": True, **kw}


def T(data, dtype="float32", **kw):
    """A tensor of given values."""
    return {"data": data, "dtype": dtype, **kw}


def readable(value):
    """JSON has no infinity."""
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [readable(item) for item in value]
    return "-inf" if value == float("-inf") else value


def tagged(value):
    """An argument of a constructor: integral floats are marked, as JSON readers make integers of them."""
    if isinstance(value, list):
        return [tagged(item) for item in value]
    if isinstance(value, dict):
        return value if "data" in value else {key: tagged(item) for key, item in value.items()}
    return {"float": repr(value)} if isinstance(value, float) and value.is_integer() else value


def made(spec):
    if isinstance(spec, list):
        return [made(item) for item in spec]
    if not isinstance(spec, dict):
        return spec
    if "randn" in spec:
        tensor = torch.randn(spec["randn"], dtype=getattr(torch, spec.get("dtype", "float32")))
        then = spec.get("then")
        if then:
            tensor = getattr(torch, then)(tensor, -1) if "softmax" in then else getattr(torch, then)(tensor)
    else:
        tensor = torch.tensor(spec["data"], dtype=getattr(torch, spec["dtype"]))
    return tensor.requires_grad_(spec.get("grad", False))


def tensors_in(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in tensors_in(item)]
    return []


def number(value):
    if value != value:
        return "nan"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return float(f"{value:.6g}")


def written(tensor):
    """Of a large tensor, 24 elements spread over it."""
    if tensor is None:
        return None
    values = tensor.detach().double().flatten().tolist()
    if len(values) > 24:
        values = [values[k * len(values) // 24] for k in range(24)]
    return {"shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:], "values": [number(v) for v in values]}


def backward(outputs):
    """The gradient of a sum in which every element has a weight of its own."""
    total = 0
    for output in outputs:
        if output.grad_fn is not None:
            weights = torch.cos(torch.arange(output.numel(), dtype=torch.float64) + 1).reshape(output.shape)
            total = total + (output.double() * weights).sum()
    if isinstance(total, torch.Tensor):
        total.backward()


def functional_case(fn, args, kw=None, seed=0):
    case = {"fn": fn, "args": args, "kw": kw or {}, "seed": seed}
    torch.manual_seed(seed)
    values = [made(arg) for arg in args]
    named = {key: made(value) for key, value in case["kw"].items()}
    try:
        output = getattr(F, fn)(*values, **named)
    except Exception as error:
        return {**case, "error": type(error).__name__, "message": str(error)}
    case["output"] = written(output)
    case["gradFn"] = output.grad_fn.name() if output.grad_fn is not None else None
    try:
        backward([output])
        case["gradients"] = [written(t.grad) for t in tensors_in([values, list(named.values())]) if t.requires_grad]
    except RuntimeError as error:
        case["backwardMessage"] = str(error)
    return case


def sha256(tensor):
    """The first 64 bits of the digest."""
    return hashlib.sha256(tensor.detach().contiguous().numpy().tobytes()).hexdigest()[:16]


def built(spec):
    args = [built(arg) if isinstance(arg, dict) and "cls" in arg else made(arg) for arg in spec.get("args", [])]
    kw = {k: built(v) if isinstance(v, dict) and "cls" in v else made(v) for k, v in spec.get("kw", {}).items()}
    module = getattr(nn, spec["cls"])(*args, **kw)
    for wrap in spec.get("wrap", []):
        getattr(nn.utils, wrap[0])(module, **wrap[1])
    return module


def module_case(spec, calls, eval_mode=False, no_grad=False, seed=0, double=False):
    """`calls`: lists of [args, kw]; outputs of all, then gradients of the parameters and of arguments that ask."""
    case = {"network": tagged(spec), "calls": calls, "eval": eval_mode, "noGrad": no_grad, "seed": seed, "double": double}
    torch.manual_seed(seed)
    try:
        module = built(spec)
    except Exception as error:
        return {**case, "error": type(error).__name__, "message": str(error)}
    case["parameters"] = [[name, list(p.shape)] for name, p in module.named_parameters()]
    case["state"] = [[name, sha256(value)] for name, value in module.state_dict().items()]
    case["metadata"] = [[key, value] for key, value in module.state_dict()._metadata.items()]
    case["repr"] = repr(module)
    if double:
        module.double()
    module.train(not eval_mode)
    torch.set_grad_enabled(not no_grad)
    outputs, inputs = [], []
    try:
        for args, kw in calls:
            values = [made(arg) for arg in args]
            named = {key: made(value) for key, value in kw.items()}
            inputs += [t for t in tensors_in([values, list(named.values())]) if t.requires_grad]
            outputs.append(module(*values, **named))
        found = tensors_in(outputs)
        case["outputs"] = [written(output) for output in found]
        case["gradFns"] = [output.grad_fn.name() if output.grad_fn is not None else None for output in found]
        if not no_grad:
            backward(found)
            case["gradients"] = [written(p.grad) for p in module.parameters()] + [written(t.grad) for t in inputs]
        case["next"] = number(torch.rand(1).item())
        case["after"] = [[name, written(value)] for name, value in module.named_buffers()]
    except Exception as error:
        case["callError"] = type(error).__name__
        case["message"] = str(error)
    torch.set_grad_enabled(True)
    return case


REDUCTIONS = ["none", "mean", "sum"]
labels = T([0, 2, 1], "int64")
signs = T([1, -1, 1])


def losses():
    pair = [R(3, 4), R(3, 4, grad=False)]
    both = [R(3, 4), R(3, 4)]
    for reduction in REDUCTIONS:
        kw = {"reduction": reduction}
        for fn in ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]:
            yield fn, both, kw
        yield "smooth_l1_loss", both, {**kw, "beta": 0.5}
        yield "smooth_l1_loss", pair, {**kw, "beta": 0.0}
        yield "huber_loss", both, {**kw, "delta": 0.3}
        yield "mse_loss", [R(3, 4), R(4)], kw
        for fn in ["mse_loss", "l1_loss", "huber_loss"]:
            yield fn, pair, {**kw, "weight": R(3, 4, then="sigmoid", grad=False)}
        yield "poisson_nll_loss", pair, {**kw}
        yield "poisson_nll_loss", [R(3, 4, then="exp"), R(3, 4, then="exp", grad=False)], {**kw, "log_input": False, "full": True}
        yield "gaussian_nll_loss", [R(3, 4), R(3, 4), R(3, 4, then="exp")], {**kw, "full": True}
        yield "gaussian_nll_loss", [R(3, 4), R(3, 4), R(3, then="exp")], kw
        yield "gaussian_nll_loss", [R(3, 4), R(3, 4), R(3, 1, then="sigmoid")], {**kw, "eps": 0.5}
        yield "gaussian_nll_loss", [R(3, 4), R(3, 4), 0.7], kw
        yield "kl_div", [R(3, 4, then="log_softmax"), R(3, 4, then="softmax")], kw
        yield "kl_div", [R(3, 4, then="log_softmax"), R(3, 4, then="log_softmax")], {**kw, "log_target": True}
        unit = [R(3, 4, then="sigmoid"), R(3, 4, then="sigmoid")]
        yield "binary_cross_entropy", unit, kw
        yield "binary_cross_entropy", unit, {**kw, "weight": R(4, then="sigmoid", grad=False)}
        yield "binary_cross_entropy_with_logits", [R(3, 4), R(3, 4, then="sigmoid")], kw
        yield "binary_cross_entropy_with_logits", [R(3, 4), R(3, 4, then="sigmoid")], {
            **kw,
            "weight": R(3, 1, then="exp", grad=False),
            "pos_weight": R(4, then="exp", grad=False),
        }
        yield "soft_margin_loss", [R(3, 4), R(3, 4, then="sign", grad=False)], kw
        yield "multilabel_soft_margin_loss", [R(3, 4), R(3, 4, then="sigmoid", grad=False)], kw
        yield "multilabel_soft_margin_loss", [R(3, 4), R(3, 4, then="sigmoid", grad=False)], {**kw, "weight": R(4, then="exp", grad=False)}
        weight = R(4, then="exp", grad=False)
        for fn in ["nll_loss", "cross_entropy"]:
            yield fn, [R(3, 4), labels], kw
            yield fn, [R(3, 4), labels], {**kw, "weight": weight}
            yield fn, [R(3, 4), labels], {**kw, "weight": weight, "ignore_index": 2}
            yield fn, [R(4), T(2, "int64")], kw
            yield fn, [R(4), T([2], "int64")], kw
            yield fn, [R(2, 4, 3), T([[0, 1, 3], [2, 2, 1]], "int64")], {**kw, "weight": weight, "ignore_index": 1}
            yield fn, [R(1, 4, 2, 2), T([[[0, 1], [3, 2]]], "int64")], {**kw, "weight": weight}
            yield fn, [R(1, 2, 1, 2, 2), T([[[[0, 1], [1, 0]]]], "int64")], kw
        yield "cross_entropy", [R(3, 4), labels], {**kw, "label_smoothing": 0.1}
        yield "cross_entropy", [R(3, 4), labels], {**kw, "label_smoothing": 0.3, "weight": weight, "ignore_index": 2}
        yield "cross_entropy", [R(2, 4, 3), T([[0, 1, 3], [2, 2, 1]], "int64")], {**kw, "label_smoothing": 0.2, "weight": weight}
        yield "cross_entropy", [R(3, 4), R(3, 4, then="softmax")], kw
        yield "cross_entropy", [R(3, 4), R(3, 4, then="softmax")], {**kw, "weight": weight, "label_smoothing": 0.2}
        yield "cross_entropy", [R(2, 4, 2), R(2, 4, 2, then="sigmoid")], {**kw, "weight": weight}
        yield "cross_entropy", [R(4), R(4, then="softmax")], kw
        yield "margin_ranking_loss", [R(3), R(3), signs], {**kw, "margin": 0.5}
        yield "hinge_embedding_loss", [R(3, 4), R(3, 4, then="sign", grad=False)], {**kw, "margin": 0.8}
        yield "cosine_embedding_loss", [R(3, 4), R(3, 4), signs], {**kw, "margin": -0.2}
        yield "cosine_embedding_loss", [R(4), R(4), T(-1.0)], {**kw, "margin": -0.9}
        for more in [{}, {"margin": 0.5, "p": 1.0}, {"swap": True, "margin": 2.0}]:
            yield "triplet_margin_loss", [R(3, 4), R(3, 4), R(3, 4)], {**kw, **more}
        yield "triplet_margin_with_distance_loss", [R(3, 4), R(3, 4), R(3, 4)], {**kw, "swap": True}
        for more in [{}, {"p": 2}, {"p": 2, "margin": 0.7, "weight": weight}]:
            yield "multi_margin_loss", [R(3, 4), labels], {**kw, **more}
        yield "multi_margin_loss", [R(4), T(1, "int64")], kw
        yield "multilabel_margin_loss", [R(3, 4), T([[0, 3, -1, 1], [-1, 0, 0, 0], [2, 2, 1, 3]], "int64")], kw
        yield "multilabel_margin_loss", [R(4), T([1, 2, -1, 0], "int64")], kw
        steps = R(6, 2, 4, then="log_softmax")
        yield "ctc_loss", [steps, T([[1, 2, 2], [3, 1, 0]], "int64"), T([6, 5], "int64"), T([3, 2], "int64")], kw
        yield "ctc_loss", [steps, T([1, 2, 2, 3, 1], "int64"), [6, 4], [3, 2]], {**kw, "blank": 0}
        yield "ctc_loss", [steps, T([[1, 2, 2], [3, 1, 0]], "int64"), [3, 6], [3, 0]], {**kw, "blank": 3 if reduction == "x" else 0, "zero_infinity": True}
        yield "ctc_loss", [R(5, 4, then="log_softmax"), T([1, 0, 2], "int64"), T(5, "int64"), T(3, "int64")], {**kw, "blank": 3}
    yield "kl_div", [R(3, 4, then="log_softmax"), R(3, 4, then="softmax", grad=False)], {"reduction": "batchmean"}
    # Losses of nothing, of dtypes that differ, and at special points.
    yield "mse_loss", [R(0), R(0)], {}
    yield "cross_entropy", [R(0, 4), T([], "int64")], {}
    yield "cross_entropy", [R(3, 4), T([-100, -100, -100], "int64")], {}
    yield "binary_cross_entropy", [T([0.0, 1.0, 0.0, 1.0], grad=True), T([0.0, 0.0, 1.0, 1.0])], {}
    yield "binary_cross_entropy_with_logits", [T([100.0, -100.0, 0.0, 30.0], grad=True), T([0.0, 1.0, 1.0, 1.0])], {}
    yield "smooth_l1_loss", [T([1.0, -1.0, 0.0], grad=True), T([0.0, 0.0, 0.0])], {}
    yield "l1_loss", [T([1.0, 0.0], grad=True), T([0.0, 0.0])], {}
    yield "mse_loss", [R(3), T([1, 2, 3], "int64")], {}
    yield "mse_loss", [R(3), R(3, dtype="float64")], {}
    yield "nll_loss", [R(3, 4), T([0, 1, 2], "uint8")], {}
    yield "pairwise_distance", [R(3, 4), R(3, 4)], {}
    yield "pairwise_distance", [R(3, 4), R(4)], {"p": 1.0, "keepdim": True}
    yield "cosine_similarity", [R(3, 4), R(3, 4)], {}
    yield "cosine_similarity", [R(2, 3, 4), R(3, 1)], {"dim": -2}
    yield "cosine_similarity", [T([[0.0, 0.0], [1.0, 2.0]], grad=True), R(2, 2)], {}


def refusals():
    a, p, q = R(3, 4, grad=False), R(3, grad=False, then="sigmoid"), R(3, grad=False, then="sigmoid")
    short, long = R(2, grad=False, then="sigmoid"), T([1, 2, 3], "int64")
    for fn in ["mse_loss", "l1_loss", "nll_loss", "cross_entropy", "kl_div", "soft_margin_loss", "multilabel_soft_margin_loss", "poisson_nll_loss"]:
        yield fn, [p, q], {"reduction": "x"}
    for fn in ["mse_loss", "smooth_l1_loss", "huber_loss", "l1_loss"]:
        yield fn, [p, short], {}
        yield fn, [long, long], {}
    yield "mse_loss", [p, q], {"weight": short}
    yield "smooth_l1_loss", [p, q], {"beta": -1.0}
    yield "huber_loss", [p, q], {"delta": 0.0}
    yield "gaussian_nll_loss", [p, q, -1.0], {}
    yield "gaussian_nll_loss", [p, q, short], {}
    yield "nll_loss", [T(1.0), labels], {}
    for target in [T([0, 1], "int64"), T([0, 1, 7], "int64"), T([0, 1, -1], "int64"), T([0, 1, 2], "int32"), T([[0], [1], [2]], "int64"), T([0.0, 1.0, 2.0])]:
        yield "nll_loss", [a, target], {}
        yield "cross_entropy", [a, target], {}
    yield "nll_loss", [a, labels], {"weight": R(3, grad=False)}
    yield "nll_loss", [a, labels], {"weight": R(4, dtype="float64", grad=False)}
    yield "nll_loss", [R(4, grad=False), labels], {}
    yield "nll_loss", [T([[1, 2, 3]], "int64"), T([0], "int64")], {}
    yield "nll_loss", [R(2, 3, 4, grad=False), T([[0, 1], [0, 1]], "int64")], {}
    yield "nll_loss", [R(1, 3, 2, 2, grad=False), T([[[0, 1]]], "int64")], {}
    yield "nll_loss", [R(1, 3, 2, 2, grad=False), T([[0, 1]], "int64")], {}
    yield "nll_loss", [R(1, 3, 1, 1, grad=False), T([[[0]]], "int64")], {"weight": R(2, grad=False)}
    yield "cross_entropy", [a, T([[1, 2, 3, 4]] * 3, "int64")], {}
    yield "cross_entropy", [a, a], {"ignore_index": 1}
    yield "cross_entropy", [a, a], {"weight": R(3, grad=False)}
    yield "cross_entropy", [a, labels], {"label_smoothing": 1.5}
    yield "cross_entropy", [a, labels], {"weight": R(3, grad=False)}
    yield "binary_cross_entropy", [p, short], {}
    yield "binary_cross_entropy", [T([2.0, 0.5, 0.5]), q], {}
    yield "binary_cross_entropy", [p, R(3, dtype="float64", grad=False, then="sigmoid")], {}
    yield "binary_cross_entropy", [p, q], {"weight": short}
    yield "binary_cross_entropy", [p, q], {"weight": R(2, 3, grad=False)}
    yield "binary_cross_entropy", [long, long], {}
    yield "binary_cross_entropy_with_logits", [p, short], {}
    yield "binary_cross_entropy_with_logits", [p, long], {}
    yield "margin_ranking_loss", [p, q, a], {}
    yield "multi_margin_loss", [a, T([0, 1], "int64")], {}
    yield "multi_margin_loss", [a, T([0, 1, 9], "int64")], {}
    yield "multi_margin_loss", [a, labels], {"p": 3}
    yield "multi_margin_loss", [a, labels], {"weight": a}
    yield "multi_margin_loss", [a, labels], {"weight": R(3, grad=False)}
    yield "multi_margin_loss", [a, T([0, 1, 2], "int32")], {}
    yield "multi_margin_loss", [R(2, 3, 4, grad=False), labels], {}
    yield "multilabel_margin_loss", [a, labels], {}
    yield "multilabel_margin_loss", [a, T([[9] * 4] * 3, "int64")], {}
    yield "multilabel_margin_loss", [a, a], {}
    yield "cosine_embedding_loss", [a, a, a], {}
    yield "cosine_embedding_loss", [p, p, p], {}
    yield "cosine_embedding_loss", [a, a, T(1.0)], {}
    yield "triplet_margin_loss", [a, p, p], {}
    yield "triplet_margin_loss", [p, p, p], {"margin": 0}
    yield "triplet_margin_with_distance_loss", [a, p, p], {}
    yield "cosine_similarity", [long, long], {"dim": 0}
    yield "cosine_similarity", [p, q], {}
    steps, rows = R(5, 2, 4, grad=False, then="log_softmax"), T([[1, 2], [2, 3]], "int64")
    for target, inputs, outputs, kw in [
        (rows, [6, 4], [2, 2], {}),
        (rows, [5, 4], [3, 2], {}),
        (rows, [5], [2, 2], {}),
        (rows, [5, 4], [2], {}),
        (rows, [5, 4], [2, 2], {"blank": 4}),
        (rows, [5, 4], [-1, 2], {}),
        (T([1, 2, 3], "int64"), [5, 4], [2, 2], {}),
    ]:
        yield "ctc_loss", [steps, target, inputs, outputs], kw
    query = R(2, 3, 4, grad=False)
    sdpa = "scaled_dot_product_attention"
    yield sdpa, [R(4, grad=False), query, query], {}
    yield sdpa, [query, R(2, 3, 4, dtype="float64", grad=False), query], {}
    yield sdpa, [query, query, query], {"attn_mask": R(3, 3, grad=False), "is_causal": True}
    yield sdpa, [query, query, query], {"attn_mask": T([[1, 1, 1]] * 3, "int64")}
    yield sdpa, [R(2, 4, 3, 4, grad=False), R(2, 3, 3, 4, grad=False), R(2, 3, 3, 4, grad=False)], {"enable_gqa": True}


def attentions():
    qkv = [R(2, 3, 4), R(2, 5, 4), R(2, 5, 6)]
    sdpa = "scaled_dot_product_attention"
    yield sdpa, qkv, {}
    yield sdpa, qkv, {"is_causal": True}
    yield sdpa, qkv, {"scale": 0.3}
    yield sdpa, qkv, {"attn_mask": R(3, 5)}
    yield sdpa, qkv, {"attn_mask": T([[True, False, True, False, True], [False] * 5, [True] * 5], "bool")}
    yield sdpa, [R(1, 4, 3, 2), R(1, 2, 3, 2), R(1, 2, 3, 2)], {"enable_gqa": True}
    yield sdpa, [R(3, 4), R(5, 4), R(5, 4)], {"dropout_p": 0.5}


def net(cls, *args, wrap=(), **kw):
    return {"cls": cls, "args": list(args), "kw": kw, "wrap": [list(w) for w in wrap]}


def recurrent():
    x, one = R(5, 2, 3), R(5, 3)
    for cls in ["RNN", "LSTM", "GRU"]:
        pair = (lambda *shape: [R(*shape), R(*shape)]) if cls == "LSTM" else (lambda *shape: R(*shape))
        yield net(cls, 3, 4), [[[x], {}]], {}
        yield net(cls, 3, 4), [[[x, pair(1, 2, 4)], {}]], {}
        yield net(cls, 3, 4), [[[one], {}]], {}
        yield net(cls, 3, 4, num_layers=2), [[[one, pair(2, 4)], {}]], {}
        yield net(cls, 3, 4, num_layers=2, bidirectional=True), [[[x, pair(4, 2, 4)], {}]], {}
        yield net(cls, 3, 4, batch_first=True, bias=False), [[[R(2, 5, 3)], {}]], {}
        yield net(cls, 3, 4, batch_first=True, bidirectional=True), [[[R(5, 3)], {}]], {}
        yield net(cls, 3, 4, num_layers=3, dropout=0.5), [[[x], {}]], {}
        yield net(cls, 3, 4, num_layers=2, dropout=1), [[[x], {}]], {"eval_mode": True}
        yield net(cls, 3, 4, num_layers=2), [[[R(5, 2, 3, dtype="float64")], {}]], {"double": True}
        for hidden in [pair(1, 3, 4), pair(2, 4)]:
            yield net(cls, 3, 4), [[[x, hidden], {}]], {}
        yield net(cls, 3, 4), [[[one, pair(1, 2, 4)], {}]], {}
        for bad in [R(3), R(1, 1, 1, 3), R(2, 2, 5), R(2, 2, 3, dtype="float64"), R(0, 2, 3)]:
            yield net(cls, 3, 4), [[[bad], {}]], {}
        for args, kw in [((0, 3), {}), ((3, 0), {}), ((3, 4), {"num_layers": 0}), ((3, 4), {"proj_size": 4}), ((3, 4), {"proj_size": -1}), ((3, 4), {"dropout": 2}), ((3.5, 4), {})]:
            yield net(cls, *args, **kw), [], {}
    yield net("RNN", 3, 4, nonlinearity="relu", num_layers=2), [[[x], {}]], {}
    yield net("RNN", 3, 4, nonlinearity="x"), [], {}
    yield net("LSTM", 3, 4, proj_size=2, num_layers=2, bidirectional=True), [[[x], {}]], {}
    yield net("LSTM", 3, 4, proj_size=2), [[[x, [R(1, 2, 2), R(1, 2, 4)]], {}]], {}
    for cls in ["RNNCell", "LSTMCell", "GRUCell"]:
        pair = (lambda *shape: [R(*shape), R(*shape)]) if cls == "LSTMCell" else (lambda *shape: R(*shape))
        yield net(cls, 3, 4), [[[R(2, 3)], {}]], {}
        yield net(cls, 3, 4), [[[R(2, 3), pair(2, 4)], {}]], {}
        yield net(cls, 3, 4, bias=False), [[[R(3), pair(4)], {}]], {}
        for args in [[R(2, 5)], [R(2, 3), pair(3, 4)], [R(2, 3), pair(2, 5)], [R(2, 3), pair(1, 2, 4)], [R(1, 2, 3)]]:
            yield net(cls, 3, 4), [[args, {}]], {}
    yield net("RNNCell", 3, 4, nonlinearity="relu"), [[[R(2, 3)], {}]], {}
    yield net("RNNCell", 3, 4, nonlinearity="x"), [[[R(2, 3)], {}]], {}


def attention_layers():
    mha, x = "MultiheadAttention", R(5, 2, 4)
    q, k, v = R(3, 2, 4), R(5, 2, 4), R(5, 2, 4)
    pads = T([[False, False, True, False, True], [False] * 5], "bool")
    causal = T([[float("-inf") if column > row else 0.0 for column in range(5)] for row in range(3)])
    open_ = T([[False, True, False, False, True], [False] * 5, [True, False, False, False, False]], "bool")
    yield net(mha, 4, 2), [[[q, k, v], {}]], {}
    yield net(mha, 4, 2), [[[q, k, v], {"average_attn_weights": False}]], {}
    yield net(mha, 4, 2), [[[q, k, v], {"need_weights": False}]], {}
    yield net(mha, 4, 2), [[[q, k, v], {"key_padding_mask": pads, "attn_mask": open_}]], {}
    yield net(mha, 4, 2), [[[q, k, v], {"key_padding_mask": pads, "attn_mask": causal, "need_weights": False}]], {}
    yield net(mha, 4, 2), [[[q, k, v], {"attn_mask": R(4, 3, 5)}]], {}
    yield net(mha, 4, 2), [[[R(3, 4), R(5, 4), R(5, 4)], {"attn_mask": causal, "key_padding_mask": T([False, True, False, False, False], "bool")}]], {}
    yield net(mha, 4, 2, batch_first=True), [[[R(2, 3, 4), R(2, 5, 4), R(2, 5, 4)], {}]], {}
    yield net(mha, 4, 2, bias=False, add_bias_kv=True, add_zero_attn=True), [[[q, k, v], {"attn_mask": causal, "key_padding_mask": pads}]], {}
    yield net(mha, 4, 2, kdim=3, vdim=6, add_bias_kv=True), [[[q, R(5, 2, 3), R(5, 2, 6)], {}]], {}
    yield net(mha, 4, 2, kdim=3, bias=False), [[[q, R(5, 2, 3), v], {}]], {"eval_mode": True}
    yield net(mha, 6, 3, dropout=0.5), [[[R(3, 2, 6), R(5, 2, 6), R(5, 2, 6)], {}]], {}
    for args, kw in [((5, 2), {}), ((0, 2), {}), ((4, 0), {})]:
        yield net(mha, *args, **kw), [], {}
    for args, kw in [
        ([R(4), x, x], {}), ([x, R(5, 4), x], {}), ([R(5, 4), x, x], {}), ([x, x, R(3, 2, 4)], {}),
        ([R(5, 2, 3), R(5, 2, 3), R(5, 2, 3)], {}),
        ([x, x, x], {"key_padding_mask": T([False] * 5, "bool")}), ([x, x, x], {"key_padding_mask": T([[False] * 4] * 2, "bool")}),
        ([x, x, x], {"key_padding_mask": T([[0] * 5] * 2, "int64")}), ([x, x, x], {"attn_mask": R(5)}), ([x, x, x], {"attn_mask": R(5, 4)}),
        ([x, x, x], {"attn_mask": R(3, 5, 5)}), ([x, x, x], {"is_causal": True}), ([R(5, 4), R(5, 4), R(5, 4)], {"attn_mask": R(3, 5, 5)}),
    ]:
        yield net(mha, 4, 2), [[args, kw]], {}
    yield net(mha, 4, 2, kdim=3, vdim=2), [[[q, k, v], {}]], {}
    small = {"dim_feedforward": 6}
    encoder, decoder = "TransformerEncoderLayer", "TransformerDecoderLayer"
    for kw in [{"dropout": 0.0}, {"dropout": 0.0, "norm_first": True, "activation": "gelu"}, {}, {"bias": False, "dropout": 0.0, "layer_norm_eps": 0.1}]:
        yield net(encoder, 4, 2, **small, **kw), [[[x], {}]], {}
        yield net(decoder, 4, 2, **small, **kw), [[[q, x], {}]], {}
    yield net(encoder, 4, 2, **small, batch_first=True), [[[R(2, 5, 4)], {"src_key_padding_mask": pads}]], {"eval_mode": True}
    yield net(encoder, 4, 2, activation="x"), [], {}
    yield net(decoder, 4, 2, **small), [[[R(3, 4), R(5, 4)], {}]], {"eval_mode": True}
    square = T([[float("-inf") if column > row else 0.0 for column in range(3)] for row in range(3)])
    yield net(decoder, 4, 2, **small, dropout=0.0), [[[q, x], {"tgt_mask": square, "tgt_is_causal": True, "memory_key_padding_mask": pads}]], {}
    layer = net(encoder, 4, 2, **small, dropout=0.0)
    yield net("TransformerEncoder", layer, 2), [[[x], {}]], {}
    yield net("TransformerEncoder", layer, 2, norm=net("LayerNorm", 4)), [[[q], {"mask": square}]], {}
    fast = net(encoder, 4, 2, **small, batch_first=True)
    ends = T([[False, False, False, True, True], [False] * 5], "bool")
    for mask in [ends, pads]:
        yield net("TransformerEncoder", fast, 1), [[[R(2, 5, 4, grad=False)], {"src_key_padding_mask": mask}]], {"eval_mode": True, "no_grad": True}
    yield net("TransformerEncoder", fast, 1), [[[R(2, 5, 4)], {"src_key_padding_mask": ends}]], {"eval_mode": True}
    yield net("TransformerDecoder", net(decoder, 4, 2, **small, dropout=0.0), 2, norm=net("LayerNorm", 4)), [[[q, x], {"tgt_mask": square}]], {}
    whole = {"d_model": 4, "nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 1, **small}
    yield net("Transformer", **whole, dropout=0.0), [[[x, q], {"tgt_mask": square}]], {}
    yield net("Transformer", **whole, batch_first=True, norm_first=True, activation="gelu"), [[[R(2, 5, 4), R(2, 3, 4)], {"src_key_padding_mask": pads, "memory_key_padding_mask": pads}]], {"eval_mode": True}
    yield net("Transformer", **whole), [[[x, R(3, 1, 4)], {}]], {}
    yield net("Transformer", **whole), [[[x, R(3, 2, 5)], {}]], {}


def loss_layers():
    for cls in ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "SoftMarginLoss", "PoissonNLLLoss", "HingeEmbeddingLoss", "MultiLabelSoftMarginLoss", "KLDivLoss", "BCEWithLogitsLoss", "PairwiseDistance", "CosineSimilarity"]:
        yield net(cls), [[[R(3, 4), R(3, 4, then="sigmoid", grad=False)], {}]], {}
    yield net("CrossEntropyLoss", weight=T([1.0, 2.0, 3.0, 4.0]), ignore_index=2, label_smoothing=0.1), [[[R(3, 4), labels], {}]], {}
    yield net("NLLLoss", weight=T([1.0, 2.0, 3.0, 4.0])), [[[R(3, 4), labels], {}]], {}
    yield net("BCELoss"), [[[R(3, then="sigmoid"), R(3, then="sigmoid")], {}]], {}
    yield net("BCEWithLogitsLoss", weight=T([1.0, 2.0]), pos_weight=T([3.0, 0.5]), reduction="sum"), [[[R(3, 2), R(3, 2, then="sigmoid")], {}]], {}
    yield net("GaussianNLLLoss", full=True), [[[R(3), R(3), R(3, then="exp")], {}]], {}
    yield net("MarginRankingLoss", margin=0.3), [[[R(3), R(3), signs], {}]], {}
    yield net("CosineEmbeddingLoss"), [[[R(3, 4), R(3, 4), signs], {}]], {}
    yield net("MultiMarginLoss", p=2, weight=T([1.0, 2.0, 3.0, 4.0])), [[[R(3, 4), labels], {}]], {}
    yield net("MultiMarginLoss", p=3), [], {}
    yield net("MultiMarginLoss", weight=R(2, 2, grad=False)), [], {}
    yield net("MultiLabelMarginLoss"), [[[R(1, 4), T([[3, 0, -1, 1]], "int64")], {}]], {}
    yield net("TripletMarginLoss", swap=True), [[[R(3, 4), R(3, 4), R(3, 4)], {}]], {}
    yield net("TripletMarginLoss", margin=-0.5), [], {}
    yield net("TripletMarginWithDistanceLoss", distance_function=net("CosineSimilarity")), [[[R(3, 4), R(3, 4), R(3, 4)], {}]], {}
    yield net("TripletMarginWithDistanceLoss", margin=-0.5), [], {}
    yield net("CTCLoss", blank=3), [[[R(6, 2, 4, then="log_softmax"), T([[1, 2, 2], [1, 0, 0]], "int64"), [6, 5], [3, 2]], {}]], {}


def wrapped():
    weight, spectral = "weight_norm", "spectral_norm"
    for kw in [{}, {"dim": 1}, {"dim": None}]:
        yield net("Linear", 13, 6, wrap=[[weight, kw]]), [[[R(2, 13)], {}]], {}
    yield net("Linear", 100, 7, wrap=[[weight, {}]]), [[[R(2, 100, grad=False)], {}]], {"no_grad": True}
    yield net("Bilinear", 3, 4, 5, wrap=[[weight, {"dim": 1}]]), [[[R(2, 3), R(2, 4)], {}]], {}
    for dim in [0, 1, 3]:
        yield net("Conv2d", 2, 3, 3, wrap=[[weight, {"dim": dim}]]), [[[R(1, 2, 4, 4)], {}]], {}
    yield net("ConvTranspose1d", 2, 3, 5, wrap=[[spectral, {}]]), [[[R(1, 2, 4)], {}]], {}
    yield net("Conv3d", 2, 20, 2, bias=False, wrap=[[spectral, {}]]), [[[R(1, 2, 2, 2, 2)], {}]], {}
    yield net("LSTM", 3, 4, wrap=[[weight, {"name": "weight_hh_l0"}]]), [[[R(2, 1, 3)], {}]], {}
    yield net("Linear", 13, 6, wrap=[[weight, {}], [weight, {}]]), [], {}
    yield net("ReLU", wrap=[[weight, {}]]), [], {}
    for kw in [{}, {"dim": 1}, {"n_power_iterations": 3}]:
        yield net("Linear", 13, 6, wrap=[[spectral, kw]]), [[[R(2, 13)], {}], [[R(2, 13)], {}]], {}
        yield net("Linear", 13, 6, wrap=[[spectral, kw]]), [[[R(2, 13)], {}]], {"eval_mode": True}
    yield net("Linear", 3, 20, wrap=[[spectral, {}]]), [[[R(2, 3)], {}]], {}
    yield net("Linear", 13, 6, wrap=[[spectral, {}], [spectral, {}]]), [], {}
    yield net("Linear", 13, 6, wrap=[[spectral, {"n_power_iterations": 0}]]), [], {}
    yield net("Linear", 13, 6, bias=False, wrap=[[spectral, {"name": "bias"}]]), [], {}


functional = [functional_case(*case, seed=k) for k, case in enumerate([*losses(), *attentions(), *refusals()])]
modules = [
    module_case(spec, calls, seed=k, **more)
    for k, (spec, calls, more) in enumerate([*recurrent(), *attention_layers(), *loss_layers(), *wrapped()])
]
result = {"torch": torch.__version__, "functional": functional, "modules": modules}
path = pathlib.Path(__file__).with_suffix(".json")
lines = [f'"torch": {json.dumps(torch.__version__)}']
for name in ["functional", "modules"]:
    lines.append(f'"{name}": [\n' + ",\n".join(json.dumps(readable(case), allow_nan=False, separators=(",", ":")) for case in result[name]) + "\n]")
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(len(functional), "calls,", len(modules), "networks")
