"""Records what PyTorch's modules do: names, order, texts, errors, state dicts, containers, hooks, copies.

    python test/golden/naming.py

writes naming.json beside itself: for each case what it gave, or the error. naming.test.ts does the same things here.
"""

import copy
import json
import pathlib
import warnings
from collections import OrderedDict

import torch
from torch import nn

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
CASES = {}


def case(run):
    CASES[run.__name__] = run
    return run


def plain(value):
    if isinstance(value, torch.Tensor):
        return {"shape": list(value.shape), "dtype": str(value.dtype)[6:], "values": value.detach().double().flatten().tolist()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, nn.Module):
        return repr(value)
    return value


class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(2))
        self.weight = nn.Parameter(torch.ones(2))
        self.register_buffer("passing", torch.ones(1), persistent=False)
        self.register_parameter("empty", None)

    def forward(self, x):
        return x * self.weight


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.inner = Inner()
        self.scale = nn.Parameter(torch.full((2,), 3.0))
        self.second = nn.Linear(2, 2, bias=False)

    def forward(self, x):
        return self.second(self.inner(self.first(x))) * self.scale


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 2)
        self.b = nn.Linear(2, 2)
        self.b.weight = self.a.weight
        self.c = self.a


def net():
    torch.manual_seed(0)
    return Net()


def names(pairs):
    return [name for name, _ in pairs]


# ---- walks ----------------------------------------------------------------------------------------------------------


@case
def walks():
    m = net()
    return [names(m.named_parameters()), names(m.named_buffers()), names(m.named_modules()), names(m.named_children())]


@case
def walks_with_prefix():
    m = net()
    return [names(m.named_parameters(prefix="p")), names(m.named_buffers(prefix="p")), names(m.named_modules(prefix="p"))]


@case
def walks_without_recursion():
    m = net()
    return [names(m.named_parameters(recurse=False)), names(m.inner.named_buffers(recurse=False)), len(list(m.parameters(recurse=False)))]


@case
def walks_of_ties():
    m = Tied()
    return [
        names(m.named_parameters()),
        names(m.named_parameters(remove_duplicate=False)),
        names(m.named_modules()),
        names(m.named_modules(remove_duplicate=False)),
        names(m.named_children()),
        list(m.state_dict()),
        len(list(m.parameters())),
    ]


@case
def walks_with_memo():
    m = net()
    return names(m.named_modules(memo={m.inner}))


@case
def own_parameters_first():
    m = nn.Module()
    m.child = nn.Linear(1, 1)
    m.register_buffer("b", torch.zeros(1))
    m.w = nn.Parameter(torch.zeros(1))
    m.other = nn.Identity()
    m.v = nn.Parameter(torch.zeros(1))
    return [names(m.named_parameters()), list(m.state_dict())]


@case
def integer_like_names_keep_their_order():
    m = nn.Module()
    m.register_parameter("10", nn.Parameter(torch.zeros(1)))
    m.register_parameter("a", nn.Parameter(torch.zeros(1)))
    m.register_parameter("2", nn.Parameter(torch.zeros(1)))
    m.add_module("7", nn.Identity())
    m.add_module("x", nn.Linear(1, 1))
    m.add_module("3", nn.Linear(1, 1))
    return [names(m.named_parameters()), names(m.named_modules()), repr(m)]


@case
def null_keeps_the_place():
    m = nn.Module()
    m.a = nn.Parameter(torch.zeros(1))
    m.b = nn.Parameter(torch.zeros(1))
    list(m.parameters())
    m.a = None
    first = names(m.named_parameters())
    m.a = nn.Parameter(torch.ones(1))
    return [first, names(m.named_parameters())]


@case
def delete_and_define_again_moves_to_the_end():
    m = nn.Module()
    m.a = nn.Parameter(torch.zeros(1))
    m.b = nn.Parameter(torch.zeros(1))
    list(m.parameters())
    del m.a
    m.a = nn.Parameter(torch.ones(1))
    return names(m.named_parameters())


@case
def null_child_is_printed():
    m = nn.Module()
    m.add_module("opt", None)
    m.a = nn.Identity()
    list(m.modules())
    m.a = None
    return [repr(m), names(m.named_children()), list(m.state_dict())]


@case
def null_that_never_held_anything():
    m = nn.Module()
    m.opt = None
    return [repr(m), names(m.named_children())]


@case
def plain_tensor_in_a_buffer():
    m = Inner()
    m.passing = torch.full((3,), 2.0)
    m.mean = torch.full((2,), 5.0)
    return [list(m.state_dict()), names(m.named_buffers()), plain(m.mean)]


@case
def plain_tensor_is_no_buffer():
    m = nn.Module()
    m.t = torch.zeros(1)
    return [names(m.named_buffers()), list(m.state_dict())]


@case
def buffer_class_brings_its_own_persistence():
    m = Inner()
    m.passing = nn.Buffer(torch.zeros(1))
    m.mean = nn.Buffer(torch.zeros(1), persistent=False)
    return list(m.state_dict())


