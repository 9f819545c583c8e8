"""Records gradient figures and update ratios of a small network.

python gradients.py gradients.json
"""

import json
import sys

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
x, y = torch.randn(16, 5), torch.randint(3, (16,))
loss = nn.functional.cross_entropy(model(x), y)
loss.backward()
before = {name: p.detach().double().clone() for name, p in model.named_parameters()}
torch.optim.SGD(model.parameters(), lr=0.1).step()
rows = []
for name, p in model.named_parameters():
    g = p.grad.double()
    update = p.detach().double() - before[name]
    rows.append({
        "name": name, "l2": g.norm().item(), "mean": g.mean().item(), "std": g.std().item(), "min": g.min().item(),
        "max": g.max().item(), "zeros": int((g == 0).sum()), "largest": g.abs().max().item(),
        "ratio": (update.norm() / before[name].norm()).item(),
    })
total = torch.cat([p.grad.double().flatten() for p in model.parameters()])
out = {"torch": torch.__version__, "rows": rows, "total": {"l2": total.norm().item(), "mean": total.mean().item(), "std": total.std().item()}}
with open(sys.argv[1], "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
