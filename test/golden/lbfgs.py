"""Records steps of LBFGS on Rosenbrock's function and on a small regression with real PyTorch.

    .oracle/bin/python -W ignore test/golden/lbfgs.py
"""

import json
import pathlib

import torch


def rosenbrock(p):
    x, y = p[0][0], p[0][1]
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def regression(p):
    x = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(6, 2)
    y = torch.linspace(0, 3, 6, dtype=torch.float64).reshape(6, 1) ** 2
    return ((x @ p[0] + p[1] - y) ** 2).mean()


PROBLEMS = {"rosenbrock": (rosenbrock, [[-1.0, 1.5]]), "regression": (regression, [[[0.5], [-0.25]], [0.1]])}
OPTIONS = [
    {"lr": 0.1},
    {"lr": 0.5, "max_iter": 4},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_iter": 7, "history_size": 3},
    {"lr": 0.1, "max_iter": 6, "max_eval": 3, "tolerance_change": 1e-3, "tolerance_grad": 1e-2},
]


def run(problem, kw):
    loss_of, start = PROBLEMS[problem]
    params = [torch.nn.Parameter(torch.tensor(v, dtype=torch.float64)) for v in start]
    optimizer = torch.optim.LBFGS(params, **kw)
    losses, values = [], []

    def closure():
        optimizer.zero_grad()
        loss = loss_of(params)
        loss.backward()
        return loss

    for _ in range(5):
        losses.append(optimizer.step(closure).item())
        values.append([p.detach().reshape(-1).tolist() for p in params])
    state = optimizer.state_dict()["state"][0]
    return {
        "problem": problem, "options": kw, "start": start, "losses": losses, "values": values,
        "keys": list(state), "n_iter": state["n_iter"], "func_evals": state["func_evals"], "repr": repr(optimizer),
    }


cases = [run(problem, kw) for problem in PROBLEMS for kw in OPTIONS]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"torch": torch.__version__, "cases": cases}, indent=1) + "\n")
print(f"{len(cases)} cases")
