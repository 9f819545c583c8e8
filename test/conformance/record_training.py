"""Records the cases of recorded/optimizers.json and recorded/schedulers.json with real PyTorch.

    .oracle/bin/python -W ignore test/conformance/record_training.py

PyTorch's own square root, from Intel's library, is one unit of the last place off now and then, and otherwise on other
processors. Here it is replaced by the correctly rounded one, so that the steps of optimizers can be compared exactly.
"""

import json
import math
import pathlib

import torch
from torch.optim import lr_scheduler

from record_optimizers import COMPOSED, ERRORS, GRID, GROUPS, METRICS, PLATEAUS, SCHEDULER_ERRORS, SCHEDULERS

ROOT = torch.Tensor.sqrt


def sqrt(tensor):
    if tensor.dtype != torch.float64:
        return ROOT(tensor.double()).float().to(tensor.dtype)
    roots = [math.sqrt(x) if x >= 0 else math.nan for x in tensor.reshape(-1).tolist()]
    return torch.tensor(roots, dtype=torch.float64).reshape(tensor.shape)


torch.Tensor.sqrt = sqrt
torch.Tensor.sqrt_ = lambda tensor: tensor.copy_(sqrt(tensor))
torch._foreach_sqrt = lambda tensors: [sqrt(tensor) for tensor in tensors]
torch._foreach_sqrt_ = lambda tensors: [tensor.copy_(sqrt(tensor)) for tensor in tensors]

FOLDER = pathlib.Path(__file__).parent / "recorded"


