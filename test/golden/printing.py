"""Records how PyTorch prints tensors and how Python prints numbers and strings.

    python test/golden/printing.py

writes printing.json (a conformance file of the kind "printing") and number-texts.json beside itself.
"""

import base64
import json
import math
import pathlib
import random
import struct
import warnings

import torch

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
RAW = {torch.float4_e2m1fn_x2: torch.uint8}
NARROW = {
    torch.float8_e5m2,
    torch.float8_e4m3fn,
    torch.float8_e5m2fnuz,
    torch.float8_e4m3fnuz,
    torch.float8_e8m0fnu,
}


def number(value):
    if isinstance(value, complex):
        return [number(value.real), number(value.imag)]
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        return "-0" if value == 0 and math.copysign(1, value) < 0 else value
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def encode(t):
    name = str(t.dtype).removeprefix("torch.")
    head = {"dtype": name, "shape": list(t.shape)}
    if t.is_quantized:
        codes = t.int_repr()
        scheme = str(t.qscheme()).removeprefix("torch.")
        if "channel" in scheme:
            quantizer = {
                "scheme": scheme,
                "scales": encode(t.q_per_channel_scales()),
                "zero_points": encode(t.q_per_channel_zero_points()),
                "axis": t.q_per_channel_axis(),
            }
        else:
            quantizer = {"scheme": scheme, "scale": t.q_scale(), "zero_point": t.q_zero_point()}
        return {**head, "data": [number(v) for v in codes.reshape(-1).tolist()], "quantizer": quantizer}
    if t.layout == torch.sparse_coo:
        parts = {"indices": encode(t._indices()), "values": encode(t._values())} if not t.is_meta else {
            "indices": {"dtype": "int64", "shape": list(t._indices().shape), "data": []},
            "values": {"dtype": name, "shape": list(t._values().shape), "data": []},
        }
        return {**head, "layout": "sparse_coo", **parts, **({"device": "meta"} if t.is_meta else {})}
    if t.layout != torch.strided:
        by_row = t.layout in (torch.sparse_csr, torch.sparse_bsr)
        return {
            **head,
            "layout": str(t.layout).removeprefix("torch."),
            "compressed": encode(t.crow_indices() if by_row else t.ccol_indices()),
            "plain": encode(t.col_indices() if by_row else t.row_indices()),
            "values": encode(t.values()),
        }
    if t.is_meta:
        return {**head, "device": "meta"}
    flat = t.detach().resolve_conj().contiguous()
    if t.dtype in RAW:
        flat = flat.view(RAW[t.dtype])
    elif t.dtype in NARROW:
        flat = flat.float()
    return {**head, "data": [number(v) for v in flat.reshape(-1).tolist()]}


cases = []


def case(name, t, **options):
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**options)
    text = repr(t)
    torch.set_printoptions(profile="default")
    node = t.grad_fn
    cases.append(
        {
            "name": name,
            "tensor": encode(t),
            "requires_grad": t.requires_grad,
            "is_parameter": isinstance(t, torch.nn.Parameter),
            "grad_fn": None if node is None else type(node).__name__,
            "options": {k: "inf" if v == math.inf else v for k, v in options.items()},
            "repr": text,
        }
    )


