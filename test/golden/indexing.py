"""Python's square brackets as PyTorch reads them: what indexing.test.ts must show too.

python indexing.py > indexing.json

An index is a list of atoms: text that both sides read, or the name of a tensor of `tensors`.
"""

import json
import math
import warnings

import torch

warnings.simplefilter("ignore")


def ramp(*shape):
    count = math.prod(shape)
    return torch.arange(count, dtype=torch.float32).div(2).sub(1).reshape(shape)


# By name: dtype, shape, values.
tensors = {
    "i0": ("int64", [], [1]),
    "i1": ("int64", [2], [1, 0]),
    "i1n": ("int64", [3], [-1, 0, -2]),
    "i2": ("int64", [2, 2], [0, 1, 1, 0]),
    "i21": ("int64", [2, 1], [1, 0]),
    "i3": ("int64", [3], [0, 1, 1]),
    "big": ("int64", [2], [0, 5]),
    "low": ("int64", [1], [-3]),
    "int32": ("int32", [2], [1, 1]),
    "int16": ("int16", [1], [1]),
    "int8s": ("int8", [], [1]),
    "float": ("float32", [1], [1]),
    "float0": ("float32", [], [1]),
    "none": ("int64", [0], []),
    "nonef": ("float32", [0], []),
    "m2": ("bool", [2], [True, False]),
    "m3": ("bool", [3], [True, False, True]),
    "m4": ("bool", [4], [False, True, True, False]),
    "m23": ("bool", [2, 3], [True, False, True, False, True, False]),
    "m34": ("bool", [3, 4], [False, True] * 6),
    "m23f": ("bool", [2, 3], [False] * 6),
    "t0": ("bool", [], [True]),
    "f0": ("bool", [], [False]),
    "u2": ("uint8", [2], [0, 1]),
    "u0": ("uint8", [], [1]),
}

# What is indexed: shape, and how it is made.
subjects = {
    "x": lambda: ramp(2, 3),
    "a": lambda: ramp(2, 3, 4),
    "t": lambda: ramp(4, 3, 2).permute(2, 1, 0),
    "s": lambda: torch.tensor(1.0),
    "e": lambda: torch.zeros(0, 3),
    "w": lambda: ramp(3, 3),
}

gets = [
    ("x", atoms.split("|"))
    for atoms in [
        "0", "-1", "1|2", ":", "...", "None", "0:1", "0:2", ":|1", ":|::2", "1:", ":-1", "-2:", "::2", "5:", "1:0", "3:1|0", "-100:100",
        "0|:", "0|1:", "...|1", "...|None", ":|None|:", ":|:", "0:2|:", ":|0:3", "None|0", "None|None", "...|...|0|0", "...|0|...", "0|...|...",
        "5", "-3", "0|7", "0|0|0", ":|:|:", "::-1", "::0", "0|::-2", "True", "False", "True|0", "0|True", "True|True", "False|0", "True|i1",
        "i0", ":|i0", "i1", ":|i1", "i1|i1", "0|i1", "i1|0", "i1|None", "None|i1", "...|i1", "i1|...", "i1|1:", "1:|i1", "i2", ":|i2", "i2|i1", "i21|i3", "i21|i1",
        "i1|i3", "i1|i1|i1", "big", ":|big", "i1|big", "low", "int32", "int16", "int8s", "float", "float0", "none", "nonef", ":|none",
        "m2", "m3", ":|m3", ":|m2", "m23", "m23f", "m34", "m2|m3", "m2|1", "m2|i3", "t0", "f0", "t0|0", "u2", "u0", "0|m3", "...|m23", "m23|None",
        "[0, 1]", "[1]|[2]", "[0, 1]|[1, 2]", ":|[2, 0]", "[True, False]", "[]", "[[0, 1], [1, 0]]|0", "1|[0, -1]", "[5]", "[0, 1]|[0, 1, 2]",
    ]
]
gets += [
    (name, atoms.split("|"))
    for name in ("a", "t")
    for atoms in [
        "1", ":|1", "...|1", "0|:|2", "1|...|::2", ":|1:|1:3", "i1", ":|i3", "...|i3", "i1|i1", "i1|:|i1", ":|i3|i3", "0|i3|i3", "0|:|i3", "i1|:|1", "i2|:|i1", "i1|1|i1",
        "i1|None|i1", ":|i2", "i2|i21", "m23", "m23|0", "m23|1:", "m23|i3", "m2", ":|m3", "...|m4", "0|m34", ":|m34", "m2|:|m4", "m34", "1|m3|i1", "...|0|...", ":|:|big", "i1|big|:",
    ]
]
gets += [("s", atoms.split("|")) for atoms in ["...", "None", "True", "False", "0", ":", "0|0", "...|:", "None|0", "...|None", "i0", "t0", "i1"]]
gets += [("e", atoms.split("|")) for atoms in [":", "i1", "none", ":|i1", ":|big", "0", ":|0", "m2", "None|:"]]

values = {
    "one": ("float32", [], [7]),
    "row": ("float32", [3], [10, 20, 30]),
    "row1": ("float32", [1, 1, 3], [10, 20, 30]),
    "pair": ("float32", [2], [40, 50]),
    "column": ("float32", [2, 1], [60, 70]),
    "single": ("float32", [1], [80]),
    "whole": ("float32", [2, 3], [1, 2, 3, 4, 5, 6]),
    "double": ("float64", [3], [1, 2, 3]),
    "doubles": ("float64", [1], [9]),
    "ints": ("int64", [3], [1, 2, 3]),
    "empty": ("float32", [0], []),
}