@case
def parameter_over_module_moves():
    m = nn.Module()
    m.a = nn.Linear(1, 1)
    list(m.modules())
    m.a = nn.Parameter(torch.zeros(1))
    return [names(m.named_parameters()), names(m.named_modules())]


# ---- registration ---------------------------------------------------------------------------------------------------


@case
def parameter_name_no_string():
    nn.Module().register_parameter(1, None)


@case
def parameter_name_with_dot():
    nn.Module().register_parameter("a.b", None)


@case
def parameter_name_empty():
    nn.Module().register_parameter("", None)


@case
def parameter_name_taken():
    nn.Module().register_parameter("forward", None)


@case
def parameter_name_training():
    nn.Module().register_parameter("training", None)


@case
def parameter_name_of_a_field():
    m = nn.Module()
    m.w = 3
    m.register_parameter("w", nn.Parameter(torch.zeros(1)))


@case
def parameter_name_of_a_null_field():
    m = nn.Module()
    m.w = None
    m.register_parameter("w", nn.Parameter(torch.zeros(1)))


@case
def parameter_name_of_a_buffer():
    Inner().register_parameter("mean", None)


@case
def parameter_no_parameter():
    nn.Module().register_parameter("w", torch.zeros(1))


@case
def parameter_of_int():
    nn.Module().register_parameter("w", 3)


@case
def parameter_overwritten_keeps_its_place():
    m = Inner()
    m.register_parameter("other", nn.Parameter(torch.zeros(1)))
    m.register_parameter("weight", nn.Parameter(torch.zeros(3)))
    return [[n, list(p.shape)] for n, p in m.named_parameters()]


@case
def buffer_name_no_string():
    nn.Module().register_buffer(1, None)


@case
def buffer_name_with_dot():
    nn.Module().register_buffer("a.b", None)


@case
def buffer_name_empty():
    nn.Module().register_buffer("", None)


@case
def buffer_name_taken():
    Inner().register_buffer("weight", torch.zeros(1))


@case
def buffer_no_tensor():
    nn.Module().register_buffer("b", 3)


@case
def module_name_no_string():
    nn.Module().add_module(1, nn.Identity())


@case
def module_name_with_dot():
    nn.Module().add_module("a.b", nn.Identity())


@case
def module_name_empty():
    nn.Module().add_module("", nn.Identity())


@case
def module_name_taken():
    Inner().add_module("mean", nn.Identity())


def registered(kind, name):
    m = net()
    if kind == "parameter":
        m.register_parameter(name, nn.Parameter(torch.ones(1)))
    elif kind == "buffer":
        m.register_buffer(name, torch.ones(1))
    else:
        m.add_module(name, nn.Identity())
    return [names(m.named_parameters()), names(m.named_buffers()), names(m.named_modules())]


@case
def names_of_pythons_methods_are_taken():
    def outcome(kind, name):
        try:
            return registered(kind, name)
        except KeyError as error:
            return error.args[0]

    return [outcome(kind, name) for name in ("named_parameters", "register_buffer", "half", "extra_repr", "_modules", "__class__", "T_destination") for kind in ("parameter", "buffer", "module")]


@case
def names_of_other_languages_methods_are_free():
    return [registered(kind, name) for name in ("namedParameters", "stateDict", "toString", "constructor", "__proto__", "hasOwnProperty", "call") for kind in ("parameter", "buffer", "module")]


@case
def names_of_methods_stay_usable():
    m = nn.Module()
    m.add_module("stateDict", nn.Linear(1, 1))
    m.add_module("__proto__", nn.Linear(1, 1))
    m.add_module("toString", nn.Identity())
    copied = copy.deepcopy(m).double()
    return [repr(copied), list(copied.state_dict()), str(copied.get_parameter("__proto__.weight").dtype), str(m.get_parameter("__proto__.weight").dtype)]


@case
def names_of_another_kind():
    def message(run):
        try:
            return run()
        except AttributeError as error:
            return str(error)

    m = net()
    return [message(run) for run in (lambda: m.get_parameter(3), lambda: m.get_buffer(None), lambda: m.get_submodule(3), lambda: m.set_submodule(3, nn.ReLU()))]


@case
def get_submodule_of_pythons_method():
    net().get_submodule("state_dict")


@case
def get_submodule_of_another_languages_method():
    net().get_submodule("stateDict")


@case
def set_submodule_with_the_name_of_a_method():
    net().set_submodule("inner.half", nn.Identity())


@case
def module_no_module():
    nn.Module().add_module("a", 3)


@case
def assign_int_to_parameter():
    m = Inner()
    m.weight = 3
    list(m.parameters())


@case
def assign_tensor_to_parameter():
    m = Inner()
    m.weight = torch.zeros(1, dtype=torch.int64)
    list(m.parameters())


@case
def assign_int_to_module():
    m = net()
    m.inner = 3
    list(m.parameters())


@case
def assign_tensor_to_module():
    m = net()
    m.inner = torch.zeros(1)
    list(m.parameters())


