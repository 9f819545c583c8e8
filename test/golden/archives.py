"""Writes down what PyTorch, gguf and onnx load from the archives of programs and from the files of other makers.

Run from the project, after test/fixtures/make-archives.py: python test/golden/archives.py
Besides PyTorch it takes the packages gguf and onnx. Real files are read from ../shared/real where that folder is there.
Result: test/golden/archives.json.
"""

import hashlib
import json
import pathlib
import sys

import gguf
import numpy
import onnx
import torch
from gguf.quants import dequantize

PROJECT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(PROJECT / "test" / "golden"))
import checkpoints  # noqa: E402
from checkpoints import describe  # noqa: E402

FIXTURES = PROJECT / "test" / "fixtures"
# PyTorch gives no names to what is in the one, and reads archives of 1.0 in other builds only. The tests say what these
# hold.
WITHOUT = ["dynamic.jit", "old.jit"]

REAL = ["anydrive-lstm.torchscript.pt", "silero-vad.jit"]


def numbered(base, tensors):
    return [describe([base, index], tensor) for index, tensor in enumerate(tensors)]


def unpacked(base, pair):
    return [describe([*base, index], tensor) for index, tensor in enumerate(pair)]


# Tensors that are neither parameters nor buffers, and the weights of quantized layers, in the order of the file.
REST = {
    "shared.jit": lambda m: [describe(["scale"], m.scale), describe(["extra", "k"], m.extra["k"])],
    "frozen.jit": lambda m: numbered("constants", m.code_with_constants[1].const_mapping.values()),
    "frozen.ptl": lambda m: numbered("constants", m.code_with_constants[1].const_mapping.values()),
    "quantized.jit": lambda m: [
        describe(["body.conv.weight"], m.body.conv._weight_bias()[0]),
        describe(["body.conv.bias"], m.body.conv._weight_bias()[1]),
        *unpacked(["body.fc._packed_params._packed_params"], m.body.fc._packed_params._weight_bias()),
    ],
    "silero-vad.jit": lambda m: [
        describe(["_state"], m._state),
        describe(["_context"], m._context),
        describe(["constants", 0], torch.zeros(0)),
    ],
}  # fmt: skip


def of_script(module, prefix, found, modules):
    """Parameters, buffers, then children; `named_…(recurse=False)` of a script module has its own ones only."""
    modules.append({"path": [prefix[:-1]] if prefix else [], "class": module.original_name, "training": getattr(module, "training", None)})
    for name, tensor in module.named_parameters(recurse=False, remove_duplicate=False):
        found.append(describe([prefix + name], tensor, "parameter"))
    for name, tensor in module.named_buffers(recurse=False, remove_duplicate=False):
        found.append(describe([prefix + name], tensor, "buffer"))
    for name, child in module.named_children():
        of_script(child, f"{prefix}{name}.", found, modules)


def script(file):
    module = torch.jit.load(file, map_location="cpu")
    found, modules = [], []
    of_script(module, "", found, modules)
    found += REST.get(file.name, lambda _: [])(module)
    return {"entries": found, "modules": modules}


def exported(file):
    program = torch.export.load(file)
    signature = program.graph_signature
    buffers = set(signature.buffers)
    found = []
    for name, tensor in program.state_dict.items():
        kind = "parameter" if isinstance(tensor, torch.nn.Parameter) else "buffer"
        if type(tensor) in (torch.Tensor, torch.nn.Parameter):
            found.append(describe([name], tensor, kind))
        else:
            plain = {"path": [name], "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape)}
            found.append({**plain, "requiresGrad": tensor.requires_grad, "kind": kind, "layout": "absent"})
    for name, tensor in program.constants.items():
        found.append(describe([name], tensor, "buffer" if name in buffers else None))
    return {"entries": found}


def of_numpy(path, array, dtype, shape, **more):
    return {
        "path": [path], "dtype": dtype, "shape": [int(size) for size in shape],
        **more, "sha256": hashlib.sha256(numpy.ascontiguousarray(array).tobytes()).hexdigest(),
    }  # fmt: skip


# Types of blocks that the catalog decodes too.
DECODED = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4", "NVFP4", "TQ1_0", "TQ2_0"]  # fmt: skip
PLAIN = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64"} | {f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)}


def of_gguf(file):
    found = []
    reader = gguf.GGUFReader(file)
    for tensor in reader.tensors:
        name, kind = tensor.name, tensor.tensor_type.name
        shape = tensor.shape[::-1]
        if kind in PLAIN:
            data = tensor.data if reader.byte_order == "I" or tensor.data.dtype.itemsize == 1 else tensor.data.astype(tensor.data.dtype.newbyteorder("<"))
            found.append(of_numpy(name, data, PLAIN[kind], shape))
            continue
        entry = {"path": [name], "dtype": "float32", "shape": [int(size) for size in shape], "layout": "blocks", "type": kind}
        if kind in DECODED and reader.byte_order == "I":
            data = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
            entry["sha256"] = hashlib.sha256(data.tobytes()).hexdigest()
        found.append(entry)
    return {"entries": found}


def of_onnx(file):
    found = []
    for tensor in onnx.load(file, load_external_data=False).graph.initializer:
        if tensor.data_type == onnx.TensorProto.STRING:
            continue
        if tensor.data_type == onnx.TensorProto.INT4:
            array = onnx.numpy_helper.to_array(tensor).astype(numpy.int8)
            found.append(of_numpy(tensor.name, array, "int8", array.shape, layout="blocks", type="INT4"))
        elif tensor.external_data:
            found.append({"path": [tensor.name], "dtype": "float32", "shape": list(tensor.dims), "layout": "absent"})
        else:
            array = onnx.numpy_helper.to_array(tensor)
            found.append(of_numpy(tensor.name, array, array.dtype.name, array.shape))
    return {"entries": found}


READERS = {".jit": script, ".pt": script, ".ptl": script, ".pt2": exported, ".gguf": of_gguf, ".onnx": of_onnx}


def main():
    paths = [path for folder in ("torchscript", "export", "gguf", "onnx") for path in sorted((FIXTURES / folder).iterdir())]
    files = {path.relative_to(PROJECT).as_posix(): path for path in paths if path.name not in WITHOUT}
    real = PROJECT.parent / "shared" / "real"
    if real.exists():
        files |= {f"../shared/real/{name}": real / name for name in REAL}
    result = {
        "versions": {"torch": torch.__version__, "onnx": onnx.__version__, "numpy": numpy.__version__},
        "files": {name: READERS[path.suffix](path) for name, path in files.items()},
    }
    text = json.dumps(result, ensure_ascii=True)
    # One line an entry, so that a difference can be read.
    text = text.replace('{"path"', '\n{"path"').replace('"test/', '\n"test/').replace('"../', '\n"../')
    (PROJECT / "test" / "golden" / "archives.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
