"""Writes the log that `parascope watch` shows, from a PyTorch training loop. Copy this file; it needs torch only.

    run = Watch(model, optimizer, "run.jsonl", every=10)   # then, after each optimizer.step():
    run.record(loss=loss, accuracy=0.97)                   # and at the end:
    run.close()
"""
import json, math, time
import torch

def number(x, digits=5):
    x = float(torch.as_tensor(x).detach())
    return float(f"{x:.{digits}g}") if math.isfinite(x) else str(x)

def histogram(t):  # by sign, exponent and the first bit of the mantissa
    counts = torch.bincount((t.float().flatten().view(torch.int32) >> 22) & 1023, minlength=1024)
    def side(counts):
        used = counts[1:510].nonzero().flatten().tolist()
        return [used[0] - 253, *counts[used[0] + 1:used[-1] + 2].tolist()] if used else []
    return {"zero": int(counts[0] + counts[512]), "below": side(counts[512:]), "above": side(counts[:512])}

def each(tensors, **figures):  # a column for each figure, null where there is no tensor
    return {name: [None if t is None else figure(t) for t in tensors] for name, figure in figures.items()}

COMMON = {"norm": lambda t: number(t.double().norm()), "nan": lambda t: int(t.isnan().sum()), "inf": lambda t: int(t.isinf().sum())}
GRADIENT = {**COMMON, "mean": lambda t: number(t.double().mean()), "largest": lambda t: number(t.abs().max()),
    "zeros": lambda t: int((t == 0).sum())}

class Watch:
    def __init__(self, model, optimizer, path, every=10, histograms=20):
        self.optimizer, self.every, self.histograms, self.step, self.measured = optimizer, every, histograms, 0, None
        self.parameters, self.began, self.file = list(model.parameters()), time.monotonic(), open(path, "w")
        # Of a table a batch uses some rows: the others are no dead outputs.
        self.tables = {p for m in model.modules() if "Embedding" in type(m).__name__ for p in m.parameters()}
        group = {p: k for k, g in enumerate(optimizer.param_groups) for p in g["params"]}
        self.write(format="parascope-watch", version=1, model=type(model).__name__, optimizer=type(optimizer).__name__,
            every=every, step=0, started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), parameters=[dict(name=name,
            shape=list(p.shape), dtype=str(p.dtype)[6:], group=group.get(p)) for name, p in model.named_parameters()])
        self.hooks = optimizer.register_step_pre_hook(self.before), optimizer.register_step_post_hook(self.after)

    def write(self, **line):
        print(json.dumps(line, separators=(",", ":")), file=self.file, flush=True)

    def before(self, *_):
        self.record()
        self.kept = [p.detach().clone() for p in self.parameters] if (self.step + 1) % self.every == 0 else []

    @torch.no_grad()
    def after(self, *_):
        self.step += 1
        if self.step % self.every: return
        grads = [p.grad for p in self.parameters]
        change = lambda p, old: number((p.double() - old).norm() / old.double().norm()) if not p.equal(old) else 0
        without = lambda trained: [k for k, p in enumerate(self.parameters) if p.grad is None and p.requires_grad == trained]
        rows = [None if g is None or g.dim() < 2 or p in self.tables else (g.flatten(1) == 0).all(1) for p, g in zip(self.parameters, grads)]
        self.measured = dict(step=self.step, time=round(time.monotonic() - self.began, 3),
            lr=[number(group["lr"], 8) for group in self.optimizer.param_groups],
            gradient={**each(grads, **GRADIENT), **each(rows, silent=lambda row: int(row.sum()))}, weight=each(self.parameters, **COMMON),
            update=[None if p.grad is None else change(p, old) for p, old in zip(self.parameters, self.kept)],
            missing={"frozen": without(False), "not-reached": without(True)})
        if self.histograms and (self.step // self.every - 1) % self.histograms == 0:
            self.measured["histograms"] = {**each(self.parameters, weight=histogram), **each(grads, gradient=histogram)}

    def record(self, loss=None, **values):
        if self.measured is None: return
        loss = {} if loss is None else {"loss": number(loss, 8)}
        self.write(**self.measured, **loss, values={name: number(value, 8) for name, value in values.items()})
        self.measured = None

    def close(self):
        self.record()
        for hook in self.hooks: hook.remove()
        self.write(end={"step": self.step, "time": round(time.monotonic() - self.began, 3)})
        self.file.close()