@case
def assign_string_to_buffer():
    m = Inner()
    m.mean = "x"
    list(m.buffers())


@case
def assign_module_to_parameter():
    m = Inner()
    m.weight = nn.Linear(1, 1)
    list(m.parameters())


@case
def register_module_as_parameter():
    nn.Module().register_parameter("w", nn.Sequential())


@case
def register_module_as_buffer():
    nn.Module().register_buffer("w", nn.ModuleList())


@case
def add_tensor_as_module():
    nn.Module().add_module("a", torch.zeros(1))


@case
def sequential_add_module():
    three() + nn.Identity()


@case
def numbered_by_add_module():
    s = nn.Sequential()
    for k in range(20):
        s.add_module(str(k), nn.Linear(k + 1, k + 2))
    return [repr(s[19]), repr(s[17:]), len(s)]


# ---- lookup ---------------------------------------------------------------------------------------------------------


@case
def get_parameter():
    return list(net().get_parameter("first.weight").shape)


@case
def get_parameter_missing():
    net().get_parameter("first.wieght")


@case
def get_parameter_missing_module():
    net().get_parameter("nope.weight")


@case
def get_parameter_of_buffer():
    net().get_parameter("inner.mean")


@case
def get_parameter_null():
    net().get_parameter("inner.empty")


@case
def get_parameter_through_parameter():
    net().get_parameter("scale.weight")


@case
def get_parameter_double_dot():
    net().get_parameter("inner..weight")


@case
def get_parameter_empty():
    net().get_parameter("")


@case
def get_buffer():
    return list(net().get_buffer("inner.mean").shape)


@case
def get_buffer_of_parameter():
    net().get_buffer("inner.weight")


@case
def get_buffer_missing():
    net().get_buffer("inner.meen")


@case
def get_submodule():
    m = net()
    return [repr(m.get_submodule("first")), m.get_submodule("") is m]


@case
def get_submodule_missing():
    net().get_submodule("first.foo")


@case
def get_submodule_no_module():
    net().get_submodule("first.weight")


@case
def set_submodule():
    m = net()
    m.set_submodule("inner", nn.Identity())
    m.set_submodule("first.extra", nn.Identity())
    return repr(m)


@case
def set_submodule_empty():
    net().set_submodule("", nn.Identity())


@case
def set_submodule_no_module():
    net().set_submodule("inner", 3)


@case
def set_submodule_strict():
    net().set_submodule("foo", nn.Identity(), strict=True)


@case
def set_submodule_over_parameter():
    net().set_submodule("scale", nn.Identity())


@case
def set_submodule_missing_parent():
    net().set_submodule("foo.bar", nn.Identity())


# ---- modes, calls ---------------------------------------------------------------------------------------------------


@case
def forward_missing():
    nn.Module()(1)


@case
def train_no_bool():
    nn.Module().train(1)


@case
def train_and_eval():
    m = net()
    m.inner.eval()
    first = [x.training for x in m.modules()]
    m.eval()
    second = [x.training for x in m.modules()]
    m.train()
    return [first, second, [x.training for x in m.modules()]]


@case
def apply_visits_children_first():
    seen = []
    net().apply(lambda x: seen.append(type(x).__name__))
    return seen


@case
def requires_grad_():
    m = net().requires_grad_(False)
    return [p.requires_grad for p in m.parameters()]


@case
def zero_grad():
    m = net()
    m(torch.ones(1, 2)).sum().backward()
    m.zero_grad()
    first = [p.grad is None for p in m.parameters()]
    m(torch.ones(1, 2)).sum().backward()
    m.zero_grad(set_to_none=False)
    return [first, [plain(p.grad) for p in m.parameters()]]


@case
def casts():
    m = net()
    parameter, mean = m.scale, m.inner.mean
    m.register_buffer("count", torch.tensor(3))
    m(torch.ones(1, 2)).sum().backward()
    m.half()
    halves = [str(t.dtype) for t in [*m.parameters(), *m.buffers()]]
    same = [m.scale is parameter, m.inner.mean is mean, str(m.scale.grad.dtype)]
    m.to(torch.float64)
    return [halves, same, [str(t.dtype) for t in [*m.parameters(), *m.buffers()]], list(m.state_dict()), m.scale.requires_grad]


@case
def casts_keep_ties():
    m = Tied().half()
    return [m.a.weight is m.b.weight, len(list(m.parameters()))]


@case
def casts_part_tied_buffers():
    m = nn.Module()
    m.register_buffer("x", torch.ones(1))
    m.register_buffer("y", m.x)
    same = [m.x is m.y, m.float().x is m.y]
    return same + [m.half().x is m.y, names(m.named_buffers())]


@case
def to_meta_parts_ties():
    m = Tied()
    same = m.to_empty(device="cpu").a.weight is m.b.weight
    return [same, m.to("meta").a.weight is m.b.weight, names(m.named_parameters()), m.c is m.a]


@case
def cast_to_int():
    net().to(torch.int32)


@case
def cast_to_cuda():
    net().to("cuda")


