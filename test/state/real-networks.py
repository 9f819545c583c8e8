"""Records what two real networks compute in PyTorch, into real-networks.json.

    .oracle/bin/python -W ignore test/state/real-networks.py ../shared/real
"""

import json
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

folder = pathlib.Path(sys.argv[1])


class Mnist(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.conv2 = nn.Conv2d(8, 16, 3)
        self.conv3 = nn.Conv2d(16, 24, 3)
        self.norm1 = nn.BatchNorm2d(24)
        self.fc1 = nn.Linear(11616, 32)
        self.fc2 = nn.Linear(32, 10)
        self.norm2 = nn.BatchNorm1d(10)

    def forward(self, x):
        x = F.relu(self.conv3(F.relu(self.conv2(F.relu(self.conv1(x))))))
        x = torch.flatten(self.norm1(x), 1)
        return F.log_softmax(self.norm2(self.fc2(F.relu(self.fc1(x)))), dim=1)


class PNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 10, 3)
        self.prelu1 = nn.PReLU(10)
        self.pool1 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.conv2 = nn.Conv2d(10, 16, 3)
        self.prelu2 = nn.PReLU(16)
        self.conv3 = nn.Conv2d(16, 32, 3)
        self.prelu3 = nn.PReLU(32)
        self.conv4_1 = nn.Conv2d(32, 2, 1)
        self.conv4_2 = nn.Conv2d(32, 4, 1)

    def forward(self, x):
        x = self.pool1(self.prelu1(self.conv1(x)))
        x = self.prelu3(self.conv3(self.prelu2(self.conv2(x))))
        return F.softmax(self.conv4_1(x), dim=1), self.conv4_2(x)


def wave(*shape):
    count = torch.Size(shape).numel()
    return torch.arange(count, dtype=torch.float32).mul(0.1).sin().reshape(shape)


def numbers(tensor):
    return [float(f"{x:.9g}") for x in tensor.reshape(-1).tolist()]


mnist, pnet = Mnist().eval(), PNet().eval()
mnist.load_state_dict(torch.load(folder / "mnist.pt", map_location="cpu"))
pnet.load_state_dict(torch.load(folder / "mtcnn-pnet.legacy.pt", map_location="cpu"))
with torch.no_grad():
    found = {
        "torch": torch.__version__,
        "mnist": numbers(mnist(wave(2, 1, 28, 28))),
        "pnet": [numbers(output) for output in pnet(wave(1, 3, 20, 24))],
    }
target = pathlib.Path(__file__).parent / "real-networks.json"
target.write_text(json.dumps(found, indent=1) + "\n")
