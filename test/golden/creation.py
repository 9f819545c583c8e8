"""What PyTorch makes of calls that create tensors, also random ones: values, dtypes, strides and refusals.

python creation.py > creation.json
"""

import json
import math
import warnings

import torch

warnings.simplefilter("ignore")

dtypes = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "uint8", "bool"]
nan, inf = math.nan, math.inf

# Name here, function of PyTorch, arguments, options. A text in quotes is a dtype; a number that is whole is an int.
calls = []


def each_dtype(name, *args):
    calls.extend([name, list(args), {"dtype": dtype}] for dtype in dtypes)


for bounds in [(0, 1, 0.1), (0.3, 77, 0.7), (-5, 5, 0.25), (3, -4, -0.3), (0, 100, 3), (2, 2, 1)]:
    each_dtype("arange", *bounds)
calls += [["arange", list(args), {}] for args in [(5,), (1, 5), (0.5, 3), (0,), (-3,), (0, 5, 0), (0, 5, -1)]]
calls += [["arange", list(args), {}] for args in [(0, "inf"), (0, "nan"), (1e40,)]]
for bounds in [(0, 1, 5), (-3.5, 7.75, 100), (10, 0, 33), (0.1, 0.9, 67), (0, 10, 4), (1, 2, 1), (1, 2, 0), (0, 1, -1)]:
    each_dtype("linspace", *bounds)
for bounds in [(0, 2, 3), (0.5, 1, 7), (1, 0, 2), (0, 1, -2)]:
    each_dtype("logspace", *bounds)
calls.append(["logspace", [0, 3, 4], {"base": 2}])
for lengths in [(3,), (2, 3), (0,), (3, 0), (-1,), (2, -1)]:
    each_dtype("eye", *lengths)
for shape in [[2, 3], [], [0, 2], [-1], [2, -3]]:
    calls += [[name, [shape], {}] for name in ["zeros", "ones", "empty", "rand", "randn"]]
    calls += [["full", [shape, value], {}] for value in [1, 1.5, True]]
for value in [3.7, 300, -3, -300, 1e300, "nan", "inf", 70000, 2**31]:
    each_dtype("full", [2], value)
for dtype in dtypes:
    options = {"dtype": dtype}
    calls += [["rand", [[17]], options], ["randn", [[5]], options], ["randn", [[20]], options]]
    calls += [["randint", [5, [6]], options], ["randint", [-2, 3, [6]], options], ["randperm", [7], options]]
calls += [["randint", args, {}] for args in [[5, 5, [2]], [5, 0, [2]], [2**40, [3]]]]
calls += [["randperm", [-1], {}], ["normal", [1, 2, [3, 4]], {}], ["normal", [0, -1, [2]], {}]]


def plain(value):
    return float(value) if isinstance(value, str) else value


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


cases = []
for name, args, options in calls:
    torch.manual_seed(7)
    keywords = {k: getattr(torch, v) if k == "dtype" else v for k, v in options.items()}
    case = {"name": name, "args": args, "options": options}
    try:
        made = getattr(torch, name)(*[plain(a) for a in args], **keywords)
        values = made.double() if made.is_floating_point() else made
        case |= {
            "dtype": str(made.dtype)[6:],
            "shape": list(made.shape),
            "values": [] if name == "empty" else [number(v) for v in values.reshape(-1).tolist()],
        }
    except Exception as error:
        case["error"] = f"{type(error).__name__}: {error}".split("\n")[0]
    cases.append(json.dumps(case, separators=(",", ":")))
print('{"torch":' + json.dumps(torch.__version__) + ',"cases":[\n' + ",\n".join(cases) + "\n]}")