@case
def meta_to_cpu():
    nn.Linear(2, 2, device="meta").to("cpu")


@case
def to_meta():
    m = net().to("meta")
    return [str(p.device) for p in [*m.parameters(), *m.buffers()]]


@case
def meta_to_empty():
    m = nn.Linear(2, 3, device="meta").to_empty(device="cpu")
    return [list(m.weight.shape), str(m.weight.device), m.weight.requires_grad]


# ---- hooks ----------------------------------------------------------------------------------------------------------


@case
def forward_hooks():
    m = nn.Identity()
    seen = []
    m.register_forward_pre_hook(lambda mod, args: seen.append("pre1"))
    m.register_forward_pre_hook(lambda mod, args: args[0] + 1)
    m.register_forward_pre_hook(lambda mod, args: seen.append("pre0"), prepend=True)
    m.register_forward_hook(lambda mod, args, out: seen.append(["post", plain(args[0]), plain(out)]))
    m.register_forward_hook(lambda mod, args, out: out * 2)
    handle = m.register_forward_hook(lambda mod, args, out: seen.append("removed"))
    handle.remove()
    return [plain(m(torch.ones(1))), seen]


@case
def forward_hook_called_always():
    class Bad(nn.Module):
        def forward(self, x):
            raise RuntimeError("bad")

    m = Bad()
    seen = []
    m.register_forward_hook(lambda mod, args, out: seen.append("sometimes"))
    m.register_forward_hook(lambda mod, args, out: seen.append("always"), always_call=True)
    try:
        m(torch.ones(1))
    except RuntimeError as error:
        seen.append(str(error))
    return seen


@case
def backward_hooks():
    m = net()
    seen = []
    m.inner.register_full_backward_hook(lambda mod, gi, go: seen.append([plain(gi), plain(go)]))
    m.inner.register_full_backward_pre_hook(lambda mod, go: seen.append(["pre", plain(go)]))
    m(torch.ones(1, 2)).sum().backward()
    return [seen, plain(m.first.weight.grad)]


@case
def backward_hook_replaces_the_gradient():
    m = net()
    m.inner.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 10,))
    m(torch.ones(1, 2)).sum().backward()
    return [plain(m.first.weight.grad), plain(m.inner.weight.grad)]


@case
def backward_pre_hook_replaces_the_gradient():
    m = net()
    m.inner.register_full_backward_pre_hook(lambda mod, go: (go[0] * 10,))
    m(torch.ones(1, 2)).sum().backward()
    return [plain(m.first.weight.grad), plain(m.inner.weight.grad)]


@case
def backward_hook_without_input_gradient():
    m = Inner()
    seen = []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append([plain(gi), plain(go)]))
    m(torch.ones(2)).sum().backward()
    return seen


@case
def backward_hook_with_wrong_count():
    m = net()
    m.inner.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0]))
    m(torch.ones(1, 2)).sum().backward()


# ---- state dicts ----------------------------------------------------------------------------------------------------


@case
def state_dict():
    return list(net().state_dict())


@case
def state_dict_metadata():
    return [[k, v["version"]] for k, v in net().state_dict()._metadata.items()]


@case
def state_dict_prefix():
    s = net().state_dict(prefix="x.")
    return [list(s), list(s._metadata)]


@case
def state_dict_shares_memory():
    m = net()
    s = m.state_dict()
    with torch.no_grad():
        m.scale.fill_(7)
    kept = m.state_dict(keep_vars=True)
    return [plain(s["scale"]), s["scale"].requires_grad, kept["scale"] is m.scale]


@case
def state_dict_text():
    return str(nn.Linear(0, 1, bias=False).state_dict())


@case
def state_dict_hook_returns():
    m = net()
    m.register_state_dict_post_hook(lambda mod, s, prefix, meta: s)
    m.state_dict()


@case
def state_dict_hooks():
    m = net()
    seen = []
    m.inner.register_state_dict_pre_hook(lambda mod, prefix, keep: seen.append(["pre", prefix, keep]))

    def post(mod, s, prefix, meta):
        seen.append(["post", prefix, meta["version"]])
        del s[prefix + "mean"]

    m.inner.register_state_dict_post_hook(post)
    return [list(m.state_dict()), seen]


class Extra(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1))
        self.n = 5

    def get_extra_state(self):
        return self.n

    def set_extra_state(self, state):
        self.n = state


@case
def extra_state():
    m = nn.Sequential(Extra(), nn.Identity())
    s = m.state_dict()
    s["0._extra_state"] = 9
    m.load_state_dict(s)
    return [list(s), m[0].n]


@case
def extra_state_missing():
    m = Extra()
    s = m.state_dict()
    del s["_extra_state"]
    m.load_state_dict(s)


@case
def extra_state_unexpected():
    m = nn.Linear(1, 1)
    s = m.state_dict()
    s["_extra_state"] = 1
    m.load_state_dict(s)


def edited(edit, **options):
    m = net()
    s = m.state_dict()
    edit(s)
    return str(m.load_state_dict(s, **options))