sets = [
    ("x", atoms.split("|"), value)
    for atoms, value in [
        ("0", 9), ("0|1", 9), (":", 9), ("...", 9), ("None", 9), (":|1", 1.5), (":|::2", 9), ("True", 9), ("False", 9), ("5", 9), ("0|7", 9), ("0|0|0", 9), ("::-1", 9),
        ("0", "row"), ("0", "row1"), ("0", "one"), ("0", "single"), ("0", "pair"), ("0", "whole"), (":|1", "pair"), (":|1:", "column"), (":", "row"), ("0", "double"), ("0", "ints"), ("0:0", "pair"), ("1:0", "row"),
        ("True", "row"), ("True", "whole"), ("False", "row"), ("None", "whole"), ("None|0", "row"),
        ("i1", 9), ("i1", "row"), ("i1", "whole"), ("i1", "column"), ("i1", "pair"), ("i1", "row1"), ("i1", "double"), ("i1", "ints"), ("i1|i1", "pair"), ("i1|0", "pair"), ("0|i1", "pair"), (":|i1", "column"), (":|i1", 9),
        ("i3", 9), ("i3", "row"), ("int32", "whole"), ("big", 9), ("float", 9), ("i0", "row"), (":|i0", "pair"), ("none", 9), ("none", "row"),
        ("m2", 9), ("m2", "row"), ("m3", 9), (":|m3", "pair"), ("m23", 9), ("m23", "row"), ("m23", "pair"), ("m23", "one"), ("m23", "single"), ("m23", "doubles"), ("m23", "double"), ("m23f", "row"), ("m23f", "empty"), ("m23f", 9),
        ("t0", 9), ("f0", 9), ("True|0", 9), ("u2", 9), ("[0, 1]", 9), ("[0, 1]|[1, 2]", "pair"), ("[1]", "row"), ("i1|None", 9), ("...|i1", "column"),
    ]
]
sets += [("s", atoms.split("|"), value) for atoms, value in [("...", 9), ("None", 9), ("True", 9), ("False", 9), (":", 9), ("0", 9), ("...", "row"), ("...", "single")]]
sets += [("t", atoms.split("|"), value) for atoms, value in [("0", 9), (":|1", 9), ("i1|:|i1", 9), ("m23", 9), (":|i3|i3", "row"), ("m23|1:", "row"), ("...|1", "row")]]


def made(recipe):
    dtype, shape, data = recipe
    return torch.tensor(data, dtype=getattr(torch, dtype)).reshape(shape)


def shown(tensor):
    return {"shape": list(tensor.shape), "stride": list(tensor.stride()), "values": tensor.detach().reshape(-1).tolist()}


def failed(error):
    return {"error": f"{type(error).__name__}: {error}".split("\n")[0]}


def scope():
    return {name: made(recipe) for name, recipe in tensors.items()} | {"torch": torch}


def get(name, atoms):
    names = scope()
    leaf = subjects[name]().requires_grad_()
    try:
        result = eval(f"leaf[{', '.join(atoms)}]", names | {"leaf": leaf})
    except Exception as error:
        return failed(error)
    weights = torch.arange(1, result.numel() + 1, dtype=torch.float32).reshape(result.shape)
    (gradient,) = torch.autograd.grad(result, leaf, weights)
    return {
        **shown(result),
        "gradFn": type(result.grad_fn).__name__,
        "isView": result._is_view(),
        "gradient": gradient.reshape(-1).tolist(),
    }


def put(name, atoms, value):
    names = scope()
    leaf = subjects[name]().requires_grad_()
    # Copied with its strides, so that it may be written.
    target = leaf * 1
    given = value
    if isinstance(value, str):
        given = made(values[value])
        if given.is_floating_point():
            given.requires_grad_()
    try:
        exec(f"target[{', '.join(atoms)}] = given", names | {"target": target, "given": given})
    except Exception as error:
        return failed(error)
    weights = torch.arange(1, target.numel() + 1, dtype=torch.float32).reshape(target.shape)
    wanted = [leaf, given] if isinstance(given, torch.Tensor) and given.requires_grad else [leaf]
    gradients = torch.autograd.grad(target, wanted, weights, allow_unused=True)
    return {
        **shown(target),
        "version": target._version,
        "gradFn": type(target.grad_fn).__name__,
        "gradients": [None if each is None else each.reshape(-1).tolist() for each in gradients],
    }


document = {
    "torch": torch.__version__,
    "tensors": tensors,
    "values": values,
    "gets": [{"subject": name, "index": atoms, **get(name, atoms)} for name, atoms in gets],
    "sets": [{"subject": name, "index": atoms, "value": value, **put(name, atoms, value)} for name, atoms, value in sets],
}
lines = ['"torch":' + json.dumps(document["torch"])]
for part in ("tensors", "values"):
    lines.append(json.dumps(part) + ":" + json.dumps(document[part], separators=(",", ":")))
for part in ("gets", "sets"):
    cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in document[part])
    lines.append(f'"{part}":[\n{cases}\n]')
print("{" + ",\n".join(lines) + "}")
