"""Records what the arguments of PyTorch's layers are called, and what is said of those that are missing, too many, unknown or given twice.

python constructor-arguments.py constructor-arguments.json
"""

import inspect
import json
import sys
import warnings

import torch
from torch import nn

warnings.simplefilter("ignore")

# Containers and classes whose constructors take anything, or a process group.
LEFT_OUT = {"Identity", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "Module", "Container"}
# Their constructors take *args; the documentation has these.
HIDDEN = {
    "RNN": "num_layers nonlinearity bias batch_first dropout bidirectional device dtype",
    "LSTM": "num_layers bias batch_first dropout bidirectional proj_size device dtype",
    "GRU": "num_layers bias batch_first dropout bidirectional device dtype",
}


def case(cls, args, options):
    """What binding says; None where something else is said of the numbers."""
    try:
        cls(*args, **options)
    except Exception as error:
        if isinstance(error, TypeError) and ".__init__() " in str(error):
            return [len(args), list(options), str(error)]
    return None


def names(name, cls):
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    required = [p.name for p in parameters if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD]
    optional = [p.name for p in parameters if p.default is not p.empty]
    return (["input_size", "hidden_size"], HIDDEN[name].split()) if name in HIDDEN else (required, optional)


def cases(cls, required, optional):
    yield case(cls, [1] * 20, {})
    yield case(cls, [1] * len(required), {"foo": 1})
    for count in range(len(required)):
        yield case(cls, [1] * count, {})
        if count + 1 < len(required):
            yield case(cls, [1] * count, {last: 1 for last in required[count + 1 :]})
        yield case(cls, [1] * len(required), {required[count]: 1})
    if optional:
        yield case(cls, [1] * 20, {optional[-1]: 1})


def layers():
    for name in sorted(dir(nn)):
        cls = getattr(nn, name)
        if not (isinstance(cls, type) and issubclass(cls, nn.Module)) or name in LEFT_OUT:
            continue
        if cls.__init__ is nn.Module.__init__:
            continue
        required, optional = names(name, cls)
        refused = [case for case in cases(cls, required, optional) if case is not None]
        yield name, {"names": required + optional, "refused": refused}


json.dump({"torch": torch.__version__, "layers": dict(layers())}, open(sys.argv[1], "w"), separators=(",", ":"))