@case
def load_own():
    return edited(lambda s: None)


@case
def load_missing():
    return edited(lambda s: s.pop("first.bias"))


@case
def load_unexpected():
    return edited(lambda s: s.update({"foo": torch.zeros(1), "inner.x.y": torch.zeros(1), "first.z": torch.zeros(1)}))


@case
def load_everything_wrong():
    def edit(s):
        del s["inner.weight"]
        s["first.weight"] = torch.zeros(3, 2)
        s["scale"] = [1, 2]
        s["extra"] = torch.zeros(1)

    return edited(edit)


@case
def load_not_strict():
    def edit(s):
        del s["inner.weight"]
        s["extra"] = torch.zeros(1)

    return edited(edit, strict=False)


@case
def load_not_strict_with_wrong_size():
    return edited(lambda s: s.update({"first.weight": torch.zeros(3, 2)}), strict=False)


@case
def load_unexpected_passing_buffer():
    return edited(lambda s: s.update({"inner.passing": torch.zeros(1), "inner.empty": torch.zeros(1)}))


@case
def load_module_name_as_key():
    return edited(lambda s: s.update({"first": torch.zeros(1), "scale.deep": torch.zeros(1)}))


@case
def load_list():
    net().load_state_dict([1])


@case
def load_module_as_value():
    return net().load_state_dict({"scale": nn.ReLU(), "inner.mean": True}, strict=False)


@case
def load_int():
    net().load_state_dict(3)


@case
def load_tensor():
    net().load_state_dict(torch.zeros(1))


@case
def load_scalar_from_vector():
    m = nn.Module()
    m.s = nn.Parameter(torch.tensor(1.0))
    m.load_state_dict({"s": torch.tensor([4.0])})
    return plain(m.s)


@case
def load_vector_of_two_into_scalar():
    m = nn.Module()
    m.s = nn.Parameter(torch.tensor(1.0))
    m.load_state_dict({"s": torch.tensor([4.0, 5.0])})


@case
def load_converts():
    m = nn.Module()
    m.register_buffer("n", torch.tensor([0, 0]))
    m.w = nn.Parameter(torch.zeros(2))
    w = m.w
    m.load_state_dict({"n": torch.tensor([1.7, -2.7]), "w": torch.tensor([1, 2], dtype=torch.int32)})
    return [plain(m.n), plain(m.w), m.w is w]


@case
def load_tied_last_wins():
    m = Tied()
    s = m.state_dict()
    s = OrderedDict((k, torch.full(v.shape, float(i))) for i, (k, v) in enumerate(s.items()))
    m.load_state_dict(s)
    return [plain(m.a.weight), plain(m.a.bias), plain(m.b.bias)]


@case
def load_assign():
    m = net()
    w = m.first.weight
    s = OrderedDict((k, v.double() + 1) for k, v in m.state_dict().items())
    m.scale.requires_grad_(False)
    m.load_state_dict(s, assign=True)
    return [
        m.first.weight is w,
        str(m.first.weight.dtype),
        m.inner.mean is s["inner.mean"],
        m.scale.requires_grad,
        m.first.weight.requires_grad,
        names(m.named_buffers()),
        list(m.state_dict()),
    ]


@case
def load_assign_wrong_size():
    m = nn.Linear(2, 2)
    m.load_state_dict({"weight": torch.zeros(3, 2), "bias": torch.zeros(2)}, assign=True)


@case
def load_from_meta():
    nn.Linear(1, 1).load_state_dict(nn.Linear(1, 1, device="meta").state_dict())


@case
def load_hooks():
    m = net()
    seen = []

    def pre(mod, s, prefix, meta, strict, missing, unexpected, errors):
        seen.append(["pre", prefix, len(s), meta.get("version")])
        s[prefix + "weight"] = s.pop(prefix + "old_weight")

    m.inner.register_load_state_dict_pre_hook(pre)
    m.inner.register_load_state_dict_post_hook(lambda mod, keys: seen.append(["post", list(keys.missing_keys)]))
    s = m.state_dict()
    s["inner.old_weight"] = s.pop("inner.weight")
    return [str(m.load_state_dict(s)), seen]


@case
def load_post_hook_forgives():
    m = net()
    m.register_load_state_dict_post_hook(lambda mod, keys: keys.missing_keys.clear())
    s = m.state_dict()
    del s["scale"]
    return str(m.load_state_dict(s))


@case
def load_post_hook_returns():
    m = net()
    m.register_load_state_dict_post_hook(lambda mod, keys: keys)
    m.load_state_dict(m.state_dict())


# ---- text -----------------------------------------------------------------------------------------------------------


