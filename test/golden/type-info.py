"""Asks PyTorch what numbers dtypes hold, and for a few facts about shapes; writes type-info.json beside this file.

    python test/golden/type-info.py

Read by type-info.test.ts.
"""

import json
from pathlib import Path

import torch

FLOATS = "float64 float32 float16 bfloat16 complex64 complex128 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu int32 bool".split()
INTEGERS = "uint8 int8 int16 int32 int64 uint16 uint32 uint64 bool float32 complex64".split()
SHAPES = [[], [[2, 1], [3]], [[2, 1], [3], 3], [[2], [3]], [[4, 2, 1], [5, 2, 3]], [[-1]], [5], [[0, 1], [1, 3]], [[1, 1], []]]
TRIANGLES = [
    [name, rows, columns, options]
    for name in ("tril_indices", "triu_indices")
    for rows, columns, options in [
        (3, 4, {}),
        (4, 3, {"offset": 1}),
        (3, 3, {"offset": -1, "dtype": "int32"}),
        (2, 2, {"offset": 5}),
        (2, 2, {"offset": -5}),
        (0, 3, {}),
        (-1, 2, {}),
        (1, -2, {}),
        (2, 2, {"dtype": "float32"}),
        (2, 2, {"dtype": "int16"}),
    ]
]


def answer(ask):
    try:
        return ask()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def float_facts(name):
    info = torch.finfo(getattr(torch, name))
    fields = "bits eps max min smallest_normal tiny resolution dtype".split()
    return {"text": str(info), **{field: getattr(info, field) for field in fields}}


def integer_facts(name):
    info = torch.iinfo(getattr(torch, name))
    return {"text": str(info), "bits": info.bits, "min": str(info.min), "max": str(info.max), "dtype": info.dtype}


def triangle(name, rows, columns, options):
    given = {**options, **({"dtype": getattr(torch, options["dtype"])} if "dtype" in options else {})}
    made = getattr(torch, name)(rows, columns, **given)
    return {"dtype": str(made.dtype), "values": made.tolist()}


golden = {
    "torch": torch.__version__,
    "floats": [{"dtype": name, "answer": answer(lambda: float_facts(name))} for name in FLOATS],
    "integers": [{"dtype": name, "answer": answer(lambda: integer_facts(name))} for name in INTEGERS],
    "shapes": [{"shapes": shapes, "answer": answer(lambda: list(torch.broadcast_shapes(*shapes)))} for shapes in SHAPES],
    "triangles": [{"call": call, "answer": answer(lambda: triangle(*call))} for call in TRIANGLES],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=1) + "\n")
