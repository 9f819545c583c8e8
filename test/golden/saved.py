"""What PyTorch 2.13 and safetensors 0.8 write for objects that the test builds too: sha256 of the whole files.

    .oracle/bin/python -W ignore test/golden/saved.py

Also pickles of plain Python data as Python's own pickler writes them with protocol 2, which the test reads and writes
back. Nothing here is random.
"""

import base64
import collections
import hashlib
import io
import json
import pathlib
import pickle
import sys
import tempfile
import zlib

import huggingface_hub
import safetensors
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent


def ramp(dtype, *shape):
    count = 1
    for size in shape:
        count *= size
    return torch.arange(count, dtype=torch.float64).reshape(shape).to(dtype)


def state_dict():
    model = torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.ReLU(), *[torch.nn.Linear(3, 3) for _ in range(9)]
    )
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            tensor.copy_(ramp(tensor.dtype, *tensor.shape))
    return model.state_dict()


def optimizer_state():
    state = {
        index: {
            "step": torch.tensor(3.0),
            "exp_avg": ramp(torch.float32, 2, 2),
            "exp_avg_sq": ramp(torch.float32, 2, 2),
        }
        for index in range(2)
    }
    group = {
        "lr": 0.001,
        "betas": (0.9, 0.999),
        "eps": 1e-08,
        "weight_decay": 0,
        "amsgrad": False,
        "maximize": False,
        "foreach": None,
        "params": [0, 1],
    }
    return {"state": state, "param_groups": [group]}


def torch_files():
    yield "state-dict", state_dict()
    yield "checkpoint", {
        "epoch": 3,
        "loss": 0.25,
        "best": True,
        "name": "run 7",
        "tags": ["a", "b"],
        "none": None,
        "big": 2**40,
        "negative": -129,
        "bytes": b"\x00\xff",
        "state_dict": state_dict(),
        "optimizer": optimizer_state(),
    }
    whole = ramp(torch.float32, 4, 4)
    tie = ramp(torch.float64, 2)
    yield "views", {
        "a": whole,
        "t": whole.t(),
        "row": whole[1],
        "expanded": whole[0, :1].expand(3),
        "tie": tie,
        "tied": tie,
        "scalar": torch.tensor(7),
        "empty": torch.zeros(0, 3),
        "after": torch.tensor([1.5]),
    }
    names = "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool uint16 uint32 uint64 float8_e4m3fn float8_e5m2"
    yield "dtypes", {name: ramp(torch.float32, 2).to(getattr(torch, name)) for name in names.split()}
    yield "parameters", [
        torch.nn.Parameter(ramp(torch.float32, 2)),
        torch.nn.Parameter(ramp(torch.float32, 3), requires_grad=False),
    ]
    for count in (0, 1, 6, 7, 30, 300, 1000, 1001, 3000):
        yield f"list-{count}", [torch.full((1,), float(index)) for index in range(count)]
    for count in (1000, 1001):
        yield f"dict-{count}", {f"layer.{index}": torch.full((1,), float(index)) for index in range(count)}


def safetensors_files():
    yield "state-dict", dict(state_dict()), None
    yield "metadata", dict(state_dict()), {"format": "pt"}
    yield "names", {name: ramp(torch.float32, 1) for name in ["b", "a", "\U0001d538", "\uffff", 'q"\\\n\x7f\u2028é']}, None
    names = "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool uint16 uint32 uint64 complex64 float8_e4m3fn float8_e5m2"
    yield "dtypes", {name: ramp(torch.float32, 2).to(getattr(torch, name)) for name in names.split()}, None
    yield "shapes", {"scalar": torch.tensor(7), "empty": torch.zeros(0, 3), "row": ramp(torch.float32, 5)}, None
    yield "nothing", {}, None


def sharded():
    tensors = {f"layer.{index}.weight": torch.full((10,), float(index)) for index in range(7)}
    return {**tensors, "big": ramp(torch.float32, 100), "\u00e9": ramp(torch.float32, 3)}


