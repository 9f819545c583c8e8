"""How PyTorch's sides of the measurements take their time, as turns.js does it here."""

import math
import time

import torch


def microseconds(run):
    start = time.perf_counter()
    calls = 0
    while time.perf_counter() - start < 0.3:
        run()
        calls += 1
    batch = max(1, round(calls / 300))
    times = []
    for _ in range(60):
        begin = time.perf_counter()
        for _ in range(batch):
            run()
        times.append(1e6 * (time.perf_counter() - begin) / batch)
    return sorted(times)[15]


def made(*shape):
    return torch.tensor([math.sin(k) for k in range(math.prod(shape))]).reshape(shape)
