"""What PyTorch does with wide unsigned integers, 8-bit floats and complex numbers: results, or the texts of refusals.

python rare-dtypes.py > rare-dtypes.json
"""

import json
import sys
import warnings

import torch

warnings.simplefilter("ignore")

DTYPES = ["uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "complex64"]
# What computes; what only moves or counts elements takes all dtypes here, where PyTorch refuses many.
# "x" is the tensor itself, "i" the index 0, "m" a mask.
CALLS = [
    *([name, "x"] for name in (
        "add sub mul div floor_divide remainder fmod maximum minimum eq ne lt le gt ge bitwise_and bitwise_or "
        "bitwise_xor bitwise_left_shift bitwise_right_shift pow logical_and logical_or logical_xor atan2 hypot copysign "
        "heaviside float_power xlogy dot vdot").split()),
    *([name] for name in (
        "neg abs sign sgn square sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh "
        "cosh tanh asinh acosh atanh sigmoid floor ceil round trunc frac bitwise_not logical_not isnan "
        "isreal signbit nan_to_num erf erfc erfinv lgamma digamma sinc deg2rad rad2deg angle conj relu sum prod mean "
        "nansum std var max min amax amin aminmax argmax argmin any all median nanmedian mode "
        "clone").split()),
    ["clamp", 0, 1], ["cumsum", 0], ["cumprod", 0], ["cummax", 0], ["kthvalue", 1], ["roll", 1], ["repeat", 2],
    ["softmax", 0], ["log_softmax", 0], ["pow", 0], ["pow", 1], ["lerp", "x", 0.5],
    ["addcmul", "x", "x"], ["addcdiv", "x", "x"], ["where", "m", "x"],
]  # fmt: skip


def values(made):
    if made.is_complex():
        made = torch.view_as_real(made.resolve_conj())
    if made.is_floating_point():
        made = made.float()
    return [str(v) for v in made.flatten().tolist()]


def answer(call, dtype):
    made = torch.tensor([1.0, 1.0]).to(getattr(torch, dtype))
    args = [{"x": made, "i": torch.tensor([0]), "m": torch.tensor([True, False])}.get(arg, arg) for arg in call[1:]]
    try:
        result = getattr(made, call[0])(*args)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
    parts = result if isinstance(result, tuple) else [result]
    parts = [part if isinstance(part, torch.Tensor) else torch.tensor(part) for part in parts]
    return {"parts": [{"dtype": str(part.dtype)[6:], "values": values(part)} for part in parts]}


lines = [
    json.dumps({"call": call, "dtype": dtype, **answer(call, dtype)}) for call in CALLS for dtype in DTYPES
]
print('{"torch":%s,"cases":[\n%s\n]}' % (json.dumps(torch.__version__), ",\n".join(lines)), file=sys.stdout)