def pickles():
    for number in (0, 1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -1, -128, -129, -(2**31), -(2**31) - 1, 2**39, -(2**39),
                   2**63, -(2**63), 2**64, -(2**64) - 1, 2**2039, -(2**2039), 2**2040, 2**3000):
        yield f"int {number if abs(number) < 2**65 else 'huge'} {number.bit_length()}", number
    for number in (0.0, -0.0, 1.0, 0.1, float("inf"), float("-inf"), 5e-324):
        yield f"float {number}", number
    for count in (0, 1, 2, 999, 1000, 1001, 2000, 2001):
        yield f"list {count}", list(range(count))
        yield f"dict {count}", {index: index for index in range(count)}
        yield f"ordered {count}", collections.OrderedDict((index, index) for index in range(count))
    for count in (0, 1, 2, 3, 4, 300):
        yield f"tuple {count}", tuple(range(count))
    yield "constants", [None, True, False]
    yield "strings", ["", "a", "\xff", "weight", "weight", "é\u2028\U0001d538", "\ud800", "two words", "x" * 300]
    yield "300 memo entries", [[index] for index in range(300)] * 2
    yield "bytes", [b"", b"a", b"\x00\xff", bytearray(b""), bytearray(b"xyz"), bytes(range(256))]
    yield "complex", [1 + 2j, complex(0, -0.0)]
    yield "sets", [set(), {1}, frozenset(), frozenset([2])]
    yield "mappings", [collections.defaultdict(list, {"a": [1]}), collections.defaultdict(None), collections.Counter("xxy")]
    od = collections.OrderedDict(a=1)
    od._metadata = collections.OrderedDict([("", {"version": 1}), ("fc", {"version": 1}), ("a", {"version": 2})])
    yield "attributes", od
    cycle = [1]
    cycle.append(cycle)
    yield "cycle", cycle
    inner = []
    knot = (inner, 1)
    inner.append(knot)
    yield "tuple cycle", knot
    inner = []
    knot = (inner, 1, 2, 3)
    inner.append(knot)
    yield "long tuple cycle", knot
    shared = {"lr": 0.1}
    yield "shared", [shared, shared, (shared,)]
    yield "globals", [list, set, range, OSError, collections.OrderedDict, collections.UserDict, pickle.Pickler, torch.nn.Linear]
    yield "nested class", [pickle._Pickler, collections.abc.Mapping]
    yield "exception", ValueError("no", 1)
    yield "fraction", __import__("fractions").Fraction(1, 3)
    yield "date", __import__("datetime").date(2024, 1, 2)
    yield "path", pathlib.PurePosixPath("a/b")
    yield "namespace", __import__("argparse").Namespace(lr=0.1, layers=[1, 2])
    yield "deque", collections.deque([1, 2, 3], 5)
    yield "ordered subclass", collections.Counter({"a": 1000})


def digest(data):
    return {"sha256": hashlib.sha256(data).hexdigest(), "byteLength": len(data)}


def main():
    golden = {"versions": {"torch": torch.__version__, "safetensors": safetensors.__version__, "huggingface_hub": huggingface_hub.__version__, "python": sys.version.split()[0]}}
    with tempfile.TemporaryDirectory() as folder:
        golden["torch"] = {}
        for name, value in torch_files():
            path = pathlib.Path(folder) / f"{name}.pt"
            torch.save(value, path)
            golden["torch"][name] = digest(path.read_bytes())
    golden["safetensors"] = {name: digest(safetensors.torch.save(value, metadata)) for name, value, metadata in safetensors_files()}
    with tempfile.TemporaryDirectory() as folder:
        huggingface_hub.save_torch_state_dict(sharded(), folder, max_shard_size=100)
        golden["shards"] = {path.name: digest(path.read_bytes()) for path in sorted(pathlib.Path(folder).iterdir())}
    golden["pickles"] = {
        name: base64.b64encode(zlib.compress(pickle.dumps(value, 2), 9)).decode() for name, value in pickles()
    }
    with (HERE / "saved.json").open("w") as target:
        json.dump(golden, target, indent=1)
        target.write("\n")


main()
