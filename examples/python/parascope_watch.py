"""Writes the log that `parascope watch` shows, from a PyTorch training loop. Copy this file; it needs torch only.

    run = Watch(model, optimizer, "run.jsonl", every=10)   # then, after each optimizer.step():
    run.record(loss=loss, accuracy=0.97)                   # and at the end:
    run.close()
"""
import json, math, time
import torch

def number(x, digits=5):
    x = float(torch.as_tensor(x).detach())
    return float(f"{x:.{digits}g}") if math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"

def histogram(t):  # by sign, exponent and the first bit of the mantissa
    counts = torch.bincount((t.float().flatten().view(torch.int32) >> 22) & 1023, minlength=1024).tolist()
    def side(counts):
        used = [b for b in range(1, 510) if counts[b]]
        return [used[0] - 254, *counts[used[0]:used[-1] + 1]] if used else []
    return {"zero": counts[0] + counts[512], "below": side(counts[512:]), "above": side(counts[:512])}

NORM = {"norm": lambda t: number(t.double().norm())}
SPECIAL = {"nan": lambda t: int(t.isnan().sum()), "inf": lambda t: int(t.isinf().sum())}
GRADIENT = {**NORM, **SPECIAL, "mean": lambda t: number(t.double().mean()), "largest": lambda t: number(t.abs().max()),
    "zeros": lambda t: int((t == 0).sum()), "silent": lambda t: int((t.flatten(1) == 0).all(1).sum()) if t.dim() > 1 else None}

def table(tensors, figures):
    return {name: [None if t is None else figure(t) for t in tensors] for name, figure in figures.items()}

class Watch:
    def __init__(self, model, optimizer, path, every=10, histograms=20):
        self.optimizer, self.every, self.histograms, self.step, self.measured = optimizer, every, histograms, 0, None
        self.named, self.began, self.file = list(model.named_parameters()), time.monotonic(), open(path, "w")
        self.tables = {id(p) for m in model.modules() if "Embedding" in type(m).__name__ for p in m.parameters()}
        group = {id(p): k for k, g in enumerate(optimizer.param_groups) for p in g["params"]}
        self.write(format="parascope-watch", version=1, model=type(model).__name__, optimizer=type(optimizer).__name__,
            every=every, step=0, started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), parameters=[{"name": name,
            "shape": list(p.shape), "dtype": str(p.dtype)[6:], "group": group.get(id(p))} for name, p in self.named])
        self.hooks = optimizer.register_step_pre_hook(self.before), optimizer.register_step_post_hook(self.after)

    def write(self, **line):
        self.file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self.file.flush()

    def before(self, *_):
        self.record()
        self.kept = [p.detach().clone() for _, p in self.named] if (self.step + 1) % self.every == 0 else None

    @torch.no_grad()
    def after(self, *_):
        self.step += 1
        if self.kept is None: return
        weights, grads = [p.detach() for _, p in self.named], [p.grad for _, p in self.named]
        change = lambda now, old: 0 if torch.equal(now, old) else number((now.double() - old).norm() / old.double().norm())
        self.measured = {"step": self.step, "time": round(time.monotonic() - self.began, 3),
            "lr": [number(group["lr"], 8) for group in self.optimizer.param_groups],
            "gradient": table(grads, GRADIENT), "weight": table(weights, {**NORM, **SPECIAL}),
            "update": [None if g is None else change(*pair) for g, *pair in zip(grads, weights, self.kept)],
            "missing": {"frozen": [k for k, (_, p) in enumerate(self.named) if p.grad is None and not p.requires_grad],
                "not-reached": [k for k, (_, p) in enumerate(self.named) if p.grad is None and p.requires_grad]}}
        self.measured["gradient"]["silent"] = [None if id(p) in self.tables else count
            for (_, p), count in zip(self.named, self.measured["gradient"]["silent"])]
        if self.histograms and (self.step // self.every - 1) % self.histograms == 0:
            self.measured["histograms"] = {"weight": [histogram(w) for w in weights],
                "gradient": [None if g is None else histogram(g) for g in grads]}

    def record(self, loss=None, **values):
        if self.measured is None: return
        line, self.measured = self.measured, None
        loss = {} if loss is None else {"loss": number(loss, 8)}
        self.write(**line, **loss, values={name: number(value, 8) for name, value in values.items()})

    def close(self):
        self.record()
        for hook in self.hooks: hook.remove()
        self.write(end={"step": self.step, "time": round(time.monotonic() - self.began, 3)})
        self.file.close()
