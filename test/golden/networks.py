"""Records networks of all families under a seed: names, shapes, state dicts, texts, digests, and every element of outputs and gradients.

    .oracle/bin/python test/golden/networks.py

writes networks.json beside itself. The networks are those of the conformance cases, which have a description, and the classes
below, whose twins are in networks-own.ts.
"""

import base64
import hashlib
import json
import pathlib
import sys
import warnings

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "conformance"))
from networks import build, tensor  # noqa: E402
from record_networks import FORWARDS, NETWORKS  # noqa: E402

warnings.simplefilter("ignore")
torch.set_num_threads(1)


class Residual(nn.Module):
    """A block with a shortcut, as in ResNet."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(4)
        self.downsample = nn.Sequential(nn.Conv2d(2, 4, 1, stride=2, bias=False), nn.BatchNorm2d(4))
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return self.fc(F.relu(y + self.downsample(x)).mean((2, 3)))


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 4, 3, padding=1)])
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(4, 3, 2, stride=2)
        self.last = nn.Conv2d(6, 1, 1)

    def forward(self, x):
        first = F.silu(self.down[0](x))
        second = F.silu(self.down[1](self.pool(first)))
        return self.last(torch.cat([self.up(second), first], 1))


class Variational(nn.Module):
    """Draws noise in its forward pass."""

    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(6, 5), nn.Tanh())
        self.mu = nn.Linear(5, 2)
        self.logvar = nn.Linear(5, 2)
        self.decode = nn.Sequential(nn.Linear(2, 5), nn.ELU(), nn.Dropout(0.25), nn.Linear(5, 6), nn.Sigmoid())

    def forward(self, x):
        hidden = self.encode(x)
        mu, logvar = self.mu(hidden), self.logvar(hidden)
        return self.decode(mu + torch.randn_like(mu) * (logvar * 0.5).exp()), mu, logvar


class TiedLanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(9, 4, padding_idx=0)
        self.rnn = nn.LSTM(4, 4, num_layers=2, batch_first=True)
        self.head = nn.Linear(4, 9)
        self.head.weight = self.embed.weight

    def forward(self, words):
        return self.head(self.rnn(self.embed(words))[0]).log_softmax(-1)


class Block(nn.Module):
    """Attention that sees the past only; its mask is a buffer that is not saved."""

    def __init__(self):
        super().__init__()
        self.ln_1 = nn.LayerNorm(6)
        self.c_attn = nn.Linear(6, 18)
        self.c_proj = nn.Linear(6, 6)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(6, 12), "act": nn.GELU("tanh"), "c_proj": nn.Linear(12, 6)})
        self.register_buffer("mask", torch.ones(4, 4).tril().bool(), persistent=False)

    def forward(self, x):
        q, k, v = self.c_attn(self.ln_1(x)).split(6, -1)
        scores = (q @ k.transpose(-2, -1)) / 6**0.5
        x = x + self.c_proj(scores.masked_fill(~self.mask, float("-inf")).softmax(-1) @ v)
        return x + self.mlp["c_proj"](self.mlp["act"](self.mlp["c_fc"](x)))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = nn.ModuleDict(
            {"wte": nn.Embedding(7, 6), "wpe": nn.Embedding(4, 6), "h": nn.ModuleList([Block(), Block()]), "ln_f": nn.LayerNorm(6, bias=False)}
        )
        self.lm_head = nn.Linear(6, 7, bias=False)
        self.lm_head.weight = self.transformer["wte"].weight

    def forward(self, words):
        parts = self.transformer
        x = parts["wte"](words) + parts["wpe"](torch.arange(4))
        for block in parts["h"]:
            x = block(x)
        return self.lm_head(parts["ln_f"](x))


class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(3, 3, bias=False)
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(3, 4), nn.Mish(), nn.Linear(4, 2)) for _ in range(3)])
        self.experts[1].requires_grad_(False)

    def forward(self, x):
        weights = self.gate(x).softmax(-1)
        return sum(expert(x) * weights[:, k : k + 1] for k, expert in enumerate(self.experts))


class Twins(nn.Module):
    """One module under two names, and a parameter of its own that comes first in the list."""

    def __init__(self):
        super().__init__()
        self.left = nn.Sequential(nn.Linear(4, 4), nn.PReLU(4))
        self.right = self.left
        self.similar = nn.CosineSimilarity()
        self.scale = nn.Parameter(torch.full((1,), 3.0))

    def forward(self, a, b):
        return self.similar(self.left(a), self.right(b)) * self.scale


class Averages(nn.Module):
    """Buffers of all kinds, which the forward pass writes."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("steps", torch.tensor(0))
        self.register_buffer("last", torch.zeros(2, 3), persistent=False)
        self.register_buffer("unset", None)
        self.linear = nn.Linear(3, 3)
        self.norm = nn.BatchNorm1d(3, momentum=None)

    def forward(self, x):
        with torch.no_grad():
            self.mean.mul_(0.9).add_(x.mean(0) * 0.1)
            self.steps += 1
            self.last.copy_(x[:2])
        return self.norm(self.linear(x - self.mean))


class Polynomial(nn.Module):
    def __init__(self):
        super().__init__()
        self.terms = nn.ParameterList([nn.Parameter(torch.randn(2)) for _ in range(3)])
        self.named = nn.ParameterDict({"shift": nn.Parameter(torch.zeros(2)), "gain": nn.Parameter(torch.rand(2))})
        self.register_parameter("none", None)

    def forward(self, x):
        powers = sum(term * x**k for k, term in enumerate(self.terms))
        return (powers + self.named["shift"]) * self.named["gain"]


