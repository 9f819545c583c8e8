"""Answers layers-a.main.ts with PyTorch: texts, parameters, outputs, gradients, and refusals.

python layers-a.py requests.json layers-a.json
"""

import hashlib
import json
import math
import sys
import warnings

import numpy
import torch
from torch import nn
from torch.nn import functional as F  # noqa: F401  (used by the requests)

warnings.simplefilter("ignore")
zeros = torch.zeros


def integers(*values):
    return torch.tensor(values)


def initialized(layer, write):
    write(layer.weight)
    return layer


def digest(tensor):
    return hashlib.sha256(tensor.detach().contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()[:16]


def short(value, dtype):
    if not math.isfinite(value):
        return str(value)
    return value if dtype == torch.float64 else float(str(numpy.float32(value)))


def sample(tensor):
    """All elements of a small tensor, some of a large one, and the sum of magnitudes."""
    flat = tensor.detach().double().reshape(-1)
    step = max(1, math.ceil(flat.numel() / 24))
    return {
        "dtype": str(tensor.dtype)[6:],
        "shape": list(tensor.shape),
        "step": step,
        "values": [short(v, tensor.dtype) for v in flat[::step].tolist()],
        "total": short(flat.abs().sum().item(), torch.float64),
    }


def made(recipe):
    if recipe["kind"] == "randint":
        return torch.randint(recipe["high"], recipe["shape"])
    if recipe["kind"] == "integers":
        return torch.tensor(recipe["values"])
    return getattr(torch, recipe["kind"])(recipe["shape"], dtype=getattr(torch, recipe["dtype"]))


def answer(seed, request):
    torch.manual_seed(seed)
    layer = eval(request["torch"])
    before = repr(layer)
    inputs = [made(recipe) for recipe in request["inputs"]]
    floats = [x for x in inputs if x.is_floating_point()]
    if not request["areInputsWritten"]:
        for x in floats:
            x.requires_grad_()
    lazy = any(isinstance(p, nn.parameter.UninitializedParameter) for p in layer.parameters())
    state = None if lazy else {name: digest(p) for name, p in layer.named_parameters()}
    result = layer(*inputs)
    if lazy:
        state = {name: digest(p) for name, p in layer.named_parameters()}
    outputs = list(result) if isinstance(result, tuple) else [result]
    found = {
        "before": before,
        "repr": repr(layer),
        "parameters": state,
        "keys": list(layer.state_dict()),
        "outputs": [sample(y) for y in outputs],
        "gradFn": None if outputs[0].grad_fn is None else type(outputs[0].grad_fn).__name__,
    }
    leaves = [x for x in floats if x.requires_grad] + list(layer.parameters())
    if outputs[0].grad_fn is not None:
        y = outputs[0]
        weights = torch.tensor([math.cos(1 + 0.7 * k) for k in range(y.numel())], dtype=y.dtype).reshape(y.shape)
        grads = torch.autograd.grad(y, leaves, weights, allow_unused=True)
        found["gradients"] = [None if g is None else sample(g) for g in grads]
    found["buffers"] = {name: sample(b) for name, b in layer.named_buffers()}
    return found


def refusal(expression):
    try:
        return repr(eval(expression))
    except Exception as error:
        return f"{type(error).__name__}: {error}".split("\n")[0]


with open(sys.argv[1]) as file:
    requests = json.load(file)
layers = [json.dumps(answer(seed, request), separators=(",", ":")) for seed, request in enumerate(requests["layers"])]
refusals = [json.dumps(refusal(expression)) for expression in requests["refusals"]]
with open(sys.argv[2], "w") as file:
    file.write('{"torch":' + json.dumps(torch.__version__) + ',"layers":[\n' + ",\n".join(layers))
    file.write('\n],"refusals":[\n' + ",\n".join(refusals) + "\n]}\n")
