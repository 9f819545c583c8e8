"""Makes pickles.json: pickles by Python and PyTorch, and what Python makes of them.

Run with an interpreter that has PyTorch: python -W ignore test/golden/pickles.py
"""

import base64
import collections
import io
import json
import math
import pathlib
import pickle
import pickletools
import platform
import struct
import zipfile

import numpy as np
import torch


def describe(value, seen=None):
    """The value as JSON that keeps Python's kinds, sharing and cycles."""
    seen = {} if seen is None else seen
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": "nan" if math.isnan(value) else struct.pack(">d", value).hex()}
    if isinstance(value, complex):
        return {"complex": [describe(value.real), describe(value.imag)]}
    if isinstance(value, str):
        return {"str": value}
    if isinstance(value, (bytes, bytearray)):
        return {type(value).__name__: value.hex()}
    if isinstance(value, type):
        return {"global": f"{value.__module__}.{value.__qualname__}"}
    if id(value) in seen and not (isinstance(value, (tuple, frozenset)) and len(value) == 0):
        return {"again": seen[id(value)]}
    seen[id(value)] = len(seen)
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [describe(item, seen) for item in value]}
    if isinstance(value, (set, frozenset)):
        members = [describe(item, seen) for item in value]
        return {type(value).__name__: sorted(members, key=lambda m: json.dumps(m, separators=(",", ":")))}
    if isinstance(value, dict):
        kind = type(value)
        name = "dict" if kind is dict else f"{kind.__module__}.{kind.__qualname__}"
        items = [[describe(k, seen), describe(v, seen)] for k, v in value.items()]
        attributes = getattr(value, "__dict__", None) or None
        return {"dict": name, "items": items, "attributes": describe(attributes, seen)}
    raise TypeError(type(value))


def python_objects():
    shared = [1]
    ring = []
    ring.append(ring)
    state = collections.OrderedDict(a=1, b=2)
    state._metadata = {"": {"version": 1}}
    counts = collections.Counter("abca")
    grouped = collections.defaultdict(list, {"x": [1], "y": []})
    return {
        "constants": [None, True, False],
        "integers": [0, 1, 255, 256, 65535, 65536, 2**31 - 1, -1, -128, -129, -(2**31), 2**31, 2**53 - 1, 2**53,
                     -(2**53), 2**63, -(2**63), 2**64, 10**30, -(10**30), 0x1950A86A20F9469CFC6C, 2**2100, -1 << 47, 1 << 47],
        "floats": [0.0, -0.0, 1.0, 0.1, -1.5e300, 5e-324, math.inf, -math.inf, math.nan, 1e16, 123456789.125],
        "complex": [1 + 2j, complex(0.0, -1.5)],
        "strings": ["", "ascii", "naïve", "日本", "\U0001f600", "a\nb\\u0041\\", "\ud800", "x\ud800\udfffy\udc00", "\x00\x1a\r", "é" * 300, "\ufeffbom"],
        "bytes": [b"", b"abc", bytes(range(256)), b"\xff" * 300],
        "bytearrays": [bytearray(), bytearray(b"\x00\xe9\xff")],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),))],
        "lists": [[], [1], [1, [2, [3]]]],
        "dicts": [{}, {"a": 1}, {1: "int", "1": "str", (1, "x"): "tuple", None: 0, b"1": "bytes", 1.5: "float"},
                  {"__proto__": 1, "constructor": 2, "toString": 3, "hasOwnProperty": 4}],
        "sets": [set(), {1, "a"}, frozenset(), frozenset({1, (2, 3)})],
        "ordered dictionary with attributes": state,
        "counter": counts,
        "default dictionary": grouped,
        "list in batches": [None] * 1100,
        "shared list": [shared, shared, {"again": shared}],
        "cyclic list": ring,
    }


