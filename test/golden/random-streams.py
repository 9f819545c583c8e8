"""Records random streams of PyTorch for random-streams.test.ts.

Run: python test/golden/random-streams.py > test/golden/random-streams.json

A program is a seed and steps on the default generator; each step's result is the bytes of the storage it wrote to,
gaps included, and the program ends with the bytes of the generator's state. Values that depend on the C library's
float64 functions are recorded in full, the others by their SHA-1 and first and last elements.
"""

import base64
import hashlib
import json
import sys

import torch
from torch.nn import functional, init

DTYPES = {str(d)[6:]: d for d in (
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64, torch.complex64, torch.complex128, torch.complex32)}
SEEDS = [0, 1, 42, 2**32 - 1, 2**32, 2**63 + 5, -1, 123456789012345678]


def raw(tensor):
    """The bytes of a tensor's storage."""
    return bytes(tensor.untyped_storage())


def digest(data):
    return hashlib.sha1(data).hexdigest()


def state():
    return bytes(torch.default_generator.get_state().tolist())


def destination(step):
    """The zeroed view that a step writes to."""
    dtype = DTYPES[step["dtype"]]
    shape = step["shape"]
    if "stride" not in step:
        return torch.zeros(shape, dtype=dtype)
    storage = torch.zeros(step["storage"], dtype=dtype)
    return storage.as_strided(shape, step["stride"], step.get("offset", 0))


def weights(step):
    """The weights of a draw, with the dtype and layout the step names."""
    dtype = DTYPES[step["weightDtype"]]
    view = torch.tensor(step["weights"], dtype=torch.float64).to(dtype)
    return view.as_strided(step["weightShape"], step["weightStride"])


def integer(text):
    return None if text is None else int(text)


def run(step, saved):
    """Runs one step; the tensor it wrote, or None."""
    op, args = step["op"], step.get("args", [])
    if op == "seed":
        torch.manual_seed(int(args[0]))
        return None
    if op == "save":
        saved.append(torch.get_rng_state())
        return None
    if op == "restore":
        torch.set_rng_state(saved[-1])
        return None
    if op == "randperm":
        return torch.randperm(args[0], dtype=DTYPES[step["dtype"]])
    if op == "multinomial":
        return torch.multinomial(weights(step), args[0], args[1])
    view = destination(step)
    if op == "uniform":
        view.uniform_(*args)
    elif op == "normal":
        view.normal_(*args)
    elif op == "integers":
        view.random_(int(args[0]), integer(args[1]))
    elif op == "random":
        view.random_()
    elif op == "bernoulli":
        view.bernoulli_(*args)
    elif op == "bernoulliFrom":
        view.bernoulli_(weights(step))
    elif op == "dropout":
        return functional.dropout(torch.ones(step["shape"], dtype=DTYPES[step["dtype"]]), *args)
    elif op == "exponential":
        view.exponential_(*args)
    elif op == "geometric":
        view.geometric_(*args)
    elif op == "cauchy":
        view.cauchy_(*args)
    elif op == "logNormal":
        view.log_normal_(*args)
    elif op == "truncatedNormal":
        init.trunc_normal_(view, *args)
    else:
        raise ValueError(op)
    return view


FULL = {"normal", "exponential", "cauchy", "logNormal", "truncatedNormal"}


def record(seed, steps):
    torch.manual_seed(seed)
    saved, results = [], []
    for step in steps:
        tensor = run(step, saved)
        if tensor is None:
            results.append(None)
            continue
        data = raw(tensor)
        size = tensor.element_size()
        result = {"sha1": digest(data), "head": data[: 4 * size].hex(), "tail": data[-4 * size:].hex()}
        if step["op"] in FULL and step["dtype"] in ("float64", "complex128"):
            result["base64"] = base64.b64encode(data).decode()
        results.append(result)
    return {"seed": str(seed), "steps": steps, "results": results, "state": digest(state())}


def step(op, dtype, shape, *args, **more):
    return {"op": op, "dtype": dtype, "shape": list(shape), "args": list(args), **more}


def draw(weights, shape, dtype="float32", stride=None):
    if stride is None:
        stride = [1] if len(shape) == 1 else [shape[1], 1]
    return {"weights": weights, "weightShape": shape, "weightStride": stride, "weightDtype": dtype}


