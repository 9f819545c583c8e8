"""Writes down how PyTorch packs and pads sequences, what recurrent layers make of packed ones, and with which gradients.

Run from the project: .oracle/bin/python test/golden/packed-sequences.py
Result: test/golden/packed-sequences.json.
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn.utils import rnn

torch.set_num_threads(1)

samples = torch.arange(24.0).view(3, 4, 2)
rows = torch.arange(12.0).view(3, 4)
steps = [torch.tensor([1, 2, 3]), torch.tensor([4, 5]), torch.tensor([6, 7, 8, 9])]
loose = {"batch_first": True, "enforce_sorted": False}


def shown(make):
    try:
        made = make()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return [str(part) for part in made] if type(made) in (list, tuple) else str(made)


def texts():
    unsorted = rnn.pack_padded_sequence(samples, [1, 4, 2], **loose)
    recorded = rnn.pack_padded_sequence(rows.clone().requires_grad_(), torch.tensor([4, 2, 2]), batch_first=True)
    return {
        "sorted": shown(lambda: rnn.pack_padded_sequence(rows, [4, 2, 1], batch_first=True)),
        "unsorted": shown(lambda: unsorted),
        "steps first": shown(lambda: rnn.pack_padded_sequence(samples, [3, 3, 2, 1])),
        "recorded": shown(lambda: recorded),
        "padded": shown(lambda: rnn.pad_packed_sequence(unsorted)),
        "padded to a length": shown(lambda: rnn.pad_packed_sequence(unsorted, batch_first=True, padding_value=-1, total_length=5)),
        "padded, recorded": shown(lambda: rnn.pad_packed_sequence(recorded)[0]),
        "another dtype": shown(lambda: unsorted.to(torch.float64)),
        "pack": shown(lambda: rnn.pack_sequence(steps, enforce_sorted=False)),
        "unpack": shown(lambda: rnn.unpack_sequence(rnn.pack_sequence(steps, enforce_sorted=False))),
        "pad": shown(lambda: rnn.pad_sequence(steps, batch_first=True, padding_value=-1)),
        "pad left": shown(lambda: rnn.pad_sequence(steps, padding_side="left")),
        "unpad": shown(lambda: rnn.unpad_sequence(samples, torch.tensor([2, 1, 4]), batch_first=True)),
        "too long": shown(lambda: rnn.pad_packed_sequence(unsorted, total_length=3)),
        "not sorted": shown(lambda: rnn.pack_padded_sequence(rows, [1, 2, 1], batch_first=True)),
        "not positive": shown(lambda: rnn.pack_padded_sequence(rows, [2, 1, 0], batch_first=True)),
        "not as many": shown(lambda: rnn.pack_padded_sequence(rows, [2, 1], batch_first=True)),
        "nothing": shown(lambda: rnn.pack_padded_sequence(torch.zeros(0, 3), [2, 1, 1])),
        "no side": shown(lambda: rnn.pad_sequence(steps, padding_side="up")),
        "no sequences": shown(lambda: rnn.pad_sequence([])),
        "wrong state": shown(lambda: nn.GRU(2, 3)(rnn.pack_padded_sequence(samples, [3, 3, 2, 1]), torch.zeros(1, 3, 3))),
        "wrong input": shown(lambda: nn.RNN(5, 3)(unsorted)),
        "wrong rank": shown(lambda: nn.RNN(5, 3)(rnn.pack_sequence([torch.ones(3)]))),
    }


def ran(kind, options, lengths, has_state):
    torch.manual_seed(11)
    layer = getattr(nn, kind)(2, 3, **options).double()
    x = torch.randn(max(lengths), len(lengths), 2, dtype=torch.float64, requires_grad=True)
    packed = rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    count = layer.num_layers * (2 if layer.bidirectional else 1)
    shapes = [(count, len(lengths), layer.proj_size or 3)] + ([(count, len(lengths), 3)] if kind == "LSTM" else [])
    states = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    output, state = layer(packed, *([states if kind == "LSTM" else states[0]] if has_state else []))
    state = list(state) if kind == "LSTM" else [state]
    loss = sum((part * torch.arange(1.0, part.numel() + 1, dtype=torch.float64).cos().view(part.shape)).sum() for part in [output.data, *state])
    loss.backward()
    leaves = [x, *(states if has_state else []), *layer.parameters()]
    return {
        "kind": kind,
        "options": options,
        "lengths": lengths,
        "hasState": has_state,
        "output": output.data.reshape(-1).tolist(),
        "state": [part.reshape(-1).tolist() for part in state],
        "gradients": [round(leaf.grad.mul(torch.arange(1.0, leaf.numel() + 1, dtype=torch.float64).sin().view(leaf.shape)).sum().item(), 12) for leaf in leaves],
    }


layers = [
    ran("RNN", {}, [2, 4, 1], False),
    ran("RNN", {"nonlinearity": "relu", "bidirectional": True}, [3, 3, 1], True),
    ran("GRU", {"num_layers": 2}, [1, 2, 3], True),
    ran("GRU", {"num_layers": 2, "bidirectional": True, "dropout": 0.4, "bias": False}, [4, 1, 2], True),
    ran("LSTM", {}, [3, 1], True),
    ran("LSTM", {"num_layers": 2, "bidirectional": True, "batch_first": True}, [2, 4, 4, 1], False),
    ran("LSTM", {"proj_size": 2, "bidirectional": True}, [1, 3, 2], True),
    ran("LSTM", {"num_layers": 2, "dropout": 0.5}, [1, 1, 5], False),
]
path = pathlib.Path(__file__).with_suffix(".json")
parts = [f'"torch": {json.dumps(torch.__version__)}', f'"texts": {json.dumps(texts(), indent=1)}']
parts.append('"layers": [\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in layers) + "\n]")
path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
print(len(layers), "layers")
