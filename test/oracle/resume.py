"""Goes on with optimizers whose state this package saved: loads files with `weights_only=True` and does some more steps.

Standard input has one JSON object a line: file, method, keyword arguments, gradients of each step. Answers in the same order.
"""

import json
import sys

import torch

torch.set_num_threads(1)


def resumed(request):
    saved = torch.load(request["file"], weights_only=True)
    params = [torch.nn.Parameter(values) for values in saved["params"]]
    optimizer = getattr(torch.optim, request["method"])(params)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3])
    scheduler.load_state_dict(saved["scheduler"])
    optimizer.load_state_dict(saved["optimizer"])

    def closure():
        optimizer.zero_grad()
        loss = sum((p * p).sum() for p in params)
        loss.backward()
        return loss

    for gradients in request["gradients"]:
        for p, gradient in zip(params, gradients):
            p.grad = torch.tensor(gradient).reshape(p.shape)
        optimizer.step(closure if request["method"] == "LBFGS" else None)
        scheduler.step()
    state = optimizer.state_dict()
    return {
        "values": [p.detach().reshape(-1).double().tolist() for p in params],
        "repr": repr(optimizer),
        "keys": [[str(k), list(held)] for k, held in state["state"].items()],
        "group": [[k, repr(v)] for k, v in state["param_groups"][0].items()],
        "scheduler": [[k, repr(v)] for k, v in scheduler.state_dict().items()],
    }


print(json.dumps([resumed(json.loads(line)) for line in sys.stdin]))
