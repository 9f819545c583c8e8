"""Writes down what PyTorch, Python and NumPy load from the containers that are no zip of torch.save.

Run from the project, after test/fixtures/make-containers.py: python test/golden/containers.py
Real files are read from ../shared/real where that folder is there. Result: test/golden/containers.json.
"""

import json
import pathlib
import pickle
import sys

import numpy
import torch
from torch.package import PackageImporter

PROJECT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(PROJECT / "test" / "golden"))
import checkpoints  # noqa: E402

REAL = ["mtcnn-pnet.legacy.pt", "lpips-alex.python2.pth", "numpy-arrays.legacy.pt", "storage-view.legacy.pt", "legacy-model.bin"]

# Files in which storages are windows of others: PyTorch counts offsets from the window, the catalog from the storage.
WINDOWS = ["storage-view.legacy.pt", "checkpoint.tar", "module.tar"]


def tensors(value):
    """Arrays and storages as the tensors over them; arrays whose elements PyTorch lacks stay what they are."""
    if isinstance(value, torch.TypedStorage):
        return torch.empty(0, dtype=value.dtype).set_(value)
    if isinstance(value, torch.UntypedStorage):
        return torch.empty(0, dtype=torch.uint8).set_(value)
    if isinstance(value, numpy.ndarray):
        if value.dtype.kind not in "fiubc":
            return None
        native = torch.from_numpy(value.astype(value.dtype.newbyteorder("="), order="K"))
        # NumPy has strides of 0 in an array without elements; PyTorch makes such a tensor with others.
        return native if native.numel() else torch.empty_like(native, memory_format=torch.contiguous_format)
    if type(value) in (list, tuple):
        return type(value)(tensors(item) for item in value)
    if type(value) is dict:
        return {key: tensors(item) for key, item in value.items()}
    return value


def load(file):
    folder = file.parent.name
    if folder == "pickle":
        return tensors(pickle.loads(file.read_bytes()))
    if folder == "numpy":
        found = numpy.load(file, allow_pickle=True)
        if isinstance(found, numpy.ndarray):
            return tensors(found.item() if found.dtype == object else found)
        return tensors(dict(found.items()))
    if folder == "package":
        importer = PackageImporter(str(file))
        return {
            "models": {
                "net.pkl": importer.load_pickle("models", "net.pkl"),
                "parts": {"state.pkl": importer.load_pickle("models.parts", "state.pkl")},
                "traced.pkl": importer.load_pickle("models", "traced.pkl"),
            }
        }
    value = torch.load(file, weights_only=False, map_location="cpu")
    has_tensors = not file.name.endswith(("arrays.pth", "arrays.legacy.pt", "storages.pth", "storage-view.legacy.pt", ".tar"))
    return value if has_tensors else tensors(value)


def golden(file):
    found, modules = [], []
    checkpoints.walk(load(file), [], found, modules)
    for module in modules:
        # Each fx module has a class of its own, made as it is loaded.
        module["class"] = module["class"].replace("GraphModule.__new__.<locals>.GraphModuleImpl", "GraphModule")
    for entry in found:
        if file.name in WINDOWS:
            entry.pop("offset")
    return {"entries": found, **({"modules": modules} if modules else {})}


def main():
    folders = ("legacy", "tar", "pickle", "numpy", "package")
    files = {
        path.relative_to(PROJECT).as_posix(): path
        for folder in folders
        for path in sorted((PROJECT / "test" / "fixtures" / folder).iterdir())
        if path.name != "untyped.pth"
    }
    real = PROJECT.parent / "shared" / "real"
    if real.exists():
        files |= {f"../shared/real/{name}": real / name for name in REAL}
    result = {
        "versions": {"torch": torch.__version__, "numpy": numpy.__version__, "python": sys.version.split()[0]},
        "files": {name: golden(path) for name, path in files.items()},
    }
    text = json.dumps(result, ensure_ascii=True)
    # One line an entry, so that a difference can be read.
    text = text.replace('{"path"', '\n{"path"').replace('"test/', '\n"test/').replace('"../', '\n"../')
    (PROJECT / "test" / "golden" / "containers.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
