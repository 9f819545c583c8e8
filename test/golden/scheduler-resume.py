"""Saves the state of every scheduler after 7 epochs in scheduler-resume.pt, and records the 20 epochs that follow.

    .oracle/bin/python -W ignore test/golden/scheduler-resume.py
"""

import copy
import json
import pathlib

import torch
from torch.optim import lr_scheduler as lr

MAKERS = {
    "StepLR": lambda o: lr.StepLR(o, 4),
    "MultiStepLR": lambda o: lr.MultiStepLR(o, [3, 9, 9, 12]),
    "ConstantLR": lambda o: lr.ConstantLR(o, total_iters=9),
    "LinearLR": lambda o: lr.LinearLR(o, total_iters=12),
    "ExponentialLR": lambda o: lr.ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda o: lr.CosineAnnealingLR(o, 10),
    "CosineAnnealingWarmRestarts": lambda o: lr.CosineAnnealingWarmRestarts(o, 3, 2),
    "PolynomialLR": lambda o: lr.PolynomialLR(o, 20, 2.0),
    "CyclicLR": lambda o: lr.CyclicLR(o, 0.01, 0.1, 4, 5),
    "OneCycleLR": lambda o: lr.OneCycleLR(o, 0.1, 40, three_phase=True),
    "SequentialLR": lambda o: lr.SequentialLR(o, [lr.LinearLR(o), lr.MultiStepLR(o, [2, 6])], [5]),
    "ChainedScheduler": lambda o: lr.ChainedScheduler([lr.ExponentialLR(o, 0.9), lr.StepLR(o, 3)], o),
    "LambdaLR": lambda o: lr.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "MultiplicativeLR": lambda o: lr.MultiplicativeLR(o, lambda epoch: 0.5),
    "ReduceLROnPlateau": lambda o: lr.ReduceLROnPlateau(o, patience=2),
}


def epochs(name, optimizer, scheduler, count):
    rates = []
    for _ in range(count):
        optimizer.step()
        scheduler.step(*([1.0] if name == "ReduceLROnPlateau" else []))
        [group] = optimizer.param_groups
        rates.append([group["lr"], group["momentum"]])
    return rates


saved, after = {}, {}
for name, make in MAKERS.items():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1, momentum=0.9)
    scheduler = make(optimizer)
    epochs(name, optimizer, scheduler, 7)
    saved[name] = copy.deepcopy({"scheduler": scheduler.state_dict(), "optimizer": optimizer.state_dict()})
    after[name] = epochs(name, optimizer, scheduler, 20)
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"torch": torch.__version__, "after": after}) + "\n")
torch.save(saved, target.with_suffix(".pt"))
