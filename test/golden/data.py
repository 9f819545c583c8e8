"""Records what PyTorch's data loaders give under a seed: orders, batches, splits and refusals.

python data.py data.json
"""

import json
import sys
import warnings

import torch
from torch.utils.data import (
    BatchSampler, ConcatDataset, DataLoader, RandomSampler, SubsetRandomSampler, TensorDataset, WeightedRandomSampler,
    default_collate, random_split,
)

warnings.simplefilter("ignore")


def after():
    """The next number of the default generator: tells whether as much was drawn."""
    return int(torch.randint(1 << 30, ()).item())


def loader_case(n, seed, epochs=2, own=None, **options):
    torch.manual_seed(seed)
    if own is not None:
        options["generator"] = torch.Generator().manual_seed(own)
    loader = DataLoader(TensorDataset(torch.arange(n), torch.arange(2 * n).reshape(n, 2)), **options)
    walks = []
    for _ in range(epochs):
        walks.append([x.tolist() for x, _ in loader])
    return {"n": n, "seed": seed, "epochs": epochs, "own": own, "length": len(loader), "walks": walks, "after": after(),
            "options": {key: value for key, value in options.items() if key != "generator"}}


def sampler_case(n, seed, **options):
    torch.manual_seed(seed)
    return {"n": n, "seed": seed, "options": options, "order": list(RandomSampler(range(n), **options)), "after": after()}


def drawing_case(sampler, seed, own=None):
    generator = None if own is None else torch.Generator().manual_seed(own)
    made = eval(sampler, {**globals(), "generator": generator})
    torch.manual_seed(seed)
    return {"sampler": sampler, "seed": seed, "own": own, "orders": [list(made), list(made)], "length": len(made), "after": after()}


def split_case(n, lengths, seed):
    torch.manual_seed(seed)
    return {"n": n, "lengths": lengths, "seed": seed, "splits": [list(s.indices) for s in random_split(range(n), lengths)]}


def refusal(run):
    try:
        run()
    except Exception as error:  # noqa: BLE001
        return [type(error).__name__, str(error)]
    raise SystemExit("not refused")


four = TensorDataset(torch.arange(4))
out = {
    "torch": torch.__version__,
    "loaders": [
        loader_case(10, 0, batch_size=3, shuffle=True),
        loader_case(10, 0, batch_size=3, shuffle=True, drop_last=True),
        loader_case(9, 7, batch_size=3, shuffle=True, epochs=3),
        loader_case(5, 1, batch_size=2),
        loader_case(10, 3, own=42, batch_size=4, shuffle=True),
        loader_case(6, 4, batch_size=None, shuffle=True),
        loader_case(100, 5, batch_size=32, shuffle=True),
    ],
    "samplers": [
        sampler_case(7, 0),
        sampler_case(7, 1, replacement=True),
        sampler_case(5, 2, replacement=True, num_samples=70),
        sampler_case(5, 3, num_samples=12),
        sampler_case(5, 3, num_samples=10),
        sampler_case(5, 3, num_samples=2),
    ],
    "drawings": [
        drawing_case("SubsetRandomSampler([9, 4, 1, 7, 0], generator=generator)", 0),
        drawing_case("SubsetRandomSampler([9, 4, 1, 7, 0], generator=generator)", 1, own=5),
        drawing_case("WeightedRandomSampler([0.1, 3, 0, 2.5, 1], 12, generator=generator)", 2),
        drawing_case("WeightedRandomSampler([0.1, 3, 0, 2.5, 1], 3, replacement=False, generator=generator)", 3, own=6),
    ],
    "splits": [
        split_case(10, [3, 7], 42),
        split_case(30, [0.3, 0.3, 0.4], 42),
        split_case(11, [0.5, 0.5], 1),
        split_case(10, [0.7, 0.2, 0.1], 2),
        split_case(2, [0.9, 0.05, 0.05], 2),
    ],
    "refusals": {
        "sampler with shuffle": refusal(lambda: DataLoader(four, sampler=RandomSampler(four), shuffle=True)),
        "batch sampler with dropLast": refusal(
            lambda: DataLoader(four, batch_sampler=BatchSampler(RandomSampler(four), 2, False), drop_last=True)),
        "no batches with dropLast": refusal(lambda: DataLoader(four, batch_size=None, drop_last=True)),
        "batch size 0": refusal(lambda: DataLoader(four, batch_size=0)),
        "batch size 2.5": refusal(lambda: DataLoader(four, batch_size=2.5)),
        "shuffling nothing": refusal(lambda: DataLoader([], shuffle=True)),
        "no samples": refusal(lambda: RandomSampler(four, num_samples=0)),
        "no weighted samples": refusal(lambda: WeightedRandomSampler([1.0], 0)),
        "weights in rows": refusal(lambda: WeightedRandomSampler([[1.0, 2.0]], 1)),
        "no datasets": refusal(lambda: ConcatDataset([])),
        "a position before the first dataset": refusal(lambda: ConcatDataset([[1], [2]])[-3]),
        "a position beyond the last dataset": refusal(lambda: ConcatDataset([[1], [2]])[2]),
        "tensors of different lengths": refusal(lambda: TensorDataset(torch.zeros(2), torch.zeros(3))),
        "an item beyond the end": refusal(lambda: four[4]),
        "lengths that do not sum up": refusal(lambda: random_split(range(10), [3, 3])),
        "a fraction below 0": refusal(lambda: random_split(range(10), [1.5, -0.5])),
        "tensors that do not stack": refusal(lambda: default_collate([torch.zeros(2), torch.zeros(3)])),
        "lists of different lengths": refusal(lambda: default_collate([[1, 2], [1]])),
        "nothing to collate": refusal(lambda: default_collate([None])),
        "a list index beyond the end": refusal(lambda: list(DataLoader([1, 2], sampler=[5]))),
    },
}
with open(sys.argv[1], "w") as file:
    json.dump(out, file, separators=(",", ":"))
    file.write("\n")