def programs():
    for seed in SEEDS:
        yield seed, [step("uniform", "float32", [7]), step("normal", "float32", [33]), step("normal", "float32", [5]),
                     step("integers", "int64", [9], "0", "10"), {"op": "randperm", "dtype": "int64", "args": [20]}]
        yield seed, [step("normal", "float64", [3]), step("normal", "float64", [40])]
    for dtype in ("float64", "float32", "float16", "bfloat16"):
        for n in (0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 100, 625, 1250):
            if dtype == "float64" and n > 100:
                continue
            yield n + 3, [step("normal", dtype, [n]), step("uniform", dtype, [n])]
        yield 5, [step("normal", dtype, [64], 0.1, 0.02), step("normal", dtype, [9], -1.7, 0.3), step("normal", dtype, [2], 3.0, 0.0)]
        yield 6, [step("uniform", dtype, [1000], -0.3, 0.8), step("uniform", dtype, [50], 0.1, 0.1), step("uniform", dtype, [300], 1.0, 1.01),
                  step("uniform", dtype, [300], -60000.0, 5000.0), step("uniform", dtype, [50], -1e-7, 1e-7)]
        yield 7, [step("bernoulli", dtype, [200], 0.3), step("bernoulli", dtype, [20], 0.0), step("bernoulli", dtype, [20], 1.0)]
        yield 8, [step("dropout", dtype, [200], p) for p in (0.1, 0.3, 0.5, 0.9, 0.0, 1.0)]
        yield 9, [step("exponential", dtype, [60]), step("exponential", dtype, [60], 2.5)]
        yield 10, [step("geometric", dtype, [100], 0.2), step("geometric", dtype, [10], 0.9)]
        yield 11, [step("cauchy", dtype, [60]), step("cauchy", dtype, [60], 1.3, 0.7)]
        yield 12, [step("logNormal", dtype, [61], 0.1, 0.7), step("normal", dtype, [3])]
        yield 13, [step("random", dtype, [100])]
        yield 14, [step("truncatedNormal", dtype, [200], 0.0, 1.0, -2.0, 2.0), step("truncatedNormal", dtype, [7], 0.0, 0.02, -0.04, 0.04)]
    yield 15, [step("truncatedNormal", d, [100], 0.0, 1.0, 1.5, 3.0) for d in ("float32", "float64")]
    yield 16, [step("truncatedNormal", "float32", [64], 0.5, 2.0, -0.5, 0.5), step("truncatedNormal", "float32", [8], 0.0, 1.0, 2.5, 9.0)]
    yield 17, [step("truncatedNormal", "float32", [6, 8], 0.0, 1.0, -1.0, 1.0, stride=[1, 6], storage=48)]
    yield 18, [step("truncatedNormal", "float32", [6, 8], 0.0, 1.0, -1.0, 1.0, stride=[16, 2], storage=96)]
    for dtype in ("int64", "int32", "int16", "int8", "uint8", "bool"):
        yield 20, [step("random", dtype, [100]), step("integers", dtype, [30], "0", None)]
        yield 21, [step("bernoulli", dtype, [100], 0.37)]
        if dtype != "bool":
            yield 22, [step("geometric", dtype, [100], 0.3), step("integers", dtype, [50], "-7" if dtype != "uint8" else "3", "100")]
            yield 23, [{"op": "randperm", "dtype": dtype, "args": [n]} for n in (0, 1, 2, 5, 100, 128)]
    for dtype in ("uint16", "uint32", "uint64"):
        yield 24, [step("integers", dtype, [50], "5", "60000")]
    yield 25, [step("integers", "uint32", [20], "0", "4294967296"), step("integers", "uint64", [20], "3", str(2**63 - 1)), step("integers", "uint32", [20], "2", None)]
    for dtype in ("int64", "float64", "float32", "bfloat16"):
        yield 26, [step("integers", dtype, [40], str(-(2**63)), None)]
        yield 27, [step("integers", dtype, [40], "-5", str(2**28 + s)) for s in (-6, -5, -4, 100)]
        yield 28, [step("integers", dtype, [40], str(-(2**40)), str(2**62 + 12345))]
        yield 29, [step("integers", dtype, [40], str(2**60 + 1), str(2**60 + (1001 if dtype == "int64" else 2**58))), step("integers", dtype, [40], "-5", None)]
        yield 30, [step("integers", dtype, [40], "16777217", "17777299"), step("integers", dtype, [40], "259", "300")]
    yield 31, [step("integers", "float16", [40], "2049", "2060"), step("integers", "float16", [40], "-65504", "65504"), step("integers", "float16", [40], "5", None)]
    yield 32, [step("integers", "int64", [40], str(-(2**62)), str(2**62)), step("integers", "int64", [40], str(-(2**63)), str(2**63 - 1))]
    yield 33, [step("integers", "float64", [40], str(2**53 + 1), str(2**53 + 999)), step("integers", "float32", [40], "-1", "1099511627776")]
    for dtype in ("float64", "float32", "float16", "bfloat16"):
        yield 34, [{"op": "randperm", "dtype": dtype, "args": [n]} for n in (1, 10, 300)]
    yield 35, [{"op": "randperm", "dtype": "int64", "args": [n]} for n in (3000, 7)]
    for dtype in ("complex64", "complex128", "complex32"):
        yield 36, [step("normal", dtype, [n]) for n in (1, 7, 8, 9, 20)]
        yield 37, [step("uniform", dtype, [13], -1.0, 2.0), step("normal", dtype, [4, 3], 0.5, 2.0, stride=[1, 4], storage=12)]
    layouts = [
        dict(shape=[4, 4], stride=[1, 4], storage=16), dict(shape=[5, 4], stride=[8, 2], storage=40), dict(shape=[4, 5], stride=[2, 8], storage=40),
        dict(shape=[2, 3, 4], stride=[4, 8, 1], storage=24), dict(shape=[2, 3, 4], stride=[1, 8, 2], storage=24, offset=0),
        dict(shape=[3, 1, 6], stride=[6, 99, 1], storage=20, offset=2), dict(shape=[17], stride=[3], storage=52, offset=1),
        dict(shape=[2, 3, 2, 2], stride=[40, 1, 15, 5], storage=90), dict(shape=[6, 3], stride=[3, 1], storage=30, offset=12), dict(shape=[], stride=[], storage=3, offset=1),
    ]
    for k, layout in enumerate(layouts):
        shape = layout["shape"]
        rest = {name: value for name, value in layout.items() if name != "shape"}
        yield 40 + k, [step("normal", "float32", shape, **rest), step("uniform", "float32", shape, -1.0, 1.0, **rest), step("integers", "int64", shape, "0", "1000", **rest),
                       step("bernoulli", "float32", shape, 0.5, **rest), step("normal", "bfloat16", shape, **rest)]
    probabilities = [k / 12 for k in range(12)]
    for dtype in ("float32", "float64", "float16", "bfloat16"):
        yield 60, [step("bernoulliFrom", "float32", [3, 4], **draw(probabilities, [3, 4], dtype)), step("bernoulliFrom", "int64", [4, 3], **draw(probabilities, [4, 3], dtype, [1, 4]))]
        yield 61, [step("bernoulliFrom", "float32", [5, 12], **draw(probabilities, [5, 12], dtype, [0, 1])),
                   step("bernoulliFrom", "float32", [3, 4], stride=[1, 3], storage=12, **draw(probabilities, [3, 4], dtype))]
        for seed in (62, 63, 64):
            yield seed, [{"op": "multinomial", "dtype": "int64", "args": [n, r], **draw([0.1, 0.2, 0.3, 0.05, 1.5, 0.7], [6], dtype)} for n, r in ((1, False), (1, True), (3, False), (6, False), (40, True))]
        yield 65, [{"op": "multinomial", "dtype": "int64", "args": [n, r], **draw([float(k % 5 + 1) for k in range(20)], [4, 5], dtype)} for n, r in ((1, False), (4, False), (9, True))]
        yield 66, [{"op": "multinomial", "dtype": "int64", "args": [n, r], **draw([float(k % 5 + 1) for k in range(20)], [5, 4], dtype, [1, 5])} for n, r in ((1, False), (4, False), (9, True))]
    for seed in range(80, 96):
        yield seed, [step("normal", "float64", [61], 0.3, 1.7)]
    yield 70, [step("normal", "float32", [3]), step("uniform", "float32", [5]), step("normal", "float64", [1]), step("normal", "float32", [20]), step("normal", "bfloat16", [1]), step("normal", "float32", [2])]
    yield 71, [step("normal", "float32", [1]), {"op": "save"}, step("normal", "float32", [2]), {"op": "restore"}, step("normal", "float32", [2]), step("uniform", "float64", [700]), {"op": "save"}]
    yield 72, [step("normal", "float32", [3]), {"op": "seed", "args": ["72"]}, step("normal", "float32", [3])]
    yield 73, [step("normal", "float32", [7, 9, 13]), step("uniform", "float32", [624]), step("uniform", "float32", [1])]
    yield 0, [step("normal", "float32", [20003]), step("uniform", "float32", [20003], -0.0441942, 0.0441942)]
    yield 1, [step("normal", "bfloat16", [5003]), step("normal", "float16", [5003], 0.01, 0.6)]


