"""Asks PyTorch how it decodes and encodes the elements of every dtype; writes dtypes.json beside this file.

    python test/golden/dtypes.py

Read by src/dtype.test.ts. Numbers stand as the hexadecimal bits of a float64, because JSON has no NaN; every NaN has
the same bits here, since its payload is nobody's business.
"""

import hashlib
import json
import math
import random
import struct
from pathlib import Path

import torch

SMALL = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]
HALVES = ["float16", "bfloat16"]
FLOATS = SMALL + HALVES + ["float32"]
INTEGERS = ["int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"]
CODES = {1: torch.uint8, 2: torch.uint16, 4: torch.uint32, 8: torch.uint64}


def dtype(name):
    return getattr(torch, name)


def bits(value):
    return "7ff8000000000000" if math.isnan(value) else struct.pack(">d", value).hex()


def codes_of(tensor):
    """The elements as they lie in memory, one hexadecimal number each."""
    size = tensor.element_size()
    raw = tensor.contiguous().view(torch.uint8).reshape(-1, size).tolist()
    return ["".join(f"{byte:02x}" for byte in reversed(element)) for element in raw]


def decoded(name):
    """All codes of a dtype of one or two bytes, as the numbers they stand for."""
    size = dtype(name).itemsize
    all_codes = torch.arange(256**size, dtype=torch.int32).to(CODES[size])
    values = all_codes.view(dtype(name)).to(torch.float64).tolist()
    return [bits(value) for value in values]


def inputs():
    """Numbers at which rounding goes wrong: codes, their middles, and the neighbours of both; and random ones."""
    numbers = {0.0, 1.0, 0.1, 1 / 3, math.inf, 65504.0, 65519.0, 65519.99, 65520.0, 448.0, 464.0, 57344.0, 61440.0,
               240.0, 248.0, 5e-324, 1e-45, 1.4e-45, 7e-46, 1.17549435e-38, 3.4028234663852886e38, 3.4028235677973366e38,
               1e39, 1e300, 2.0**-149, 2.0**-150, 2.0**-127, 2.0**-126, 2.0**-24, 2.0**-25, 1 + 2.0**-8, 1 + 2.0**-9,
               1 + 2.0**-11 + 2.0**-40, 1 + 2.0**-24, 1 + 2.0**-24 + 2.0**-53, 1 + 2.0**-25}
    rng = random.Random(7)
    for name in SMALL:
        values = sorted({v for v in dtype_values(name) if math.isfinite(v) and v >= 0})
        for low, high in zip(values, values[1:]):
            middle = (low + high) / 2
            # Beside the middle, also for float32, which a float64 neighbour is rounded away from.
            beside = [math.nextafter(middle, 0), math.nextafter(middle, math.inf), middle * (1 - 2.0**-22), middle * (1 + 2.0**-22)]
            numbers |= {rng.choice([middle, *beside])}
    for name in HALVES:
        values = sorted({v for v in dtype_values(name) if math.isfinite(v) and v >= 0})
        for at in rng.sample(range(len(values) - 1), 40) + [0, 1, 2, len(values) - 2]:
            middle = (values[at] + values[at + 1]) / 2
            numbers |= {middle, math.nextafter(middle, 0), math.nextafter(middle, math.inf)}
    numbers |= {rng.uniform(-1, 1) * 2.0 ** rng.randint(-160, 140) for _ in range(100)}
    both = sorted(numbers | {-number for number in rng.sample(sorted(numbers), len(numbers) // 4)})
    return [math.nan, -0.0, *both]


def dtype_values(name):
    size = dtype(name).itemsize
    return torch.arange(256**size, dtype=torch.int32).to(CODES[size]).view(dtype(name)).to(torch.float64).tolist()


def main():
    numbers = inputs()
    source = torch.tensor(numbers, dtype=torch.float64)
    rng = random.Random(11)
    whole = [0, 1, -1, 127, 128, 255, 256, 300, -129, 32767, 32768, 65535, 65536, -32769, 2**31 - 1, 2**31, -(2**31) - 1,
             2**32, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**60 + 2**36, 2**60 + 2**36 + 1, 2**60 + 3 * 2**36,
             2**60 + 3 * 2**36 - 1]
    whole += [rng.randint(-(2**63), 2**63 - 1) for _ in range(60)]
    integers = torch.tensor(whole, dtype=torch.int64)
    truncated = [0.5, -0.5, 1.5, -1.5, 2.999999, -2.999999, 126.99, -127.99]
    fractions = torch.tensor(truncated, dtype=torch.float64)
    pairs = [[1.5, -2.25], [0.1, 1e300], [math.inf, -0.0], [65519.0, 65520.0]]
    complexes = torch.tensor([complex(*pair) for pair in pairs], dtype=torch.complex128)
    golden = {
        "torch": torch.__version__,
        "decode": {name: decoded(name) for name in SMALL}
        | {name: hashlib.sha256("".join(decoded(name)).encode()).hexdigest() for name in HALVES},
        "encode": {
            "inputs": [bits(number) for number in numbers],
            "outputs": {name: " ".join(codes_of(source.to(dtype(name)))) for name in FLOATS} | {"bool": " ".join(codes_of(source.bool()))},
        },
        "integers": {
            "inputs": [str(value) for value in whole],
            "outputs": {
                name: " ".join(codes_of(integers.to(dtype(name))))
                for name in INTEGERS + HALVES + ["float32", "float64", "bool"]
            },
        },
        "truncation": {
            "inputs": truncated,
            "outputs": {name: " ".join(codes_of(fractions.to(dtype(name)))) for name in INTEGERS if name[0] == "i"},
        },
        "complex": {
            "inputs": [[bits(part) for part in pair] for pair in pairs],
            "outputs": {
                name: " ".join(codes_of(torch.view_as_real(complexes.to(dtype(name)))))
                for name in ["complex32", "complex64", "complex128"]
            },
        },
        "facts": {
            name: {"itemSize": dtype(name).itemsize, "isFloat": dtype(name).is_floating_point, "isComplex": dtype(name).is_complex, "isSigned": dtype(name).is_signed}
            for name in FLOATS + INTEGERS + ["float64", "bool", "complex32", "complex64", "complex128", "float4_e2m1fn_x2"]
        },
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, indent=0) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes, {len(numbers)} numbers")


main()