def tensor_cases():
    tensor, generator = torch.tensor, torch.Generator().manual_seed(11)

    def randn(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=torch.float64).mul(16).round().div(8).to(dtype)

    floats = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
    for dtype in [*floats, *sorted(NARROW, key=str)]:
        for shape in [(), (3,), (2, 3), (2, 2, 2)]:
            case(f"{dtype} {list(shape)}", randn(*shape).abs().to(dtype))
        case(f"{dtype} specials", tensor([0.0, -0.0, 1.5, math.nan, math.inf, -math.inf]).to(dtype))
        case(f"{dtype} integral", tensor([0.0, 1.0, 2.0, 64.0, math.nan]).to(dtype))
        case(f"{dtype} empty", torch.empty(0, 2, dtype=dtype))
    for dtype in floats:
        case(f"{dtype} scientific", tensor([0.0001, 1.0, 3000.0, math.nan, 0.0, -7e-5]).to(dtype))
        case(f"{dtype} ties", tensor([0.03125, 0.09375, -0.15625, 2.5, 0.0]).to(dtype))
    integers = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64]
    for dtype in integers:
        signed = dtype not in (torch.uint8, torch.uint16, torch.uint32, torch.uint64)
        case(f"{dtype} 0-d", tensor(7, dtype=dtype))
        case(f"{dtype} matrix", tensor([[0, 100, -3 if signed else 3], [1, 2, 3]], dtype=dtype))
        limits = torch.iinfo(dtype)
        case(f"{dtype} limits", tensor([limits.min, 0, limits.max], dtype=dtype))
        case(f"{dtype} empty", torch.empty(0, dtype=dtype))
    case("int64 empty matrix", torch.empty(3, 0, dtype=torch.int64))
    case("bool 0-d", tensor(True))
    case("bool all true", tensor([True, True]))
    case("bool matrix", tensor([[True, False], [False, False]]))
    case("bool empty", torch.empty(0, dtype=torch.bool))
    for values in [[2.0**-40, 1, math.nan], [2.0**-40, 1], [0, 1], [0, math.nan], [2.0**100, math.nan]]:
        case(f"e8m0 {values}", tensor(values).to(torch.float8_e8m0fnu))
    case("packed 4-bit floats", torch.arange(0, 60, 7, dtype=torch.uint8).view(torch.float4_e2m1fn_x2))

    for dtype in [torch.complex64, torch.complex128, torch.complex32]:
        case(f"{dtype} vector", tensor([1 + 2j, -1.5 - 0.5j, 0j]).to(dtype))
        case(f"{dtype} 0-d", tensor(1 - 2.25j).to(dtype))
        case(f"{dtype} specials", tensor([complex(math.nan, -math.inf), 1 + 1j, complex(-0.0, -0.0)]).to(dtype))
        case(f"{dtype} wraps", torch.complex(randn(14), randn(14) * 16).to(dtype))
        case(f"{dtype} empty", torch.empty(2, 0, dtype=dtype))
    case("complex scientific real part", tensor([1e-7 + 2j, 3 + 4j]))
    case("complex cut", torch.complex(randn(32, 32), randn(32, 32)))
    case("complex real part only zeros", tensor([1j, 2j]))
    case("conjugate view", tensor([1 + 2j, 3 - 4j]).conj())

    case("0-d zero", tensor(0.0))
    case("0-d negative zero", tensor(-0.0))
    case("0-d nan", tensor(math.nan))
    case("0-d 1e10", tensor(1e10))
    case("0-d 1e-10", tensor(1e-10, dtype=torch.float64))
    case("empty vector", torch.empty(0))
    case("empty float64", torch.empty(0, dtype=torch.float64))
    case("empty matrix", torch.empty(0, 3))
    case("empty four dimensions", torch.empty(2, 0, 3, 1))
    case("only zeros", torch.zeros(2, 2))
    case("only nan and inf", tensor([math.nan, -math.inf]))
    case("zeros and nan", tensor([0.0, math.nan, 0.0]))
    case("ratio exactly 1000", tensor([1.0, 1000.0]))
    case("ratio beyond 1000", tensor([1.0, 1001.0]))
    case("ratio exactly 1000, fractions", tensor([0.5, 500.0]))
    case("exactly 1e8", tensor([1e8]))
    case("beyond 1e8", tensor([100000008.0]))
    case("exactly 1e-4 in float64", tensor([1e-4], dtype=torch.float64))
    case("float32 nearest to 1e-4", tensor([1e-4]))
    case("below 1e-4", tensor([0.00009], dtype=torch.float64))
    case("1e300", tensor([1e300, 5e-324], dtype=torch.float64))
    case("denormal float32", tensor([1e-45, 2e-45]))
    case("three digit exponent and nan", tensor([1e-100, math.nan, 1.0], dtype=torch.float64))
    case("all digits of 1e20 when forced", tensor([1e20, 1.0]), sci_mode=False)
    case("all digits of 1e22 when forced", tensor([1e22, 0.5], dtype=torch.float64), sci_mode=False)
    case("zero wider than the column", tensor([-0.0, 1.0]))
    case("inf wider than the column", tensor([-math.inf, 1.0]))
    case("negative widest", tensor([-1.0, 10.0, -100.0]))
    case("minus in scientific", tensor([-1e-9, 1.0]))
    case("rounds up to a new digit", tensor([9.99995, 9.99996], dtype=torch.float64))

    for size in [1000, 1001, 6, 7]:
        case(f"arange {size}", torch.arange(size))
    case("arange float 1001", torch.arange(1001.0))
    case("matrix 32x32", randn(32, 32))
    case("matrix 2x510", randn(2, 510))
    case("matrix 510x2", randn(510, 2))
    case("cube cut in all", randn(12, 11, 8))
    case("cube with a short side", randn(2, 32, 17))
    case("five dimensions", torch.arange(32).reshape(2, 2, 2, 2, 2))
    case("hidden extremes", torch.cat([torch.ones(501), tensor([1e30]), torch.ones(501)]))
    case("transposed", randn(3, 5).t())
    case("expanded", tensor([1.0, 2.0]).expand(3, 2))
    case("stepped", torch.arange(12.0)[1::3])
    case("sizes of one", torch.ones(1, 1, 1, 1))
    case("exactly six rows", randn(6, 170))
    case("seven rows", randn(7, 145))
    case("expanded 340x3", tensor([1.0, 2.5, -3.0]).expand(340, 3))

    for width in [0, 1, 20, 33, 40, 41, 42, 79, 81, 120, 1000]:
        case(f"linewidth {width}", randn(13), linewidth=width)
    for width in range(52, 60):
        case(f"suffix at linewidth {width}", tensor([1.5, -2.0, 3.25], dtype=torch.float64), linewidth=width)
    for width in range(30, 34):
        case(f"suffix after lines at {width}", torch.ones(2, 3, dtype=torch.float64), linewidth=width)
    case("linewidth and dots", torch.arange(1002), linewidth=25)
    case("linewidth of a matrix", randn(2, 9), linewidth=40)
    for precision in [0, 1, 2, 6, 10, 20, 60]:
        case(f"precision {precision}", tensor([0.5, 2.5, -1.125, 1 / 3]), precision=precision)
        case(f"precision {precision} scientific", tensor([2.5e-5, 1e3, -3.5]), precision=precision)
    case("threshold 5", torch.arange(10), threshold=5)
    case("threshold 0", tensor([1.0, 2.0]), threshold=0)
    case("threshold 0 of 0-d", tensor(1.0), threshold=0)
    case("threshold inf", torch.arange(1001), threshold=math.inf)
    case("edgeitems 1", randn(32, 32), edgeitems=1)
    case("edgeitems 5", torch.arange(1002), edgeitems=5)
    case("edgeitems 0", torch.arange(1002), edgeitems=0)
    case("edgeitems 0 matrix", randn(32, 32), edgeitems=0)
    case("edgeitems 0 short", tensor([1.0, 2.0]), edgeitems=0)
    case("edgeitems 0 empty", torch.empty(0), edgeitems=0)
    case("profile short", randn(32, 32), profile="short")
    case("profile full", torch.arange(1001), profile="full")
    case("profile short, precision 3", randn(4), profile="short", precision=3)
    for value in [[1.0, 2.0], [1.5, 2.5], [1e-9, 1.0], [0.0, math.nan], [123456.0, 0.1]]:
        case(f"sci_mode true {value}", tensor(value), sci_mode=True)
        case(f"sci_mode false {value}", tensor(value), sci_mode=False)

    case("parameter", torch.nn.Parameter(randn(2, 2)))
    case("frozen parameter", torch.nn.Parameter(randn(3), requires_grad=False))
    case("half parameter", torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float16)))
    case("meta parameter", torch.nn.Parameter(torch.empty(2, 3, device="meta")))
    case("empty parameter", torch.nn.Parameter(torch.empty(0)))
    leaf = randn(2, 3).requires_grad_()
    case("requires grad", leaf)
    case("addition", leaf + 1)
    case("long grad_fn on a new line", torch.nn.functional.log_softmax(leaf.double(), 1))
    case("sum", leaf.sum())
    case("view of a leaf", leaf.view(3, 2))
    case("0-d requires grad", tensor(1.0, requires_grad=True))
    case("empty with grad_fn", (torch.empty(0, 2, dtype=torch.float64, requires_grad=True) * 2))
    case("half with grad_fn", torch.ones(3, dtype=torch.bfloat16, requires_grad=True) * 2)

    for shape in [(), (0,), (2, 3)]:
        case(f"meta {list(shape)}", torch.empty(shape, device="meta"))
        case(f"meta int64 {list(shape)}", torch.empty(shape, device="meta", dtype=torch.int64))

    coo = torch.sparse_coo_tensor([[0, 1], [2, 0]], [3.0, 4.0], (2, 3))
    case("coo", coo)
    case("coo requires grad", coo.clone().requires_grad_())
    case("coo with grad_fn", coo.clone().requires_grad_() * 2)
    case("coo float64", coo.double())
    case("coo empty", torch.sparse_coo_tensor(size=(2, 3)))
    case("coo meta", coo.to("meta"))
    case("coo parameter", torch.nn.Parameter(coo))
    case("coo many", torch.eye(40).to_sparse())
    case("csr", coo.to_sparse_csr())
    case("csr empty", torch.zeros(2, 3).to_sparse_csr())
    case("csc int32", coo.to_sparse_csc().int())
    case("bsr", torch.eye(4).to_sparse_bsr((2, 2)))
    case("bsc", torch.eye(4).to_sparse_bsc((2, 2)))
    case("csr batch", torch.stack([torch.eye(3), torch.eye(3)]).to_sparse_csr())

    quantize, by_channel = torch.quantize_per_tensor, torch.quantize_per_channel
    source = tensor([[1.0, 2.0, 3.3], [4.0, -5.0, 0.0]])
    for dtype in [torch.qint8, torch.quint8, torch.qint32]:
        case(f"{dtype}", quantize(source, 0.1, 10, dtype))
    case("quantized by a third", quantize(source, 1 / 3, 0, torch.qint8))
    case("quantized 0-d", quantize(tensor(2.5), 0.5, 3, torch.qint8))
    case("quantized empty", quantize(torch.empty(0, 3), 0.5, 3, torch.qint8))
    scales, zeros = tensor([0.1, 0.5]), tensor([1, 2])
    case("quantized by rows", by_channel(source, scales, zeros, 0, torch.qint8))
    case("quantized by columns", by_channel(source, tensor([0.1, 0.37, 0.003]), tensor([0, 3, 5]), 1, torch.qint8))
    case("quantized with float zero points", by_channel(source, scales, tensor([0.5, 0.25]), 0, torch.quint8))


