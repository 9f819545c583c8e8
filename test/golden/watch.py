"""Trains a small network in PyTorch with `examples/python/parascope_watch.py`, which writes `watch.jsonl`.

    python test/golden/watch.py [TARGET]

Recorded with PyTorch 2.13.0. `watch.test.ts` makes the same steps here and compares the logs; where there is a PyTorch,
it runs this file again.
"""
import pathlib, sys
import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here / "../../examples/python"))
from parascope_watch import Watch


class Net(torch.nn.Module):
    """A table of which a batch uses some rows, a frozen bias, and a layer that nothing calls."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(6, 8)
        self.body = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU())
        self.head = torch.nn.Linear(16, 3)
        self.idle = torch.nn.Linear(2, 2)

    def forward(self, x):
        return self.head(self.body(self.table(x)))


torch.set_num_threads(1)
torch.manual_seed(0)
model = Net()
model.body[0].bias.requires_grad_(False)
optimizer = torch.optim.AdamW([{"params": model.table.parameters()}, {"params": model.head.parameters(), "lr": 0.02},
    {"params": [model.body[0].weight]}], lr=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
run = Watch(model, optimizer, sys.argv[1] if len(sys.argv) > 1 else here / "watch.jsonl", every=5, histograms=2)
for _ in range(30):
    x = torch.randint(0, 4, [16])
    optimizer.zero_grad()
    output = model(x)
    loss = torch.nn.functional.cross_entropy(output, x % 3)
    loss.backward()
    optimizer.step()
    scheduler.step()
    run.record(loss=loss, accuracy=(output.argmax(1) == x % 3).float().mean())
run.close()