@case
def texts():
    return [
        repr(m)
        for m in [
            nn.Module(),
            net(),
            nn.Linear(2, 3, bias=False),
            nn.Bilinear(1, 2, 3),
            nn.Identity(),
            nn.Sequential(),
            nn.Sequential(nn.Sequential(nn.Linear(1, 1)), nn.Identity()),
            nn.ModuleList(),
            nn.ModuleList([nn.Linear(1, 2)]),
            nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2), nn.Identity(), nn.Linear(1, 2)]),
            nn.ModuleList([nn.Sequential(nn.Identity()), nn.Sequential(nn.Identity())]),
            nn.ModuleDict({"a": nn.Identity(), "b": nn.ModuleList([nn.Identity(), nn.Identity()])}),
            nn.ParameterList(),
            nn.ParameterList([torch.zeros(2)]),
            nn.ParameterList([torch.zeros(2, 3), 5, "x", torch.zeros(())]),
            nn.ParameterDict({"b": torch.zeros(2), "a": torch.zeros(1, 2).double()}),
            nn.ParameterDict({"b": torch.zeros(2)}),
        ]
    ]


class Lines(nn.Module):
    def __init__(self, text, child):
        super().__init__()
        self.text = text
        if child:
            self.child = nn.Identity()

    def extra_repr(self):
        return self.text


@case
def extra_lines():
    return [repr(Lines(text, child)) for text in ["", "one", "one\ntwo", "one\n\ntwo\n   "] for child in [False, True]] + [
        repr(nn.Sequential(Lines("one\n\ntwo\n   ", False)))
    ]


# ---- containers -----------------------------------------------------------------------------------------------------


def three():
    return nn.Sequential(nn.Linear(1, 2), nn.Identity(), nn.Linear(2, 3))


def named():
    return nn.Sequential(OrderedDict([("in", nn.Linear(1, 2)), ("mid", nn.Identity()), ("out", nn.Linear(2, 3))]))


@case
def sequential_of_dict():
    nn.Sequential({"a": nn.Identity(), "1": nn.Identity()})


@case
def sequential_of_int():
    nn.Sequential(nn.Identity(), 3)


@case
def sequential_index():
    s = three()
    return [repr(s[0]), repr(s[-1]), len(s), [repr(m) for m in s]]


@case
def sequential_index_out_of_range():
    return three()[3]


@case
def sequential_index_below_range():
    return three()[-4]


@case
def sequential_slices():
    s = three()
    return [repr(s[1:]), repr(s[:-1]), repr(s[::2]), repr(s[::-1]), repr(s[5:]), repr(s[-2:]), repr(named()[1:])]


@case
def sequential_slice_positions():
    s = three()[1:]
    return [repr(s[0]), repr(s.get_submodule("1")), list(s.state_dict())]


@case
def sequential_slice_missing_name():
    return three()[1:].get_submodule("0")


@case
def sequential_set():
    s = named()
    s[1] = nn.Linear(2, 2)
    t = three()
    t[0] = nn.Identity()
    return [repr(s), repr(t)]


@case
def sequential_set_out_of_range():
    three()[3] = nn.Identity()


@case
def sequential_set_no_module():
    three()[0] = 3


@case
def sequential_delete():
    s = three()
    del s[1]
    t = named()
    del t[0]
    u = three()
    del u[:2]
    return [repr(s), repr(t), repr(u)]


@case
def sequential_pop():
    s = three()
    popped = s.pop(-1)
    return [repr(popped), repr(s)]


@case
def sequential_append():
    return [repr(three().append(nn.Identity())), repr(named().append(nn.Identity()))]


@case
def sequential_append_may_overwrite():
    s = nn.Sequential(OrderedDict([("1", nn.Linear(1, 1))]))
    s.append(nn.Identity())
    return repr(s)


@case
def sequential_append_no_module():
    three().append(3)


@case
def sequential_insert():
    return [repr(three().insert(k, nn.Identity())) for k in [0, 1, 3, -1, -3]]


@case
def sequential_insert_out_of_range():
    three().insert(5, nn.Identity())


@case
def sequential_insert_no_module():
    three().insert(0, 3)


@case
def sequential_insert_named():
    named().insert(0, nn.Identity())


@case
def sequential_add():
    return [repr(three() + three()), repr(named() + three())]


@case
def sequential_add_list():
    three() + [1]


@case
def sequential_multiply():
    s = nn.Sequential(nn.Linear(1, 1))
    t = s * 2
    return [repr(t), t[0] is t[1], len(list(t.parameters()))]


@case
def sequential_multiply_by_zero():
    three() * 0


@case
def sequential_multiply_by_string():
    three() * "a"


@case
def sequential_extend():
    return repr(three().extend([nn.Identity(), nn.Identity()]))


@case
def sequential_extend_int():
    three().extend(3)


@case
def sequential_empty_forward():
    return plain(nn.Sequential()(torch.ones(2)))


@case
def sequential_name_with_dot():
    nn.Sequential(OrderedDict([("a.b", nn.Identity())]))


@case
def sequential_name_taken():
    nn.Sequential(OrderedDict([("forward", nn.Identity())]))


@case
def sequential_integer_like_names():
    s = nn.Sequential(OrderedDict([("10", nn.Linear(1, 1)), ("2", nn.Identity()), ("x", nn.Identity())]))
    return [repr(s), repr(s[0]), names(s.named_modules())]