class Attending(nn.Module):
    """An encoder, and a decoder that looks at all its states."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(3, 4, bidirectional=True)
        self.query = nn.Bilinear(4, 8, 1)
        self.cell = nn.GRUCell(8, 4)
        self.out = nn.utils.weight_norm(nn.Linear(4, 2))

    def forward(self, x):
        states = self.encoder(x)[0]
        hidden = x.new_zeros(x.shape[1], 4)
        outputs = []
        for _ in range(2):
            weights = self.query(hidden.expand(len(states), -1, -1).contiguous(), states).softmax(0)
            hidden = self.cell((weights * states).sum(0), hidden)
            outputs.append(self.out(hidden))
        return torch.stack(outputs)


class Mobile(nn.Module):
    """Convolutions by channel, squeezed and excited."""

    def __init__(self):
        super().__init__()
        self.depth = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        self.norm = nn.GroupNorm(2, 4)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 2, 1), nn.Hardswish(), nn.Conv2d(2, 4, 1), nn.Hardsigmoid())
        self.point = nn.Conv2d(4, 8, 1)
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x):
        x = F.relu6(self.norm(self.depth(x)))
        return self.shuffle(self.point(x * self.squeeze(x)))


class Vision(nn.Module):
    """Patches, a class token and positions of its own, through an encoder."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(1, 4, 2, stride=2)
        self.token = nn.Parameter(torch.zeros(1, 1, 4))
        self.positions = nn.Parameter(torch.randn(1, 5, 4) * 0.02)
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4), enable_nested_tensor=False)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.head(self.encoder(x)[:, 0])


class Temporal(nn.Module):
    """Dilated convolutions that see the past only; the weights of two are one."""

    def __init__(self):
        super().__init__()
        self.pad = nn.ConstantPad1d((4, 0), 0.0)
        self.convs = nn.ModuleList([nn.Conv1d(2, 2, 3, dilation=2) for _ in range(3)])
        self.convs[2].weight = self.convs[0].weight
        self.norm = nn.InstanceNorm1d(2, affine=True, track_running_stats=True)
        self.pool = nn.LPPool1d(2, 2)

    def forward(self, x):
        for conv in self.convs:
            x = x + torch.tanh(conv(self.pad(x)))
        return self.pool(self.norm(x))


def randn(*shape):
    return {"randn": list(shape)}


def words(*shape):
    count = torch.Size(shape).numel()
    return {"data": [k % 7 for k in range(count)], "shape": list(shape), "dtype": "int64"}


OWN = [
    (Residual, [randn(3, 2, 6, 6)]), (Unet, [randn(2, 1, 4, 4)]), (Variational, [randn(4, 6)]), (TiedLanguageModel, [words(2, 5)]),
    (Gpt, [words(2, 4)]), (Experts, [randn(4, 3)]), (Twins, [randn(3, 4), randn(3, 4)]), (Averages, [randn(5, 3)]),
    (Polynomial, [randn(3, 2)]), (Attending, [randn(3, 2, 3)]), (Mobile, [randn(2, 4, 4, 4)]), (Vision, [randn(2, 1, 4, 4)]),
    (Temporal, [randn(2, 2, 6)]),
]

# Too large for what they add.
LEFT_OUT = {"large"}


def digest(value):
    return hashlib.sha256(value.detach().contiguous().numpy().tobytes()).hexdigest()


def described(name, value):
    return [name, str(value.dtype)[6:], list(value.shape), value.requires_grad, digest(value)]


def numbers(value):
    """All elements, in base64."""
    return [str(value.dtype)[6:], list(value.shape), base64.b64encode(value.detach().contiguous().numpy().tobytes()).decode()]


def flat(output):
    if isinstance(output, torch.Tensor):
        return [output]
    return [tensor for item in output for tensor in flat(item)] if isinstance(output, (tuple, list)) else []


def record(make, inputs, is_eval):
    torch.manual_seed(0)
    net = make()
    state = net.state_dict()
    facts = {
        "parameters": [described(name, value) for name, value in net.named_parameters()],
        "duplicates": [name for name, _ in net.named_parameters(remove_duplicate=False)],
        "buffers": [described(name, value) for name, value in net.named_buffers()],
        "modules": [[name, type(module).__name__] for name, module in net.named_modules()],
        "state": [[name, digest(value)] for name, value in state.items()],
        "metadata": list(state._metadata.items()),
        "repr": repr(net),
    }
    torch.manual_seed(1)
    given = [tensor(literal) for literal in inputs]
    outputs = flat(net.train(not is_eval)(*given))
    parts = [(output * torch.arange(output.numel()).cos().reshape(output.shape)).sum() for output in outputs if output.requires_grad]
    sum(parts[1:], parts[0]).backward()
    return {
        **facts,
        "inputs": inputs,
        "eval": is_eval,
        "outputs": [numbers(output) for output in outputs],
        "gradients": [[name, None if value.grad is None else numbers(value.grad)] for name, value in net.named_parameters()],
        "buffersAfter": [[name, numbers(value)] for name, value in net.named_buffers()],
    }


def main():
    networks = {}
    for name, (inputs, is_eval) in FORWARDS.items():
        if name not in LEFT_OUT:
            networks[name] = {"spec": NETWORKS[name], **record(lambda: build(NETWORKS[name]), inputs, is_eval)}
    for cls, inputs in OWN:
        networks[cls.__name__] = record(cls, inputs, False)
    text = json.dumps({"torch": torch.__version__, "networks": networks}, separators=(",", ":"))
    (HERE / "networks.json").write_text(text + "\n")
    print(f"{len(networks)} networks, {len(text)} bytes")


main()
