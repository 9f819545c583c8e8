"""Records the next steps of optimizers whose state was saved by PyTorch: shared/real/optimizer-adam.pth, and fresh ones.

    .oracle/bin/python -W ignore test/golden/optimizer-resume.py
"""

import json
import math
import pathlib

import torch

REAL = pathlib.Path(__file__).parents[3] / "shared" / "real" / "optimizer-adam.pth"


def values(shape, seed):
    count = math.prod(shape)
    return torch.tensor([math.sin(seed * 1.37 + k * 0.71) * 0.8 for k in range(count)]).reshape(shape)


def steps(optimizer, params, first):
    heads = []
    for s in range(first, first + 3):
        for k, p in enumerate(params):
            p.grad = values(p.shape, s + k)
        optimizer.step()
        heads.append([p.detach().reshape(-1)[:4].double().tolist() for p in params])
    return heads


def fresh():
    return [torch.nn.Parameter(values(shape, k)) for k, shape in enumerate([(10, 10), (10,), (10, 10), (10,)])]


params = fresh()
optimizer = torch.optim.Adam([{"params": params[:2]}, {"params": params[2:]}])
optimizer.load_state_dict(torch.load(REAL))
real = {"steps": steps(optimizer, params, 0), "repr": repr(optimizer)}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"torch": torch.__version__, "real": real}, indent=1) + "\n")
