"""Writes down what PyTorch samples at grids, and its gradients, in float64.

Run from the project: .oracle/bin/python test/golden/grid-sampling.py
Result: test/golden/grid-sampling.json.
"""

import itertools
import json
import pathlib
import warnings

import torch
import torch.nn.functional as F

warnings.filterwarnings("ignore")
torch.manual_seed(7)


def written(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().reshape(-1).tolist()}


def sampled(shape, points, **options):
    image = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    # Some places lie beyond the edge, some far beyond it.
    grid = (torch.randn([shape[0], *points, len(points)], dtype=torch.float64) * 1.2).requires_grad_()
    output = F.grid_sample(image, grid, **options)
    (output * torch.arange(1, output.numel() + 1, dtype=torch.float64).cos().reshape(output.shape)).sum().backward()
    return {
        "options": options,
        "image": written(image),
        "grid": written(grid),
        "output": written(output),
        "imageGradient": written(image.grad),
        "gridGradient": written(grid.grad),
    }


def affine(rank, size, align):
    theta = torch.randn(size[0], rank, rank + 1, dtype=torch.float64, requires_grad=True)
    grid = F.affine_grid(theta, size, align_corners=align)
    (grid * torch.arange(1, grid.numel() + 1, dtype=torch.float64).cos().reshape(grid.shape)).sum().backward()
    return {"theta": written(theta), "size": size, "align": align, "grid": written(grid), "gradient": written(theta.grad)}


def refused(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, str(error)]
    raise AssertionError("PyTorch takes it")


zeros = torch.zeros
samples = [
    sampled(shape, points, mode=mode, padding_mode=padding, align_corners=align)
    for mode, padding, align in itertools.product(["bilinear", "nearest", "bicubic"], ["zeros", "border", "reflection"], [True, False])
    for shape, points in [([2, 2, 3, 4], [2, 3]), ([1, 1, 2, 3, 2], [2, 1, 3]), ([1, 1, 1, 3], [1, 4])]
    if mode != "bicubic" or len(shape) == 4
]
result = {
    "torch": torch.__version__,
    "samples": samples,
    "grids": [affine(2, [2, 1, 2, 3], False), affine(2, [1, 1, 3, 1], True), affine(3, [1, 1, 2, 1, 3], False), affine(3, [2, 1, 2, 2, 2], True)],
    "refusals": [
        refused(lambda: F.grid_sample(zeros(2, 1, 3, 3), zeros(1, 2, 2, 2), align_corners=False)),
        refused(lambda: F.grid_sample(zeros(1, 1, 3, 3), zeros(1, 2, 2, 3), align_corners=False)),
        refused(lambda: F.grid_sample(zeros(1, 1, 0, 3), zeros(1, 2, 2, 2), align_corners=False)),
        refused(lambda: F.grid_sample(zeros(1, 1, 3, 3), zeros(1, 2, 2), align_corners=False)),
        refused(lambda: F.grid_sample(zeros(1, 1, 3, 3, 3), zeros(1, 2, 2, 2, 3), mode="bicubic", align_corners=False)),
        refused(lambda: F.grid_sample(zeros(1, 1, 3, 3), zeros(1, 2, 2, 2), mode="cubic")),
        refused(lambda: F.grid_sample(zeros(1, 1, 3, 3), zeros(1, 2, 2, 2), padding_mode="circular")),
        refused(lambda: F.affine_grid(zeros(1, 2, 3), [1, 1, 3])),
        refused(lambda: F.affine_grid(zeros(1, 3, 4), [1, 1, 3, 3])),
        refused(lambda: F.affine_grid(zeros(1, 2, 3), [1, 1, 0, 3])),
        refused(lambda: F.affine_grid(zeros(1, 2, 3, dtype=torch.int64), [1, 1, 3, 3])),
    ],
}
path = pathlib.Path(__file__).with_suffix(".json")
lines = [f'"torch": {json.dumps(result["torch"])}']
for name in ["samples", "grids", "refusals"]:
    lines.append(f'"{name}": [\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in result[name]) + "\n]")
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(len(samples), "samples")