def number_texts():
    rng = random.Random(5)
    values = [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 1e16, 9999999999999998.0, 1e-4]
    values += [0.5, 1.5, 2.5, -2.5, 0.125, 1e21, 1e22, 1e23, 123456789012345680.0, 2.0**70, 25.0, 15e22, 9.5, 99.5]
    single = lambda value: struct.unpack("<f", struct.pack("<f", value))[0]
    short = lambda value: struct.unpack("<f", struct.pack("<I", struct.unpack("<I", struct.pack("<f", value))[0] >> 16 << 16))[0]
    for _ in range(400):
        values.append(single(rng.gauss(0, 1)))
        values.append(short(rng.gauss(0, 1) * 2.0 ** rng.randint(-12, 12)))
        values.append(rng.randint(-5000, 5000) / 2.0 ** rng.randint(0, 9))
        values.append(rng.choice([-1, 1]) * rng.random() * 10.0 ** rng.randint(-30, 24))
        values.append(rng.randint(1, 99999) * 5.0 * 10.0 ** rng.randint(0, 17))
        values.append(rng.randint(1, 9999) * 10.0 ** rng.randint(-25, 25))
    for _ in range(200):
        bits = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
        values.append(bits)
    precisions = [4, 0, 4, 1, 2, 4, 6, 17, 3, 30]
    fixed, exponent = [], []
    for index, value in enumerate(values):
        precision = precisions[index % len(precisions)]
        fixed.append(f"{value:.{precision}f}" if not abs(value) > 1e40 else "")
        exponent.append(f"{value:.{precision}e}")
    texts = ["", "plain", "it's", 'say "hi"', "both ' and \"", "tab\tline\nreturn\rback\\slash", "\x00\x1b\x7f\x80\x9f"]
    texts += ["\u00a0\u00ad\u00ff", "é中文", "\u2028\u200b\ufeff\ue000", "\ud800", "😀\U000e0001\U0010ffff", "a b\u3000c"]
    return {
        "precisions": precisions,
        "values": base64.b64encode(struct.pack(f"<{len(values)}d", *values)).decode(),
        "fixed": " ".join(fixed),
        "exponent": " ".join(exponent),
        "repr": " ".join(map(repr, values)),
        "strings": [[text, repr(text)] for text in texts],
    }


def write(name, content):
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    (HERE / name).write_text(text.replace('{"name":', '\n{"name":') + "\n")


tensor_cases()
write("printing.json", {"kind": "printing", "torch": torch.__version__, "cases": cases})
write("number-texts.json", {"python": __import__("platform").python_version(), **number_texts()})
print(len(cases), "printed tensors")