def assembled():
    """Opcodes that Python 3 no longer writes, put together by hand."""
    return {
        "INT and booleans": b"(I5\nI-7\nI01\nI00\nI123456789012345678901\nl.",
        "LONG with and without L": b"(L5L\nL-12345678901234567890L\nL7\nl.",
        "LONG4": b"\x80\x02\x8b\x03\x00\x00\x00\x01\x02\x83.",
        "LONG1 of no bytes": b"\x80\x02\x8a\x00.",
        "FLOAT": b"(F1.5\nF-inf\nFnan\nF1e5\nF3\nl.",
        "STRING": b"(S'a\\n\\x41\\101\\'q\\\\'\nS\"it's\"\nS''\nl.",
        "BINSTRING and SHORT_BINSTRING": b"(T\x05\x00\x00\x00helloU\x02hil.",
        "UNICODE": b"(Vplain\nV\\u00e9\\U0001f600\nV\xe9 \\\\u0041 \\x\nl.",
        "PUT and GET": b"(lp0\n(lp1\nag0\na.",
        "LONG_BINPUT and LONG_BINGET": b"]r\x70\x11\x01\x00(K\x01j\x70\x11\x01\x00l.",
        "DUP": b"]2a.",
        "POP": b"K\x01K\x020.",
        "POP of a mark": b"K\x01(0.",
        "POP_MARK": b"K\x01(K\x02K\x031.",
        "DICT and LIST": b"(U\x01a(K\x01K\x02ld.",
        "TUPLE and EMPTY_TUPLE": b"((t(K\x01t)t.",
        "SETITEM and APPEND": b"}U\x01k]K\x05as.",
        "SETITEMS repeats a key": b"}(K\x01U\x01aK\x02U\x01bG?\xf0\x00\x00\x00\x00\x00\x00U\x01cu.",
        "True, 1 and 1.0 are one key": b"\x80\x02}(\x88U\x01aK\x01U\x01bu.",
        "OrderedDict of pairs (Python 2)": b"ccollections\nOrderedDict\n((l(lU\x01aaK\x01aa(lU\x01baK\x02aatR.",
        "INST of a builtin": b"(i__builtin__\nset\n.",
        "OBJ of a builtin": b"(c__builtin__\nset\n]K\x01ao.",
        "bytes without arguments": b"c__builtin__\nbytes\n)R.",
        "set of a list (Python 2)": b"c__builtin__\nset\n(]K\x05atR.",
        "FRAME": b"\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x07.",
        "BINUNICODE8 and BINBYTES8": b"\x80\x04\x8d\x01\x00\x00\x00\x00\x00\x00\x00a\x8e\x01\x00\x00\x00\x00\x00\x00\x00b\x86.",
        "MEMOIZE between PUTs": b"\x80\x04]\x94(\x8c\x01a\x94h\x01h\x00l.",
        "READONLY_BUFFER": b"\x80\x05C\x01a\x98.",
        "bytes after STOP": b"K\x01.garbage",
    }


class Sub(torch.Tensor):
    pass


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Linear(2, 3, bias=False), torch.nn.BatchNorm1d(3))
        self.scale = torch.nn.Parameter(torch.ones(1), requires_grad=False)
        self.register_buffer("mask", torch.ones(2), persistent=False)
        self.head = self.body[0]
        self.width = 3


def modules(net):
    """Every module with what it holds itself, shared ones once a name."""
    rows = []
    for name, module in net.named_modules(remove_duplicate=False):
        kept = module.state_dict()
        rows.append({
            "name": name,
            "class": f"{type(module).__module__}.{type(module).__qualname__}",
            "training": module.training,
            "parameters": [[n, None if p is None else list(p.shape), None if p is None else p.requires_grad]
                           for n, p in module._parameters.items()],
            "buffers": [[n, list(b.shape), n in kept] for n, b in module._buffers.items()],
        })
    return rows


def torch_objects():
    base = torch.arange(24, dtype=torch.float32)
    parameter = torch.nn.Parameter(torch.zeros(2, 3))
    tagged = torch.nn.Parameter(torch.zeros(2))
    tagged.tag = "x"
    attribute = torch.zeros(2)
    attribute.note = [1]
    return {
        "float32": torch.zeros(2, 3),
        "scalar": torch.tensor(1, dtype=torch.int64),
        "empty": torch.empty(0, 5),
        "transposed view": base.view(4, 6).t(),
        "slice with an offset": base[5:9:2],
        "expanded": torch.zeros(3, 1).expand(3, 4),
        "requires grad": torch.zeros(2, requires_grad=True),
        "parameter": parameter,
        "frozen parameter": torch.nn.Parameter(torch.zeros(1), requires_grad=False),
        "parameter with attributes": tagged,
        "tensor with attributes": attribute,
        "buffer": torch.nn.Buffer(torch.zeros(2)),
        "subclass": torch.zeros(2).as_subclass(Sub),
        "parameter of a subclass": torch.nn.Parameter(torch.zeros(2).as_subclass(Sub)),
        "uint16": torch.zeros(3, dtype=torch.uint16),
        "float8_e4m3fn": torch.zeros(3, dtype=torch.float8_e4m3fn),
        "bfloat16": torch.zeros(3, dtype=torch.bfloat16),
        "bool": torch.zeros(3, dtype=torch.bool),
        "complex64 conjugated": torch.zeros(3, dtype=torch.complex64).conj(),
        "negative view": torch.zeros(3, dtype=torch.complex64).conj().imag,
        "meta": torch.empty(2, 3, device="meta"),
        "sparse coo": torch.eye(3).to_sparse(),
        "sparse csr": torch.eye(3).to_sparse_csr(),
        "sparse csc": torch.eye(3).to_sparse_csc(),
        "sparse bsr": torch.eye(4).to_sparse_bsr((2, 2)),
        "sparse bsc": torch.eye(4).to_sparse_bsc((2, 2)),
        "quantized per tensor": torch.quantize_per_tensor(torch.ones(2, 3), 0.5, 3, torch.quint8),
        "quantized per channel": torch.quantize_per_channel(
            torch.ones(2, 3), torch.tensor([0.5, 0.25]), torch.tensor([1, 2]), 0, torch.qint8),
    }


