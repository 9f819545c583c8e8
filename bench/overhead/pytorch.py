"""PyTorch from Python, on one thread: the side of overhead.js that is the model."""

import json
import sys

import torch
from timing import made, microseconds

torch.set_num_threads(1)

cases = {}
for count in (1, 64, 4096):
    a, b = made(count), made(count)
    side = round(count**0.5)
    m = made(side, side)
    cases[f"add {count}"] = lambda a=a, b=b: a.add(b)
    cases[f"mul {count}"] = lambda a=a, b=b: a.mul(b)
    cases[f"mm {count}"] = lambda m=m: m.mm(m)
    cases[f"relu {count}"] = lambda a=a: a.relu()
    cases[f"sum {count}"] = lambda a=a: a.sum()

x = made(1, 10)
target = torch.zeros(1, 5)
w1, b1, w2, b2 = (each.requires_grad_() for each in (made(20, 10), made(20), made(5, 20), made(5)))


def step():
    h = b1.addmm(x, w1.t()).relu()
    difference = b2.addmm(h, w2.t()).sub(target)
    loss = difference.mul(difference).sum()
    for parameter in (w1, b1, w2, b2):
        parameter.grad = None
    loss.backward()


cases["step 10-20-5"] = step
for line in sys.stdin:
    name = line.strip()
    print(json.dumps(microseconds(cases[name]) if name in cases else None), flush=True)
