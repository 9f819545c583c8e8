"""What real PyTorch loads from files, as JSON: one description a path given on standard input, in order.

Everything that loading can tell is in it: containers with their classes and orders, `_metadata`, and of tensors the
class, dtype, shape, stride, offset, flags, which storage they share, and the sha256 of their elements.
"""

import collections
import hashlib
import json
import sys

import safetensors
import torch


def elements(tensor):
    tensor = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return hashlib.sha256(bytes(tensor.reshape(-1).view(torch.uint8).numpy()) if tensor.numel() else b"").hexdigest()


class Describer:
    def __init__(self):
        self.storages = {}
        self.open = set()

    def tensor(self, tensor):
        facts = {
            "class": type(tensor).__name__,
            "dtype": str(tensor.dtype),
            "shape": list(tensor.shape) if not tensor.is_nested else None,
            "requires_grad": tensor.requires_grad,
            "layout": str(tensor.layout),
            "device": str(tensor.device),
        }
        if tensor.is_quantized:
            facts["quantized"] = hashlib.sha256(bytes(tensor.int_repr().contiguous().numpy())).hexdigest()
            facts["quantizer"] = str(tensor.qscheme())
            if tensor.qscheme() == torch.per_tensor_affine:
                facts["quantizer"] += f" {tensor.q_scale()} {tensor.q_zero_point()}"
        elif tensor.is_nested:
            facts["parts"] = [self.tensor(part) for part in tensor.unbind()]
        elif tensor.layout == torch.sparse_coo:
            facts["parts"] = [self.tensor(tensor._indices()), self.tensor(tensor._values())]
        elif tensor.layout != torch.strided:
            facts["parts"] = [self.tensor(tensor.values())]
        elif tensor.device.type != "meta":
            storage = tensor.untyped_storage()
            number = self.storages.setdefault(storage._cdata, len(self.storages))
            facts.update(
                stride=list(tensor.stride()),
                offset=tensor.storage_offset(),
                storage=[number, storage.nbytes()],
                sha256=elements(tensor),
            )
        return facts

    def value(self, value):
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        if id(value) in self.open:
            return "cycle"
        if isinstance(value, (dict, list, tuple, set, frozenset)):
            self.open.add(id(value))
            if isinstance(value, dict):
                facts = {
                    "class": type(value).__name__,
                    "items": [[repr(key), self.value(item)] for key, item in value.items()],
                }
                if hasattr(value, "_metadata"):
                    facts["_metadata"] = [[key, repr(item)] for key, item in value._metadata.items()]
            else:
                items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
                facts = {"class": type(value).__name__, "items": [self.value(item) for item in items]}
            self.open.discard(id(value))
            return facts
        return f"{type(value).__name__} {value!r}"[:2000]


def describe(path):
    try:
        if path.endswith(".safetensors"):
            import safetensors.torch

            with safetensors.safe_open(path, "pt") as file:
                metadata = file.metadata()
            loaded = dict(sorted(safetensors.torch.load_file(path).items()))
            return {"metadata": metadata, "value": Describer().value(loaded)}
        return {"value": Describer().value(torch.load(path, weights_only=True))}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error).split("\n")[0][:300]}


print(json.dumps({"torch": torch.__version__, "files": [describe(line.rstrip("\n")) for line in sys.stdin]}))
