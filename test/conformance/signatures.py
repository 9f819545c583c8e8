"""Writes signatures.json: the arguments of the constructors of torch.nn, which case files give as Python has them.

    .oracle/bin/python test/conformance/signatures.py
"""

import inspect
import json
import pathlib
import warnings

import torch
from torch import nn

warnings.simplefilter("ignore")

# Their constructors take *args; the documentation has these.
HIDDEN = {
    "RNN": "input_size hidden_size | num_layers nonlinearity bias batch_first dropout bidirectional device dtype",
    "LSTM": "input_size hidden_size | num_layers bias batch_first dropout bidirectional proj_size device dtype",
    "GRU": "input_size hidden_size | num_layers bias batch_first dropout bidirectional device dtype",
    "Identity": "|",
}


def signature(cls):
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    required = [p.name for p in parameters if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD]
    optional = [p.name for p in parameters if p.default is not p.empty]
    return f"{' '.join(required)} | {' '.join(optional)}".strip()


classes = {
    name: HIDDEN.get(name) or signature(value)
    for name, value in sorted(vars(nn).items())
    if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__.startswith("torch.nn.modules")
}
target = pathlib.Path(__file__).parent / "signatures.json"
target.write_text(json.dumps({"torch": torch.__version__, "classes": classes}, indent=1) + "\n")
print(f"{len(classes)} classes")
