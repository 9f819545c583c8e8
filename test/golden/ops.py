"""Answers the requests of ops-requests.ts with PyTorch: outputs, gradients, node names, errors.

python ops.py requests.json > ops.json
"""

import json
import math
import re
import sys
import warnings

import torch

warnings.simplefilter("ignore")


def snake(name):
    return re.sub(r"[A-Z]", lambda m: "_" + m.group().lower(), name)


def argument(value):
    if isinstance(value, dict) and "tensor" in value:
        made = torch.tensor(value["tensor"], dtype=getattr(torch, value["dtype"])).reshape(value["shape"])
        if value["layout"] == "transposed":
            axes = list(range(made.dim()))[::-1]
            made = made.permute(axes).contiguous().permute(axes)
        elif value["layout"] == "stepped":
            made = made.unsqueeze(-1).expand(*value["shape"], 2).clone().select(-1, 0)
        made = made.detach()
        if made.is_floating_point():
            made.requires_grad_()
        return made
    return value


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def data(tensor):
    flat = tensor.detach()
    values = flat.to(torch.float64) if flat.is_floating_point() else flat
    return {
        "dtype": str(tensor.dtype)[6:],
        "shape": list(tensor.shape),
        "stride": list(tensor.stride()),
        "values": [number(v) for v in values.reshape(-1).tolist()],
    }


def answer(request):
    positional, keywords = [], {}
    for value in request["args"]:
        if isinstance(value, dict) and "tensor" not in value:
            keywords.update({snake(k): getattr(torch, v) if k == "dtype" else v for k, v in value.items()})
            keywords = {k: getattr(torch, v + "_format") if k == "memory_format" else v for k, v in keywords.items()}
        else:
            positional.append(argument(value))
    try:
        name = request["torch"]
        run = eval(name) if "." in name else getattr(torch.Tensor, name)
        result = run(*positional, **keywords)
        outputs = [result] if isinstance(result, torch.Tensor) else list(result)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
    made = {"outputs": [data(output) for output in outputs]}
    graded = [output for output in outputs if output.grad_fn is not None]
    inputs = [value for value in positional if isinstance(value, torch.Tensor) and value.requires_grad]
    if graded:
        made["gradFn"] = type(graded[0].grad_fn).__name__
        weights = []
        for k, output in enumerate(graded):
            flat = [math.cos(1 + 0.7 * at + 0.31 * k) for at in range(output.numel())]
            weights.append(torch.tensor(flat, dtype=output.dtype).reshape(output.shape))
        grads = torch.autograd.grad(graded, inputs, weights, allow_unused=True)
        made["gradients"] = [None if grad is None else data(grad) for grad in grads]
    return made


with open(sys.argv[1]) as file:
    requests = json.load(file)
lines = [json.dumps({"id": request["id"], **answer(request)}, separators=(",", ":")) for request in requests]
print('{"torch":' + json.dumps(torch.__version__) + ',"cases":[\n' + ",\n".join(lines) + "\n]}")