@case
def sequential_subclass_with_a_field():
    class Sub(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Linear(1, 1), nn.Identity())
            self.extra = nn.Linear(1, 1)
            self.scale = nn.Parameter(torch.zeros(1))

    s = Sub()
    return [repr(s), len(s), names(s.named_parameters())]


def listed():
    return nn.ModuleList([nn.Linear(1, 2), nn.Identity(), nn.Linear(2, 3)])


@case
def list_slices():
    m = listed()
    return [repr(m[1:]), repr(m[::-1]), names(m[1:].named_modules())]


@case
def list_index_out_of_range():
    return listed()[3]


@case
def list_delete():
    m = listed()
    del m[0]
    return repr(m)


@case
def list_insert():
    results = []
    for k in [0, 1, 3]:
        m = listed()
        m.insert(k, nn.Bilinear(1, 1, 1))
        results.append(repr(m))
    return results


@case
def list_insert_negative():
    listed().insert(-1, nn.Identity())


@case
def list_append_no_module():
    listed().append(3)


@case
def list_extend_int():
    listed().extend(3)


@case
def list_call():
    listed()(1)


@case
def list_add():
    return repr(listed() + [nn.Identity()])


@case
def list_pop():
    m = listed()
    return [repr(m.pop(0)), repr(m)]


def mapped():
    return nn.ModuleDict({"b": nn.Linear(1, 1), "10": nn.Identity(), "2": nn.Identity()})


@case
def dict_order():
    m = mapped()
    return [list(m.keys()), list(m), len(m), "10" in m, "x" in m, names(m.named_modules())]


@case
def dict_missing():
    return mapped()["x"]


@case
def dict_delete_and_set():
    m = mapped()
    del m["b"]
    m["b"] = nn.Identity()
    m["2"] = nn.Linear(1, 1)
    return [list(m.keys()), repr(m)]


@case
def dict_pop_and_clear():
    m = mapped()
    popped = repr(m.pop("10"))
    keys = list(m.keys())
    m.clear()
    return [popped, keys, len(m), repr(m)]


@case
def dict_key_with_dot():
    nn.ModuleDict({"a.b": nn.Identity()})


@case
def dict_key_of_a_method():
    nn.ModuleDict({"keys": nn.Identity()})


@case
def dict_key_type():
    nn.ModuleDict({"type": nn.Identity()})


@case
def dict_key_of_no_method():
    m = nn.ModuleDict({"get": nn.Identity(), "size": nn.Identity(), "constructor": nn.Identity(), "__proto__": nn.Identity()})
    return [list(m.keys()), names(m.named_modules())]


@case
def dict_update_int():
    nn.ModuleDict().update(3)


@case
def dict_update_no_pair():
    nn.ModuleDict().update([3])


@case
def dict_update_three():
    nn.ModuleDict().update([("a", nn.Identity(), 1)])


@case
def dict_update():
    m = mapped()
    m.update([("z", nn.Identity()), ("b", nn.Identity())])
    m.update(nn.ModuleDict({"q": nn.Identity()}))
    return repr(m)


@case
def parameter_list():
    m = nn.ParameterList([torch.zeros(1), 5, nn.Parameter(torch.ones(2))])
    m.append(torch.ones(3))
    return [names(m.named_parameters()), len(m), list(m[-1].shape), list(m.state_dict()), m[1]]


@case
def parameter_list_slice():
    return repr(nn.ParameterList([torch.zeros(1), torch.zeros(2), torch.zeros(3)])[1:])


@case
def parameter_list_of_ints():
    nn.ParameterList([torch.tensor([1])])


@case
def parameter_list_call():
    nn.ParameterList()(1)


@case
def parameter_list_extend_tensor():
    nn.ParameterList().extend(torch.zeros(2))


@case
def parameter_list_index():
    nn.ParameterList([torch.zeros(1)])[1]


@case
def parameter_list_set_int():
    m = nn.ParameterList([torch.zeros(1)])
    m[0] = 3


@case
def parameter_dict():
    p = nn.ParameterDict({"b": torch.zeros(1), "a": torch.zeros(2)})
    q = nn.ParameterDict(OrderedDict([("b", torch.zeros(1)), ("10", torch.zeros(1)), ("2", torch.zeros(2))]))
    return [list(p), list(q), names(q.named_parameters()), len(q), "10" in q, list(q.state_dict())]


@case
def parameter_dict_like_a_dict():
    d = nn.ParameterDict([("b", torch.ones(2)), ("a", torch.ones(1)), ("n", 3)])
    copied = d.copy()
    found = [d.get("x"), d.get("x", 5), plain(d.get("b", 5)), d.setdefault("n", 4), d.setdefault("m"), plain(d.setdefault("c", torch.zeros(1)))]
    last = d.popitem()
    return [found, last[0], repr(d), repr(copied), copied["b"] is d["b"], repr(d.fromkeys(["x", "0"], torch.ones(2)))]


@case
def parameter_dict_popitem_of_none():
    nn.ParameterDict().popitem()


