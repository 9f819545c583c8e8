"""Answers the requests of ops-requests.ts with PyTorch: outputs, gradients, node names, errors.

python ops.py requests.json FOLDER writes FOLDER/FAMILY.json for each family in the requests
"""

import json
import math
import re
import sys
import warnings
from pathlib import Path

import numpy
import torch

warnings.simplefilter("ignore")


def snake(name):
    return re.sub(r"[A-Z]", lambda m: "_" + m.group().lower(), name)


def tensor(recipe):
    values = [float(v) if isinstance(v, str) else v for v in recipe["tensor"]]
    dtype = getattr(torch, recipe["dtype"])
    if dtype.is_complex:
        values = [complex(re, im) for re, im in zip(values[::2], values[1::2])]
    made = torch.tensor(values, dtype=dtype).reshape(recipe["shape"])
    if recipe["layout"] == "transposed":
        axes = list(range(made.dim()))[::-1]
        made = made.permute(axes).contiguous().permute(axes)
    elif recipe["layout"] == "stepped":
        made = made.unsqueeze(-1).expand(*recipe["shape"], 2).clone().select(-1, 0)
    made = made.detach()
    if made.is_floating_point() or made.is_complex():
        made.requires_grad_()
    return made


def argument(value, leaves):
    if isinstance(value, list):
        return [argument(each, leaves) for each in value]
    if isinstance(value, str) and value in ("nan", "inf", "-inf", "-0.0"):
        return float(value)
    if not isinstance(value, dict):
        return value
    if "int" in value:
        return int(value["int"])
    if "float" in value:
        return float(value["float"])
    if "complex" in value:
        return complex(*value["complex"])
    made = tensor(value)
    leaves.append(made)
    return made


def option(name, value, leaves):
    if name == "dtype" and isinstance(value, str):
        return getattr(torch, value)
    if name == "memoryFormat":
        return getattr(torch, value + "_format")
    return argument(value, leaves)


def number(value, dtype):
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return str(value)
    # The shortest digits that make the same element.
    return value if dtype in (torch.float64, torch.complex128) else float(str(numpy.float32(value)))


def data(made):
    # A tensor that is known to be zeros may have no memory.
    flat = torch.zeros(made.shape, dtype=made.dtype) if made._is_zerotensor() else made.detach()
    flat = torch.view_as_real(flat.resolve_conj()) if flat.is_complex() else flat
    values = flat.to(torch.float64) if flat.is_floating_point() else flat
    return {
        "dtype": str(made.dtype)[6:],
        "shape": list(made.shape),
        "stride": list(made.stride()),
        "values": [number(v, made.dtype) for v in values.reshape(-1).tolist()],
    }


def answer(request):
    positional, keywords, leaves = [], {}, []
    for value in request["args"]:
        if isinstance(value, dict) and "options" in value:
            for name, each in value["options"].items():
                keywords[snake(name)] = option(name, each, leaves)
        else:
            positional.append(argument(value, leaves))
    name = request["torch"]
    if re.search(r"[a-z0-9]_$", name):
        # Written in place: a leaf may not be, so a copy is.
        positional[0] = positional[0].clone()
    try:
        run = eval(name) if "." in name else getattr(torch.Tensor, name)
        result = run(*positional, **keywords)
        if isinstance(result, (torch.Tensor, bool)):
            result = [result]
        outputs = [each if isinstance(each, torch.Tensor) else torch.tensor(each) for each in result]
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
    made = {"outputs": [data(output) for output in outputs]}
    graded = [output for output in outputs if output.grad_fn is not None]
    inputs = [leaf for leaf in leaves if leaf.requires_grad]
    if graded:
        made["gradFn"] = type(graded[0].grad_fn).__name__
        weights = []
        for k, output in enumerate(graded):
            flat = [math.cos(1 + 0.7 * at + 0.31 * k) for at in range(output.numel())]
            if output.is_complex():
                flat = [complex(re, math.sin(2 + 0.7 * at)) for at, re in enumerate(flat)]
            weights.append(torch.tensor(flat, dtype=output.dtype).reshape(output.shape))
        try:
            grads = torch.autograd.grad(graded, inputs, weights, allow_unused=True)
            made["gradients"] = [None if grad is None else data(grad) for grad in grads]
        except RuntimeError as error:
            made["gradientError"] = f"{type(error).__name__}: {error}".split("\n")[0]
    return made


with open(sys.argv[1]) as file:
    families = json.load(file)
folder = Path(sys.argv[2])
folder.mkdir(exist_ok=True)
for family, requests in families.items():
    lines = [json.dumps({"id": request["id"], **answer(request)}, separators=(",", ":")) for request in requests]
    text = '{"torch":' + json.dumps(torch.__version__) + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    (folder / f"{family}.json").write_text(text)