def dumped(value, protocol):
    file = io.BytesIO()
    torch.save(value, file, pickle_protocol=protocol)
    return zipfile.ZipFile(file).read("archive/data.pkl"), file


def facts(tensor):
    strided = tensor.layout == torch.strided
    return {
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape),
        "stride": list(tensor.stride()) if strided else None,
        "offset": tensor.storage_offset() if strided else None,
        "requiresGrad": tensor.requires_grad,
        "layout": str(tensor.layout).removeprefix("torch."),
        "device": str(tensor.device),
        "isParameter": isinstance(tensor, torch.nn.Parameter),
        "isBuffer": isinstance(tensor, torch.nn.Buffer),
        "class": type(tensor).__name__,
        "conj": tensor.is_conj(),
        "neg": tensor.is_neg(),
    }


def text(data):
    return base64.b64encode(data).decode()


def cases():
    opcodes = set()
    python = []
    for name, value in python_objects().items():
        for protocol in range(6):
            data = pickle.dumps(value, protocol)
            opcodes.update(op.name for op, _, _ in pickletools.genops(data))
            loaded = describe(pickle.loads(data))
            python.append({"name": f"{name}, protocol {protocol}", "pickle": text(data), "value": loaded})
    for name, data in assembled().items():
        opcodes.update(op.name for op, _, _ in pickletools.genops(data))
        value = pickle.loads(data, encoding="utf-8")
        python.append({"name": name, "pickle": text(data), "value": describe(value)})
    tensors = []
    for name, value in torch_objects().items():
        for protocol in (2, 4):
            data, file = dumped(value, protocol)
            file.seek(0)
            loaded = torch.load(file, weights_only=False)
            tensors.append({"name": f"{name}, protocol {protocol}", "pickle": text(data), "facts": facts(loaded)})
    nets = []
    net = Net()
    net.body.eval()
    for protocol in (2, 4):
        data, _ = dumped(net, protocol)
        nets.append({"name": f"protocol {protocol}", "pickle": text(data), "modules": modules(net)})
    arrays = []
    for name, array in {
        "float64": np.arange(6.0).reshape(2, 3),
        "big-endian float32": np.arange(3, dtype=">f4"),
        "column-major int16": np.asfortranarray(np.arange(6, dtype="i2").reshape(2, 3)),
        "bool": np.array([True, False]),
        "zero-dimensional": np.array(5),
        "complex": np.array([1 + 2j]),
    }.items():
        for protocol in (2, 4, 5):
            arrays.append({
                "name": f"{name}, protocol {protocol}",
                "pickle": text(pickle.dumps(array, protocol)),
                "dtype": str(array.dtype.newbyteorder("=")),
                "shape": list(array.shape),
                "elements": [describe(item) for item in array.ravel("K").tolist()],
            })
    scalars = []
    for scalar in [np.float64(1.5), np.float32(0.1), np.int64(-(2**62)), np.uint8(7), np.bool_(True), np.complex64(1 + 2j)]:
        for protocol in (2, 4):
            scalars.append({
                "name": f"{type(scalar).__name__}, protocol {protocol}",
                "pickle": text(pickle.dumps(scalar, protocol)),
                "value": describe(scalar.item()),
            })
    return {"opcodes": sorted(opcodes), "python": python, "tensors": tensors, "nets": nets, "arrays": arrays, "scalars": scalars}


if __name__ == "__main__":
    golden = {
        "madeBy": {"script": "test/golden/pickles.py", "python": platform.python_version(),
                   "torch": torch.__version__, "numpy": np.__version__},
        **cases(),
    }
    target = pathlib.Path(__file__).with_suffix(".json")
    rows = []
    for key, value in golden.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            body = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in value)
            rows.append(f"{json.dumps(key)}: [\n{body}\n]")
        else:
            rows.append(f"{json.dumps(key)}: {json.dumps(value)}")
    target.write_text("{\n" + ",\n".join(rows) + "\n}\n")
    print(target.name, target.stat().st_size)
