"""Records the next steps of optimizers whose state was saved by PyTorch: shared/real/optimizer-adam.pth, and one of each
method, which it saves in optimizer-resume.pt.

    .oracle/bin/python -W ignore test/golden/optimizer-resume.py
"""

import copy
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

METHODS = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    "Adam": {"lr": 0.01, "amsgrad": True, "weight_decay": 0.1},
    "AdamW": {"lr": 0.01},
    "Adamax": {},
    "NAdam": {},
    "RAdam": {"betas": (0.8, 0.9)},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adagrad": {"lr_decay": 0.1},
    "Adadelta": {},
    "ASGD": {"t0": 2},
    "Rprop": {},
    "LBFGS": {"max_iter": 4, "lr": 0.1},
}


def closure_of(optimizer, params):
    def closure():
        optimizer.zero_grad()
        loss = sum(((p - values(p.shape, 9 + k)) ** 2).sum() for k, p in enumerate(params))
        loss.backward()
        return loss

    return closure


def few():
    return [torch.nn.Parameter(values(shape, k)) for k, shape in enumerate([(3, 2), (3,)])]


def run(optimizer, params, first, count):
    found = []
    for s in range(first, first + count):
        for k, p in enumerate(params):
            p.grad = values(p.shape, s + k).to(p.dtype)
        optimizer.step(closure_of(optimizer, params) if isinstance(optimizer, torch.optim.LBFGS) else None)
        found.append([p.detach().reshape(-1).double().tolist() for p in params])
    return found


saved, resumed = {}, {}
for cls, kw in METHODS.items():
    params = few()
    optimizer = getattr(torch.optim, cls)(params, **kw)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    run(optimizer, params, 0, 4)
    scheduler.step()
    saved[cls] = {
        "params": [p.detach().clone() for p in params],
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "scheduler": scheduler.state_dict(),
    }
    after = run(optimizer, params, 4, 3)
    scheduler.step()
    resumed[cls] = {"steps": after, "repr": repr(optimizer)}
    # The state gets the dtype of the parameters.
    narrow = [torch.nn.Parameter(p.to(torch.bfloat16)) for p in saved[cls]["params"]]
    optimizer = getattr(torch.optim, cls)(narrow)
    optimizer.load_state_dict(copy.deepcopy(saved[cls]["optimizer"]))
    resumed[cls]["bfloat16"] = run(optimizer, narrow, 4, 3) if cls != "LBFGS" else []

target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"torch": torch.__version__, "real": real, "resumed": resumed}) + "\n")
torch.save(saved, target.with_suffix(".pt"))
