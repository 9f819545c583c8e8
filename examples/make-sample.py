"""Makes sample.pt with PyTorch: a small network, saved whole, so that the file records what is trained and what is not.

Run: python examples/make-sample.py
The class is called `sample.TinyCaptioner`. Nobody has a module `sample`, and nobody needs it to look at the file.
"""

import pathlib
import sys
import types

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent


class TinyCaptioner(nn.Module):
    """Pictures of 8 by 8 in, words out; the words going in and coming out share their vectors."""

    def __init__(self, words: int = 32, width: int = 16):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
        )
        self.project = nn.Linear(8 * 2 * 2, width)
        self.embed = nn.Embedding(words, width)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, words, bias=False)
        self.head.weight = self.embed.weight  # tied
        self.temperature = nn.Parameter(torch.tensor(1.0), requires_grad=False)  # frozen

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        features = self.project(self.stem(pictures).flatten(1))
        return self.head(self.norm(features)) / self.temperature


def main() -> None:
    module = types.ModuleType("sample")
    module.TinyCaptioner = TinyCaptioner
    TinyCaptioner.__module__ = "sample"
    sys.modules["sample"] = module

    torch.manual_seed(0)
    model = TinyCaptioner()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    for _ in range(20):
        pictures = torch.randn(16, 3, 8, 8)
        words = (pictures.mean(dim=(1, 2, 3)) > 0).long()
        loss = nn.functional.cross_entropy(model(pictures), words)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.zero_grad()
    torch.save(model, HERE / "sample.pt")
    print(f"sample.pt: PyTorch {torch.__version__}, {(HERE / 'sample.pt').stat().st_size} bytes")


if __name__ == "__main__":
    main()
