"""Records the cases of recorded/*.json with real PyTorch: networks, their names and values, their texts, loads.

    .oracle/bin/python -W ignore test/conformance/record.py
"""

import hashlib
import itertools
import json
import pathlib

import torch

from networks import build, tensor
from record_names import NAME_LOADS, NAMES
from record_networks import FORWARDS, LOADS, NETWORKS
from record_texts import TEXTS

FOLDER = pathlib.Path(__file__).parent / "recorded"


def number(value):
    if isinstance(value, complex):
        return [number(value.real), number(value.imag)]
    if isinstance(value, bool) or isinstance(value, int) and abs(value) <= 2**53:
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return "-0" if value == 0 and str(value) == "-0.0" else value
    return str(value)


def raw(values):
    return values.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if values.numel() else b""


def brief(values):
    flat = values.detach().reshape(-1)
    return {
        "dtype": str(values.dtype)[6:],
        "shape": list(values.shape),
        "numel": values.numel(),
        "sha1": hashlib.sha1(raw(values)).hexdigest(),
        "head": [number(x) for x in flat[:2].tolist()],
        "tail": [number(x) for x in flat[-1:].tolist()],
    }


def computed(values):
    flat = values.detach().double().reshape(-1)
    largest = flat.abs().max().item() if flat.numel() else 0
    return {
        "dtype": str(values.dtype)[6:],
        "shape": list(values.shape),
        "largest": number(largest),
        "head": [number(float(f"{x:.9g}")) for x in flat[:8].tolist()],
    }


def totals(path, module):
    own = list(module.parameters(recurse=False))
    every = list(module.parameters())
    count = lambda tensors: sum(t.numel() for t in tensors)
    return {
        "path": path,
        "type": type(module).__name__,
        "own_params": count(own),
        "own_trainable": count(p for p in own if p.requires_grad),
        "total_params": count(every),
        "total_trainable": count(p for p in every if p.requires_grad),
        "own_buffers": count(module.buffers(recurse=False)),
        "total_buffers": count(module.buffers()),
        "param_bytes": sum(p.numel() * p.element_size() for p in every),
        "n_param_tensors": len(every),
        "training": module.training,
    }


def forward(net, inputs, is_eval):
    torch.manual_seed(1)
    if is_eval:
        net.eval()
    given = net(*[tensor(x) for x in inputs])

    def flat(value):
        return [value] if torch.is_tensor(value) else [t for item in value for t in flat(item)] if value is not None else []

    outputs = flat(given)
    # Different factors for the elements: the sum of squares of what a norm gives is constant, with gradients of noise.
    loss = sum((output * torch.arange(output.numel()).cos().view_as(output)).sum() for output in outputs if output.requires_grad)
    loss.backward()
    grads = [[name, None if p.grad is None else computed(p.grad)] for name, p in net.named_parameters()]
    return {"inputs": inputs, "eval": is_eval, "outputs": [computed(o) for o in outputs], "grads": grads}


def naming(name, spec, seed, run=None):
    torch.manual_seed(seed)
    net = build(spec)
    case = {
        "name": name,
        "spec": spec,
        "seed": seed,
        "rng_next_rand": torch.rand(1).item(),
        "cls": type(net).__name__,
        "repr": repr(net),
        "named_parameters": [[n, list(p.shape), str(p.dtype)[6:], p.requires_grad] for n, p in net.named_parameters()],
        "named_parameters_prefix_norecurse": [n for n, _ in net.named_parameters(prefix="root", recurse=False)],
        "named_buffers": [[n, list(b.shape), str(b.dtype)[6:]] for n, b in net.named_buffers()],
        "named_modules": [[n, type(m).__name__] for n, m in net.named_modules()],
        "named_modules_with_duplicates": [n for n, _ in net.named_modules(remove_duplicate=False)],
        "named_children": [[n, type(m).__name__] for n, m in net.named_children()],
        "named_parameters_with_duplicates": [n for n, _ in net.named_parameters(remove_duplicate=False)],
        "state_dict": [[n, brief(t)] for n, t in net.state_dict().items()],
        "state_dict_metadata": [[n, dict(facts)] for n, facts in net.state_dict()._metadata.items()],
        "totals": [totals(n, m) for n, m in net.named_modules()],
    }
    if run is not None:
        case["forward"] = forward(net, *run)
    case["half_dtypes"] = [[n, str(t.dtype)[6:]] for n, t in net.half().state_dict().items()]
    return case


def heads(net):
    return [[n, [number(x) for x in t.reshape(-1)[:6].tolist()]] for n, t in net.state_dict().items()]


def load(name, spec, edits, strict=True, keep_metadata=True, assign=False):
    torch.manual_seed(0)
    net = build(spec)
    state = net.state_dict()
    for action, *rest in edits:
        if action == "set":
            state[rest[0]] = tensor(rest[1])
        elif action == "set_list":
            state[rest[0]] = rest[1]
        elif action == "del":
            del state[rest[0]]
        elif action == "rename":
            state[rest[1]] = state.pop(rest[0])
        elif action == "clear":
            state.clear()
    if not keep_metadata:
        state = dict(state)
    try:
        keys = net.load_state_dict(state, strict=strict, assign=assign)
        result = {"ok": [list(keys.missing_keys), list(keys.unexpected_keys)], "after": heads(net)}
    except Exception as error:
        result = {"error": type(error).__name__, "message": error.args[0]}
    case = {"name": name, "net": spec, "seed": 0, "edits": edits, "strict": strict, "keep_metadata": keep_metadata}
    return {**case, **({"assign": True} if assign else {}), "result": result}


def text(spec):
    torch.manual_seed(0)
    try:
        return {"module": spec, "repr": repr(build(spec))}
    except Exception as error:
        return {"module": spec, "error": type(error).__name__, "message": error.args[0]}


def write(kind, cases, file=None):
    lines = ",\n".join(json.dumps(case) for case in cases)
    head = f'{{"kind": "{kind}", "torch": "{torch.__version__}", "cases": [\n'
    (FOLDER / f"{file or kind.replace('_', '-')}.json").write_text(f"{head}{lines}\n]}}\n")
    print(f"{file or kind}: {len(cases)} cases")


FOLDER.mkdir(exist_ok=True)
write("naming", [naming(name, spec, k, FORWARDS.get(name)) for k, (name, spec) in enumerate(NETWORKS.items())])
write("naming", [naming(name, spec, 0) for name, spec in NAMES.items()], "names")
write("load_state_dict", [load(*case) for case in LOADS + NAME_LOADS])
write("repr", [text(spec) for spec in itertools.chain(TEXTS, NETWORKS.values())])
