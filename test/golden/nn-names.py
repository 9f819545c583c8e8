"""Writes down what torch.nn offers: its modules, functions, init and utils, with their parameters.

Run from the project: .oracle/bin/python test/golden/nn-names.py
Result: test/golden/nn-names.json.
"""

import inspect
import json
import pathlib
import warnings

import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")

IMPORTED = ("Optional", "boolean_dispatch", "handle_torch_function", "has_torch_function", "assert_int_or_pair")


def parameters(call):
    try:
        return [name for name in inspect.signature(call).parameters if name not in ("self", "args", "kwargs")]
    except ValueError:
        return None  # built in


def public(scope, keep):
    return {name: parameters(value) for name, value in sorted(vars(scope).items()) if not name.startswith("_") and keep(name, value)}


result = {
    "torch": torch.__version__,
    "modules": {name: parameters(getattr(nn, name)) for name in sorted(nn.modules.__all__)},
    "functional": public(F, lambda name, value: callable(value) and not inspect.isclass(value) and not name.startswith(IMPORTED)),
    "init": public(nn.init, lambda _, value: inspect.isfunction(value)),
    "utils": {name: parameters(getattr(nn.utils, name)) if callable(getattr(nn.utils, name)) else None for name in sorted(nn.utils.__all__)},
    "Module": public(nn.Module, lambda _, value: inspect.isfunction(value)),
}
path = pathlib.Path(__file__).with_suffix(".json")
lines = [f'"torch": {json.dumps(result.pop("torch"))}']
for scope, names in result.items():
    lines.append(f'"{scope}": {{\n' + ",\n".join(f" {json.dumps(name)}: {json.dumps(names[name])}" for name in names) + "\n}")
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print({scope: len(names) for scope, names in result.items()})