def continuation():
    """A state in full, and what comes after it."""
    torch.manual_seed(2**63 + 5)
    torch.rand(1000)
    torch.randn(3)
    before = state()
    drawn = torch.randn(3), torch.rand(700), torch.randn(50)
    return {"state": base64.b64encode(before).decode(), "normal3": raw(drawn[0]).hex(), "uniform700": digest(raw(drawn[1])), "normal50": digest(raw(drawn[2]))}


def refusals():
    """Wrong calls and what PyTorch says to them."""
    def view(op, dtype, *args, shape=(3,)):
        return step(op, dtype, shape, *args)
    nan = "nan"
    yield from (view("uniform", "float32", *a) for a in ((1, 0), (0.25, -0.1), (-1e39, 0), (0, 1e39), (-3e38, 3e38), (nan, 0), (0, "inf"), (1234567.0, 1e-5), (123456.0, 0.000123456789)))
    yield from (view("uniform", "float16", *a) for a in ((0, 1e5), (-65504, 65504)))
    yield view("uniform", "bfloat16", 0, 1e39)
    yield view("uniform", "float64", -1.7e308, 1.7e308)
    yield from (view("uniform", d) for d in ("int64", "bool", "uint16"))
    yield view("uniform", "int32", shape=(0,))
    yield view("uniform", "complex64", 3, 2)
    yield from (view("normal", "float32", *a) for a in ((0, -1), (0, -0.25), (0, nan)))
    yield from (view("normal", d, shape=s) for d in ("int64", "bool", "uint8") for s in ((3,), (30,)))
    yield view("normal", "float32", 0, -1, shape=(0,))
    yield from (view("integers", "int64", *a) for a in (("5", "5"), ("0", "-3"), ("0", str(2**64)), (str(2**63), None)))
    for dtype in DTYPES:
        yield view("integers", dtype, str(-(2**62) - 5), str(2**62))
        yield view("integers", dtype, "0", str(2**63 - 1))
        yield view("integers", dtype, "3000", None)
        yield view("integers", dtype, str(-(2**63)), None)
        yield view("random", dtype)
        yield view("bernoulli", dtype, 0.5)
        yield view("geometric", dtype, 0.5)
        yield view("exponential", dtype)
        yield view("cauchy", dtype)
        yield view("logNormal", dtype, 1.0, 2.0)
        yield {"op": "randperm", "dtype": dtype, "args": [3]}
    yield view("integers", "uint8", "-1", "3")
    yield view("integers", "uint8", "0", "257")
    yield view("integers", "bool", "0", "3")
    yield view("integers", "float16", "0", "65506")
    yield view("integers", "float32", "3", "2", shape=(0,))
    yield from ({"op": "randperm", "dtype": d, "args": [n]} for d, n in (("int64", -1), ("float16", 3000), ("uint8", 257), ("int8", 129), ("int16", 40000), ("float16", 2050)))
    yield from (view("bernoulli", "float32", p) for p in (1.5, -0.5, nan))
    yield view("bernoulli", "int64", 2.0, shape=(0,))
    yield view("bernoulliFrom", "float32", shape=(2,)) | draw([0.5, 1.5], [2])
    yield view("bernoulliFrom", "float32", shape=(2,)) | draw([1, 0], [2], "int64")
    yield from (view("exponential", "float32", p) for p in (0, -1.5, nan))
    yield from (view("geometric", "float32", p) for p in (0, 1, 1.25))
    yield from (view("cauchy", "float32", 0, s) for s in (0, -1))
    yield from (view("logNormal", "float32", 0, s) for s in (0, -0.5))
    yield from ({"op": "multinomial", "dtype": "int64", "args": [n, r], **w} for n, r, w in (
        (3, False, draw([0.5, 0.5], [2])), (0, False, draw([0.5, 0.5], [2])), (1, False, draw([0.5, -0.5], [2])),
        (1, False, draw([0.0, 0.0], [2])), (2, True, draw([0.0, 0.0], [2])), (3, True, draw([0.5, -0.5], [2])),
        (3, True, draw([1, 2], [2], "int64"))))
    yield view("dropout", "float32", 1.5)
    yield view("dropout", "float32", -0.5)
    yield from ({"op": "seed", "args": [s]} for s in (str(2**64), str(-(2**63) - 1)))


def refuse(step):
    torch.manual_seed(0)
    call = {**step, "args": [float(a) if a in ("nan", "inf") else a for a in step.get("args", [])]}
    try:
        run(call, [])
    except Exception as error:  # noqa: BLE001 - any class is what is recorded
        return {"step": step, "type": type(error).__name__, "message": str(error).split("\n")[0]}
    return {"step": step, "type": None, "message": None}


recorded = [record(seed, steps) for seed, steps in programs()]
json.dump(
    {"torch": torch.__version__, "programs": recorded, "continuation": continuation(), "refusals": [refuse(step) for step in refusals()]},
    sys.stdout, separators=(",", ":"))
sys.stdout.write("\n")