def plain(value):
    if isinstance(value, torch.Tensor):
        return {"tensor": full(value)}
    if isinstance(value, dict):
        return {"dict": [[plain(k), plain(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [plain(v) for v in value]}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return number(value)


def number(value):
    if isinstance(value, float):
        if not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0):
            return "-0" if value == 0 else str(value)
        if value.is_integer():
            return {"float": repr(value)}
    return value


def element(value):
    return value if math.isfinite(value) else str(value)


def full(tensor):
    flat = tensor.detach().double().reshape(-1).tolist()
    return {"dtype": str(tensor.dtype)[6:], "shape": list(tensor.shape), "data": [element(x) for x in flat]}


def keywords(kw):
    return {name: plain(value) for name, value in kw.items()}


def values(shape, seed, dtype):
    count = math.prod(shape)
    return (torch.tensor([math.sin(seed * 1.37 + k * 0.71) * 0.8 for k in range(count)]).reshape(shape)).to(dtype)


def steps_of(count, dtype, shapes):
    # A step without a gradient for the second parameter, as real networks have.
    first, second = shapes
    return [[values(first, 2 + s, dtype), None if s == 2 else values(second, 5 + s * 0.5, dtype)] for s in range(count)]


def trajectory(name, cls, kw, groups=None, names=None, dtype="float32", count=10, odd=False, shapes=((2, 3), (4,))):
    torch.manual_seed(0)
    of = getattr(torch, dtype)
    init = [values(shape, k, of) for k, shape in enumerate(shapes)]
    grads = steps_of(count, of, shapes)
    if odd:
        grads[0][1] = torch.tensor([0.0, float("inf"), float("nan"), -0.0]).to(of)
    params = [torch.nn.Parameter(t.clone()) for t in init]
    case = {"name": name, "cls": cls, "kwargs": keywords(kw), "groups": None, "exact": True, "dtype": dtype, "init": [full(t) for t in init]}
    if names is not None:
        case["names"] = names
    given = list(zip(names, params)) if names is not None else params
    if groups is not None:
        case["groups"] = [keywords(g) for g in groups]
        given = [{**g, "params": [given[k] for k in g["params"]]} for g in groups]
    optimizer = getattr(torch.optim, cls)(given, **kw)
    case["grads"], case["trajectory"] = [], []
    for gradients in grads:
        for p, g in zip(params, gradients):
            p.grad = None if g is None else g.clone()
        optimizer.step()
        case["grads"].append([None if g is None else full(g) for g in gradients])
        case["trajectory"].append([full(p) for p in params])
    return {**case, "state_dict": plain(optimizer.state_dict()), "repr": repr(optimizer)}


def refused(cls, kw):
    p = torch.nn.Parameter(values((4,), 1, torch.float32))
    case = {"name": f"{cls} {kw}", "cls": cls, "kwargs": keywords(kw), "groups": None, "init": [full(p)], "grads": [[full(p)]], "trajectory": [[full(p)]]}
    try:
        optimizer = getattr(torch.optim, cls)([p], **kw)
        p.grad = p.detach().clone()
        optimizer.step()
    except Exception as error:
        return {**case, "error": type(error).__name__, "message": error.args[0]}
    raise AssertionError(f"{cls} takes {kw}")


def made(spec, optimizer):
    if "schedulers" in spec:
        parts = [made(part, optimizer) for part in spec["schedulers"]]
        if spec["cls"] == "ChainedScheduler":
            return lr_scheduler.ChainedScheduler(parts)
        return lr_scheduler.SequentialLR(optimizer, parts, spec["milestones"])
    return getattr(lr_scheduler, spec["cls"])(optimizer, *spec.get("args", []), **spec.get("kw", {}))


def described(spec):
    return {**spec, "args": plain(spec.get("args", [])), "kw": keywords(spec.get("kw", {}))}


def schedule(name, spec, base_lr, metrics=None, steps=30):
    p = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([p], lr=base_lr, momentum=0.9)
    case = {"name": name, "base_lr": base_lr, "scheduler": described(spec)}
    if metrics is not None:
        case["metrics"] = metrics
    try:
        scheduler = made(spec, optimizer)
        lrs, momenta = [optimizer.param_groups[0]["lr"]], [optimizer.param_groups[0]["momentum"]]
        for k in range(steps):
            optimizer.step()
            scheduler.step() if metrics is None else scheduler.step(metrics[k])
            lrs.append(optimizer.param_groups[0]["lr"])
            momenta.append(optimizer.param_groups[0]["momentum"])
    except Exception as error:
        return {**case, "error": type(error).__name__, "message": error.args[0]}
    state = scheduler.state_dict()
    return {**case, "lrs": lrs, "momenta": momenta, "state_keys": list(state), "last_lr": scheduler.get_last_lr(), "group_keys": list(optimizer.param_groups[0])}


def write(kind, cases):
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FOLDER / f"{kind}.json").write_text(f'{{"kind": "{kind}", "torch": "{torch.__version__}", "cases": [\n{lines}\n]}}\n')
    print(f"{kind}: {len(cases)} cases")


optimizers = [trajectory(f"{cls} {kw}", cls, kw) for cls, variants in GRID.items() for kw in variants]
optimizers += [trajectory(f"{cls} in float64", cls, GRID[cls][1], dtype="float64") for cls in GRID]
optimizers += [trajectory(f"{cls} in {dtype}", cls, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}, dtype=dtype) for cls in ["SGD", "RMSprop"] for dtype in ["float16", "bfloat16"]]
# In 16 bits PyTorch rounds the last elements of a tensor otherwise than the first 32.
optimizers += [trajectory(f"{cls} of 40 elements in {dtype}", cls, {"lr": 0.1}, dtype=dtype, count=4, shapes=((40,), (3,))) for cls in GRID for dtype in ["float16", "bfloat16"]]
optimizers += [trajectory(f"{cls} in bfloat16, foreach", cls, {"lr": 0.1, "weight_decay": 0.1, "foreach": True}, dtype="bfloat16", count=4) for cls in GRID if cls != "Rprop"]
optimizers += [trajectory(f"{cls}, foreach", cls, {"lr": 0.1, "foreach": True}, count=8) for cls in ["NAdam", "RAdam", "Adagrad", "ASGD"]]
optimizers += [trajectory(f"{cls} with NaN and infinity", cls, {}, count=3, odd=True) for cls in GRID]
optimizers += [trajectory(f"{cls} in groups {k}", cls, kw, groups, names) for k, (cls, kw, groups, names) in enumerate(GROUPS)]
optimizers += [refused(cls, kw) for cls, kw in ERRORS]
write("optimizers", optimizers)

schedulers = [schedule(f"{cls} {args} {kw}", {"cls": cls, "args": args, "kw": kw}, lr) for cls, args, kw, lr in SCHEDULERS]
schedulers += [schedule(f"ReduceLROnPlateau {kw}", {"cls": "ReduceLROnPlateau", "kw": kw}, lr, METRICS) for kw, lr in PLATEAUS]
schedulers += [schedule(f"{spec['cls']} {k}", spec, 0.1) for k, spec in enumerate(COMPOSED)]
schedulers += [schedule(f"{cls} {args} {kw} is refused", {"cls": cls, "args": args, "kw": kw}, 0.1, METRICS if cls == "ReduceLROnPlateau" else None) for cls, args, kw in SCHEDULER_ERRORS]
write("schedulers", schedulers)
