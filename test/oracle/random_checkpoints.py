"""Writes random checkpoints that `torch.load(weights_only=True)` takes: a folder, how many, and a seed as arguments.

Every dtype, views of every kind that share storages, Parameters, tensors under several names, and between them numbers,
texts, bytes and containers, shared ones and cyclic ones too. Prints the paths of those that PyTorch itself can load.
"""

import collections
import math
import random
import sys

import torch

torch.set_num_threads(1)

DTYPES = [
    getattr(torch, name)
    for name in (
        "float64 float32 float16 bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu "
        "float4_e2m1fn_x2 complex128 complex64 complex32 bool uint8 int8 int16 int32 int64 uint16 uint32 uint64"
    ).split()
]
TEXTS = ["", "a", "weight", "layer.0.bias", "\u00fcn\u00ef", "\u65e5\u672c", "\U0001f600", "line\nend", "\0", "b" * 300,
         "__proto__", "constructor", "0", "1", "x/y~z", '"q"', "\\"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.bases = []
        self.tensors = []
        self.containers = []

    def base(self):
        if self.bases and self.random.random() < 0.3:
            return self.random.choice(self.bases)
        dtype = self.random.choice(DTYPES)
        count = self.random.choice([0, 1, 2, 12, 24, 60])
        base = torch.empty(count, dtype=dtype)
        top = 2 if dtype == torch.bool else 256
        raw = [self.random.randrange(top) for _ in range(base.untyped_storage().nbytes())]
        base.untyped_storage().copy_(torch.tensor(raw, dtype=torch.uint8).untyped_storage())
        self.bases.append(base)
        return base

    def view(self, base):
        count = base.numel()
        if count < 12:
            return base
        # fmt: off
        return self.random.choice([
            lambda: base, lambda: base[3], lambda: base.view(3, -1), lambda: base.view(3, -1).t(), lambda: base[1::2],
            lambda: base[: count // 2], lambda: base[count // 2 :], lambda: base[:1].expand(3, 4), lambda: base[:0],
            lambda: base.view(2, 3, -1).permute(2, 0, 1), lambda: base.as_strided((2, 2), (1, 0), count // 2),
        ])()
        # fmt: on

    def tensor(self):
        if self.tensors and self.random.random() < 0.2:
            return self.random.choice(self.tensors)
        tensor = self.view(self.base())
        if tensor.is_floating_point() and tensor.dtype != torch.float4_e2m1fn_x2 and self.random.random() < 0.3:
            tensor = torch.nn.Parameter(tensor, requires_grad=self.random.random() < 0.7)
        self.tensors.append(tensor)
        return tensor

    def scalar(self):
        pick = self.random
        # fmt: off
        return pick.choice([
            None, True, False, 0, -1, 255, 256, 2**31, -(2**31), 2**63, 2**2100, pick.randrange(-(2**80), 2**80), 0.1, 1.0, -0.0,
            math.inf, math.nan, 5e-324, pick.choice(TEXTS), b"", b"\xff\0", bytearray(b"x"), 1 + 2j, torch.bfloat16,
            torch.Size([2, 3]), torch.device("cuda:1"),
        ])
        # fmt: on

    def key(self):
        return self.random.choice(
            [*TEXTS, 1, -5, 2**70, 2.5, None, True, b"k", (1, "a"), (0, (None, 2.5))]
        )

    def value(self, depth):
        chance = self.random.random()
        if depth == 0 or chance < 0.4:
            return self.tensor()
        if chance < 0.6:
            return self.scalar()
        if self.containers and chance < 0.65:
            return self.random.choice(self.containers)
        made = self.container(depth - 1)
        self.containers.append(made)
        if isinstance(made, list) and self.random.random() < 0.1:
            made.append(made)
        return made

    def container(self, depth):
        count = self.random.choice([0, 1, 2, 5])
        kind = self.random.randrange(8)
        if kind == 0:
            return [self.value(depth) for _ in range(count)]
        if kind == 1:
            return tuple(self.value(depth) for _ in range(count))
        if kind == 2:
            return {self.random.choice([*TEXTS, 1, 2.5, None, (1, 2)]) for _ in range(count)}
        if kind == 3:
            return collections.Counter({self.random.choice(TEXTS): self.random.randrange(9) for _ in range(count)})
        if kind == 4:
            return [self.scalar() for _ in range(self.random.choice([999, 1000, 1001, 2000]))]
        if kind == 5:
            return self.training()
        pairs = [(self.key(), self.value(depth)) for _ in range(count)]
        return dict(pairs) if kind == 6 else collections.OrderedDict(pairs)

    def training(self):
        model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
        optimizer = self.random.choice([torch.optim.Adam, torch.optim.SGD, torch.optim.RMSprop])(model.parameters(), lr=1.0)
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        keep_vars = self.random.random() < 0.5
        return {"model": model.state_dict(keep_vars=keep_vars), "optimizer": optimizer.state_dict()}


folder, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for number in range(count):
    maker = Maker(seed + number)
    checkpoint = {maker.key(): maker.value(4) for _ in range(maker.random.randrange(1, 8))}
    for is_zip in (True, False):
        path = f"{folder}/{number}.{'zip' if is_zip else 'legacy'}.pt"
        try:
            torch.save(checkpoint, path, _use_new_zipfile_serialization=is_zip)
            torch.load(path, weights_only=True)
        except Exception:
            # One storage under two dtypes, types without a class in the legacy format, and others that PyTorch refuses.
            continue
        print(path)
