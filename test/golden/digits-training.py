"""Records the losses of the first 50 steps of the networks of examples/networks/digits.ts with real PyTorch.

    .oracle/bin/python -W ignore test/golden/digits-training.py

Where a value before a ReLU is almost 0, or two in a pooling window almost equal, the order of additions decides what
gets the gradient, and curves part: with the CNN, SGD and seed 7 PyTorch on one thread and on two differ by 3e-3, with
seed 4 PyTorch with and without oneDNN by 2e-2. Recorded are seeds for which PyTorch agrees with itself: with oneDNN and
without, and from weights that differ in their last bits.
"""

import json
import pathlib

import numpy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.set_num_threads(1)
ROOT = pathlib.Path(__file__).parents[2]
arrays = numpy.load(ROOT / "examples" / "data" / "digits.npz")
images = torch.from_numpy(arrays["images"]).float().div(16).unsqueeze(1)
digits = TensorDataset(images, torch.from_numpy(arrays["labels"]).long())


class DigitsMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 128)
        self.output = nn.Linear(128, 10)

    def forward(self, images):
        return self.output(self.hidden(images.flatten(1)).relu())


class DigitsCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.output = nn.Linear(32 * 2 * 2, 10)

    def forward(self, images):
        x = self.pool(self.conv1(images).relu())
        x = self.pool(self.conv2(x).relu())
        return self.output(x.flatten(1))


OPTIMIZERS = {
    "SGD": lambda params: torch.optim.SGD(params, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4),
    "AdamW": lambda params: torch.optim.AdamW(params, lr=0.005, weight_decay=0.05),
}


def disturb(model, seed):
    """Changes the weights by some last bits, without drawing from the stream of the training."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1 + 2**-23 * torch.randn(parameter.shape, generator=generator))


def losses(network, method, seed, count=50, noise=None):
    torch.manual_seed(seed)
    training, _ = random_split(digits, [1437, 360])
    loader = DataLoader(training, batch_size=64, shuffle=True)
    model = network()
    if noise is not None:
        disturb(model, noise)
    optimizer = OPTIMIZERS[method](model.parameters())
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=10)
    found = []
    while len(found) < count:
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step()
            found.append(loss.item())
    return found[:count]


def steady(network, method, count=2):
    cases = []
    for seed in range(100):
        found = losses(network, method, seed)
        with torch.backends.mkldnn.flags(enabled=False):
            others = [losses(network, method, seed)]
        others += [losses(network, method, seed, noise=noise) for noise in range(6)]
        if all(abs(a - b) < 1e-5 * a for other in others for a, b in zip(found, other)):
            cases.append({"network": network.__name__, "optimizer": method, "seed": seed, "losses": found})
        if len(cases) == count:
            return cases


cases = [case for network in (DigitsMLP, DigitsCNN) for method in OPTIMIZERS for case in steady(network, method)]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")
print(f"{len(cases)} cases")