@case
def parameter_dict_key_no_string():
    nn.ParameterDict()[1] = torch.zeros(1)


@case
def parameter_dict_pop_missing():
    nn.ParameterDict().pop("x")


@case
def parameter_dict_key_with_dot():
    nn.ParameterDict()["a.b"] = torch.zeros(1)


@case
def parameter_dict_key_taken():
    nn.ParameterDict()["keys"] = torch.zeros(1)


@case
def parameter_dict_update_int():
    nn.ParameterDict().update(3)


@case
def parameter_dict_update_three():
    nn.ParameterDict().update([("a", torch.zeros(1), 1)])


@case
def parameter_dict_call():
    nn.ParameterDict()(1)


# ---- parameters, buffers, copies ------------------------------------------------------------------------------------


@case
def parameter_text():
    return [repr(nn.Parameter(torch.tensor([1.0, 2.0]))), repr(nn.Parameter(torch.tensor([1.0]), requires_grad=False)), repr(nn.Parameter())]


@case
def parameter_from_list():
    nn.Parameter([1.0])


@case
def parameter_from_ints():
    nn.Parameter(torch.tensor([1]))


@case
def parameter_from_ints_without_gradient():
    return plain(nn.Parameter(torch.tensor([1]), requires_grad=False))


@case
def parameter_of_a_result_is_a_leaf():
    x = torch.ones(2, requires_grad=True)
    p = nn.Parameter(x * 2)
    return [p.is_leaf, p.requires_grad]


@case
def buffer_text():
    return [repr(nn.Buffer(torch.tensor([1.0]))), repr(nn.Buffer()), repr(nn.Buffer(torch.ones(1, requires_grad=True)))]


@case
def buffer_from_list():
    nn.Buffer([1.0])


@case
def deep_copies():
    m = Tied()
    m.a.weight.grad = torch.ones(2, 2)
    m.a.bias.requires_grad_(False)
    c = copy.deepcopy(m)
    with torch.no_grad():
        m.a.weight.fill_(9)
    return [
        c.a.weight is c.b.weight,
        c.a is c.c,
        c.a.weight is m.a.weight,
        c.a.weight.grad is None,
        c.a.bias.requires_grad,
        bool((c.a.weight == 9).any()),
        names(c.named_parameters()),
        repr(c),
    ]


@case
def deep_copy_of_a_buffer_that_was_computed():
    m = nn.Module()
    m.register_buffer("b", torch.ones(1, requires_grad=True) * 2)
    copy.deepcopy(m)


@case
def deep_copy_of_containers():
    m = copy.deepcopy(nn.ModuleList([three(), mapped(), nn.ParameterList([torch.zeros(1)])]))
    m[0].append(nn.Identity())
    return [repr(m), repr(m[0][0]), repr(m[1]["10"])]


@case
def deep_copy_of_tensors():
    base = torch.zeros(4)
    pair = copy.deepcopy([base, base[1:3]])
    pair[0][1] = 5
    leaf = torch.ones(1, requires_grad=True)
    leaf.grad = torch.ones(1)
    return [plain(pair[1]), plain(copy.deepcopy(leaf).grad)]


@case
def linear_outputs():
    torch.manual_seed(3)
    m = nn.Linear(3, 2)
    b = nn.Bilinear(2, 3, 2)
    x = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 0.25]])
    y = torch.tensor([[1.0, -2.0], [0.5, 4.0]])
    return [plain(m.weight), plain(m.bias), plain(b.weight), plain(b.bias), plain(m(x)), plain(m(x[0])), plain(m(x.view(1, 2, 3))), plain(b(y, x))]


@case
def linear_wrong_input():
    nn.Linear(4, 5)(torch.zeros(2, 3))


@case
def linear_wrong_vector():
    nn.Linear(4, 5)(torch.zeros(3))


@case
def linear_wrong_batches():
    nn.Linear(4, 5)(torch.zeros(2, 2, 3))


@case
def linear_of_a_number():
    nn.Linear(4, 5)(torch.tensor(1.0))


@case
def linear_wrong_dtype():
    nn.Linear(4, 5)(torch.zeros(2, 4, dtype=torch.float64))


@case
def linear_without_bias_wrong_dtype():
    nn.Linear(4, 5, bias=False)(torch.zeros(3, 4, dtype=torch.float64))


@case
def bilinear_without_features():
    nn.Bilinear(0, 1, 2)


@case
def bilinear_wrong_input():
    nn.Bilinear(2, 3, 4)(torch.zeros(5, 2), torch.zeros(5, 2))


def outcome(run):
    try:
        return {"value": plain(run())}
    except Exception as error:  # noqa: BLE001
        return {"error": type(error).__name__, "message": str(error.args[0])}


if __name__ == "__main__":
    recorded = {name: outcome(run) for name, run in CASES.items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(result)}" for name, result in recorded.items())
    (HERE / "naming.json").write_text(f'{{"torch": "{torch.__version__}", "cases": {{\n{lines}\n}}}}\n')
