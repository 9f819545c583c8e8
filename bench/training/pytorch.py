"""PyTorch from Python, on one thread: the side of training.js that is the model."""

import json
import sys
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "overhead"))
from timing import made, microseconds

torch.set_num_threads(1)


def classes(batch):
    return torch.arange(batch) % 10


def step(model, x, target):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def run():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), target).backward()
        optimizer.step()

    return run


def mm(side):
    m = made(side, side)
    return lambda: m.mm(m)


cases = {
    "MLP 784-256-10": step(
        nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)), made(64, 784), classes(64)
    ),
    "Conv2d + Linear": step(
        nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 28 * 28, 10)),
        made(32, 3, 28, 28),
        classes(32),
    ),
    "mm 64": mm(64),
    "mm 256": mm(256),
}
for line in sys.stdin:
    name = line.strip()
    print(json.dumps(microseconds(cases[name]) if name in cases else None), flush=True)
