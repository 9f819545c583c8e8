"""Small programs of autograd, run by PyTorch: what autograd-programs.test.ts must show too.

python autograd-programs.py > autograd-programs.json
"""

import json
import math
import warnings

import torch
from torch.autograd import Function, backward, grad

warnings.simplefilter("ignore")
programs = {}


def program(run):
    programs[run.__name__.replace("_", " ")] = run
    return run


def leaf(*values):
    return torch.tensor(values, dtype=torch.float32, requires_grad=True)


def matrix(rows, columns):
    return torch.arange(rows * columns, dtype=torch.float32).div(4).sub(1).reshape(rows, columns).requires_grad_()


def name(made):
    return None if made.grad_fn is None else type(made.grad_fn).__name__


def refusal(run):
    try:
        run()
    except Exception as error:
        return f"{type(error).__name__}: {error}".split("\n")[0]
    return "no error"


def shown(value):
    if isinstance(value, torch.Tensor):
        values = [v if not isinstance(v, float) or math.isfinite(v) else str(v) for v in value.detach().reshape(-1).tolist()]
        return {"dtype": str(value.dtype)[6:], "shape": list(value.shape), "values": values}
    if isinstance(value, (list, tuple)):
        return [shown(each) for each in value]
    return value


@program
def broadcasting_sums_over_repeated_dimensions():
    a, b = matrix(2, 3), leaf(1, 2, 3)
    (a * b + 1).relu().sum().backward()
    return a.grad, b.grad


@program
def a_leaf_used_twice_collects_both_parts():
    x = leaf(1, 2)
    y = x * 3 + x * x
    y.sum().backward()
    return x.grad, name(y)


@program
def gradients_accumulate_into_the_same_tensor():
    x = leaf(1, 2)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    return x.grad, first is x.grad, x.grad._version


@program
def a_gradient_of_another_shape_or_none_is_refused():
    x = leaf(1, 2)
    return (
        refusal(lambda: (x * 2).backward()),
        refusal(lambda: (x * 2).backward(torch.ones(3))),
        refusal(lambda: torch.ones(2).sum().backward()),
        refusal(lambda: backward([x.sum(), torch.ones(1)])),
        refusal(lambda: backward([x.sum(), x.sum()], [torch.ones(())])),
    )


@program
def the_second_pass_needs_the_graph_only_where_tensors_were_saved():
    x = leaf(1, 2)
    kept, gone = (x + 1).sum(), (x * x).sum()
    kept.backward()
    kept.backward()
    gone.backward(retain_graph=True)
    gone.backward()
    return x.grad, refusal(lambda: gone.backward())


@program
def second_derivatives_of_a_polynomial():
    x = leaf(1, 2, 3)
    (g,) = grad((x * x * x).sum(), x, create_graph=True)
    (h,) = grad(g.sum(), x, create_graph=True)
    (t,) = grad(h.sum(), x)
    return g, h, t, g.requires_grad, t.requires_grad


@program
def second_derivatives_through_a_written_view():
    x, w = leaf(1, 2, 3), leaf(2, 5)
    y = x * x
    y[:2].mul_(w)
    z = (y * y).sum()
    gx, gw = grad(z, [x, w], create_graph=True)
    hx, hw = grad(gx.sum() + (gw * gw).sum(), [x, w])
    return gx, gw, hx, hw, name(y)


@program
def second_derivatives_through_the_view_that_was_written():
    x = leaf(1, 2, 3)
    y = x * x
    v = y[1:]
    v.mul_(v.detach() + 1)
    v.mul_(3)
    (g,) = grad((v * v).sum(), x, create_graph=True)
    (h,) = grad((g * g).sum(), x)
    return g, h, name(v), name(y)


@program
def second_derivatives_through_as_strided():
    x = leaf(1, 2, 3, 4)
    y = (x * x).as_strided((3, 2), (1, 1))
    (g,) = grad((y * y).sum(), x, create_graph=True)
    (h,) = grad(g.sum(), x)
    return g, h


@program
def as_strided_of_an_expanded_tensor():
    x = leaf(2)
    y = (x * 3).expand(4)
    z = y.as_strided((3,), (0,))
    (g,) = grad((z * z).sum(), x)
    return g, name(z)


@program
def a_write_through_a_view_rewrites_the_history_of_the_base():
    x = leaf(1, 2, 3)
    y = x * 1
    v = y.narrow(0, 0, 2)
    before = (name(y), name(v), y._version, v._version)
    v.mul_(3)
    after = (name(y), name(v), y._version, v._version)
    (y * y).sum().backward()
    return before, after, x.grad


@program
def a_write_to_the_base_renews_its_views():
    x = leaf(1, 2, 3, 4)
    y = x * 1
    v = y.view(2, 2)[1]
    y.mul_(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    v.sum().backward()
    return v, x.grad, name(v), name(y)


@program
def chains_of_views_and_writes():
    x = matrix(3, 4)
    y = x * 2
    y.t()[1:3].add_(1)
    y[:, ::2].mul_(y[:, 1::2].detach().clone())
    y.view(-1)[5:9].zero_()
    y.diagonal().copy_(x.sum(1))
    (y * y).sum().backward()
    return y, x.grad, name(y), y._version


@program
def a_view_of_a_view_of_what_was_written():
    x = leaf(1, 2, 3, 4)
    y = x * 1
    a = y[:3]
    b = a[1:]
    b.mul_(10)
    return a, name(a), name(b), grad((a * a).sum(), x)[0]


@program
def writes_that_the_graph_forbids():
    x = leaf(1, 2, 3)
    y = x * 1
    with torch.no_grad():
        quiet = x[:1]
        quieter = y[:1]
    return (
        refusal(lambda: x.add_(1)),
        refusal(lambda: x[:1].add_(1)),
        refusal(lambda: y.unbind()[0].add_(1)),
        refusal(lambda: y.split(2)[1].add_(1)),
        refusal(lambda: y.chunk(2)[1].zero_()),
        refusal(lambda: quiet.add_(1)),
        refusal(lambda: quieter.add_(1)),
        refusal(lambda: y.unbind()[0][None].add_(1)),
    )


@program
def a_saved_tensor_that_was_written():
    x = leaf(1, 2)
    a = (x * 2).exp()
    b = a.sum()
    a.mul_(2)
    c = x * 1
    d = c * c
    c.add_(1)
    w = x * 1
    e = w.exp()
    w.add_(1)
    u = torch.tensor([1.0, 2.0])
    f = x * u
    u.zero_()
    e.sum().backward()
    return refusal(lambda: b.backward()), refusal(lambda: d.sum().backward()), refusal(lambda: f.sum().backward()), x.grad


@program
def in_place_ops_and_their_nodes():
    x = leaf(1, 2)
    y = x * 1
    seen = [name(y)]
    y.add_(1)
    seen.append(name(y))
    y.mul_(x)
    seen.append(name(y))
    y.fill_(2.0)
    seen.append(name(y))
    y.fill_(x[0])
    seen.append(name(y))
    y.copy_(x)
    seen.append(name(y))
    y.zero_()
    seen.append(name(y))
    y.add_(x)
    y.sum().backward()
    return seen, y._version, x.grad


@program
def the_former_value_serves_the_other_operand():
    x, w = leaf(2, 3), leaf(5, 7)
    y = x * 1
    y.mul_(w)
    y.div_(w)
    y.mul_(w)
    y.sum().backward()
    z = x * 1
    z.mul_(z)
    return x.grad, w.grad, refusal(lambda: z.sum().backward())


@program
def filling_forgets_infinite_gradients():
    x, v = leaf(1, 2), leaf(3)
    y = x * 1
    y[:1] = v[0]
    z = (y * torch.tensor([math.inf, 1.0])).sum()
    z.backward()
    w = leaf(1, 2)
    u = w * 1
    u.zero_()
    (u * torch.tensor([math.inf, math.nan])).sum().backward()
    return x.grad, v.grad, w.grad


@program
def data_and_detach_share_bytes_but_not_all_versions():
    x = leaf(1, 2)
    y = x * 1
    d, e = y.data, y.detach()
    d.add_(1)
    first = (y._version, d._version, e._version)
    e.add_(1)
    return first, (y._version, d._version, e._version), y, d.requires_grad, e.requires_grad, name(y)


@program
def hooks_run_in_order_and_replace():
    x = leaf(1, 2)
    seen = []
    x.register_hook(lambda g: seen.append(g.tolist()) or g * 2)
    handle = x.register_hook(lambda g: seen.append(g.tolist()))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(["after", p.grad.tolist()]))
    (x * 3).sum().backward()
    handle.remove()
    (x * 3).sum().backward()
    return seen, x.grad


@program
def hooks_of_computed_tensors_stay_with_the_value_they_saw():
    x = leaf(1, 2)
    seen = []
    y = x * 3
    y.register_hook(lambda g: seen.append(["first", g.tolist()]))
    y.mul_(2)
    y.register_hook(lambda g: seen.append(["second", g.tolist()]))
    y.sum().backward()
    return seen, x.grad


@program
def hooks_that_return_the_wrong_thing():
    def run(result):
        x = leaf(1, 2)
        x.register_hook(lambda g: result)
        return refusal(lambda: x.sum().backward())

    def after():
        x = leaf(1, 2)
        x.register_post_accumulate_grad_hook(lambda p: 1)
        x.sum().backward()

    return (
        run(3),
        run("a"),
        run(True),
        refusal(after),
        refusal(lambda: torch.ones(1).register_hook(lambda g: g)),
        refusal(lambda: (leaf(1) * 2).register_post_accumulate_grad_hook(lambda p: None)),
        refusal(lambda: torch.ones(1).register_post_accumulate_grad_hook(lambda p: None)),
    )


@program
def computed_tensors_retain_their_gradient():
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    z = y * y
    z.retain_grad()
    z.sum().backward()
    g = torch.ones(2)
    u = x * 2
    u.retain_grad()
    u.backward(g)
    return y.grad, z.grad, x.grad, y.retains_grad, x.retains_grad, u.grad is g, u.grad


@program
def a_written_tensor_retains_the_gradient_of_its_new_value():
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    y.mul_(2)
    u = x * 3
    u.retain_grad()
    u[:1].mul_(5)
    (y.sum() + u.sum()).backward()
    return y.grad, u.grad, x.grad


@program
def a_retained_gradient_can_be_differentiated():
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    (y * y).sum().backward(create_graph=True)
    return y.grad, name(y.grad), grad(y.grad.sum(), x)[0]


@program
def backward_to_chosen_inputs():
    x, w = leaf(1, 2), leaf(1, 1)
    seen = []
    x.register_hook(lambda g: seen.append(["hook", g.tolist()]))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(["after", p.grad.tolist()]))
    y = x * w
    z = (y * y).sum()
    z.backward(inputs=[x, y])
    first = (x.grad.clone(), w.grad, y.grad, y.retains_grad)
    (x * w).sum().backward(inputs=w)
    return (
        first,
        x.grad,
        w.grad,
        seen,
        refusal(lambda: x.sum().backward(inputs=[])),
        refusal(lambda: x.sum().backward(inputs=[torch.ones(2)])),
    )


@program
def grad_leaves_the_leaves_alone():
    x, w = leaf(1, 2), leaf(3, 4)
    y = x * w
    gy, gx = grad((y * y).sum(), [y, x], retain_graph=True)
    return gy, gx, x.grad, w.grad, grad(y, [x, w], torch.tensor([1.0, 10.0]))


@program
def grad_of_inputs_that_were_not_used():
    x, w = leaf(1, 2), leaf(3)
    z = (x * 2).sum()
    return (
        refusal(lambda: grad((x * 2).sum(), [x, w])),
        grad((x * 2).sum(), [x, w], allow_unused=True),
        grad((x * 2).sum(), [x, w], materialize_grads=True),
        refusal(lambda: grad(z, [x, w], materialize_grads=True, allow_unused=False)),
        refusal(lambda: grad(z, [torch.ones(1)])),
        refusal(lambda: grad(z, [])),
        refusal(lambda: grad(x * 2, [x], [torch.ones(3)])),
        grad(z, z),
    )


@program
def gradients_fit_the_dtype_of_the_leaf():
    x = leaf(1, 2)
    h = torch.tensor([1.0, 2.0], dtype=torch.bfloat16, requires_grad=True)
    d = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    y = x * h + d.to(torch.float32)
    (y * d).sum().backward()
    return x.grad, h.grad, d.grad, name(d.float()), name(d.double())


@program
def leaves_and_what_is_none():
    x = leaf(1, 2)
    y = x * 2
    with torch.no_grad():
        z = x * 2
    return x.is_leaf, y.is_leaf, z.is_leaf, z.requires_grad, y.detach().is_leaf, x.double().is_leaf, x.float() is x


@program
def modes_nest_and_end():
    x = leaf(1, 2)
    seen = [torch.is_grad_enabled()]
    with torch.no_grad():
        seen.append(torch.is_grad_enabled())
        with torch.enable_grad():
            seen.append((x * 2).requires_grad)
        seen.append((x * 2).requires_grad)
    torch.set_grad_enabled(False)
    seen.append((x * 2).requires_grad)
    torch.set_grad_enabled(True)
    with torch.no_grad():
        x.add_(1)
    seen.append(x._version)
    return seen


@program
def flags_that_cannot_be_set():
    x = leaf(1, 2)

    def unset():
        (x * 2).requires_grad = False

    def set_integer():
        torch.ones(1, dtype=torch.int64).requires_grad = True

    return (
        refusal(unset),
        refusal(set_integer),
        refusal(lambda: (x * 2).requires_grad_(False)),
        (x * 2).requires_grad_().requires_grad,
        refusal(lambda: torch.ones(1, dtype=torch.int64).requires_grad_()),
        refusal(lambda: torch.ones(1, dtype=torch.int64, requires_grad=True)),
        refusal(lambda: torch.ones(1).retain_grad()),
        refusal(lambda: x[0].detach_()),
    )


@program
def gradients_that_cannot_be_assigned():
    x = leaf(1, 2)

    def assign(target, value):
        target.grad = value

    return (
        refusal(lambda: assign(x, 3)),
        refusal(lambda: assign(x, x)),
        refusal(lambda: assign(x, torch.ones(3))),
        refusal(lambda: assign(x, torch.ones(2, dtype=torch.float64))),
        refusal(lambda: assign(x, torch.ones(2, dtype=torch.int64))),
        refusal(lambda: assign(torch.ones(2, dtype=torch.float64), torch.ones(2, dtype=torch.bfloat16))),
        refusal(lambda: setattr(x, "data", 3)),
        refusal(lambda: setattr(x, "data", torch.ones(2, dtype=torch.int64))),
    )


@program
def an_assigned_gradient_is_added_into():
    x = leaf(1, 2)
    mine = torch.tensor([10.0, 20.0])
    x.grad = mine
    (x * 3).sum().backward()
    first = mine.clone()
    (x * x).sum().backward(create_graph=True)
    return first, x.grad is mine, x.grad, x.grad.requires_grad


@program
def a_passed_gradient_is_never_shared():
    a, b = leaf(1, 2), leaf(3, 4)
    given = torch.ones(2)
    (a + b).backward(given)
    a.grad.zero_()
    return given, b.grad, a.grad


@program
def detaching_in_place_cuts_the_history():
    x = leaf(1, 2)
    y = x * 2
    y.detach_()
    return y.is_leaf, y.requires_grad, refusal(lambda: y.sum().backward())


@program
def a_pass_within_a_hook():
    x = leaf(2)
    y = x * x
    z = y * 3
    inner = []
    z.register_hook(lambda g: inner.append(grad(y, x, retain_graph=True)[0].tolist()))
    z.sum().backward()
    return inner, x.grad


@program
def a_deep_graph_runs():
    x = leaf(1)
    y = x
    for _ in range(20000):
        y = y + 1
    y.backward()
    return x.grad, y


@program
def a_node_runs_once_with_the_sum_of_its_gradients():
    x = leaf(1, 2)
    seen = []
    y = x * 2
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y * y + y.exp() - y).sum().backward()
    return seen, x.grad


@program
def views_give_gradients_to_their_places():
    x = matrix(3, 4)
    parts = [
        x[1],
        x[:, 2],
        x.t()[3],
        x.diagonal(1),
        x.unfold(1, 3, 1)[2],
        x.unbind(1)[0],
        x.split([1, 2])[1],
        x.chunk(2, 1)[1],
        x.movedim(0, 1)[2],
        x.flip(0)[0],
        x.roll(1, 1)[0],
        x.repeat(2, 1)[4],
        x.expand(2, 3, 4)[1],
        x.unsqueeze(1).squeeze(1)[0],
        x.flatten()[7:9],
        x.unflatten(1, (2, 2))[0],
    ]
    total = sum((part * (k + 1)).sum() for k, part in enumerate(parts))
    total.backward()
    return x.grad, [name(part) for part in parts]


@program
def index_tensors_add_up_their_gradients():
    x = matrix(3, 4)
    i = torch.tensor([0, 2, 0])
    y = x[i, torch.tensor([1, 1, 1])]
    z = x[x.detach() > 0]
    (g,) = grad((y * y).sum() + (z * z * z).sum(), x, create_graph=True)
    (h,) = grad(g.sum(), x)
    return g, h, name(y), name(z)


@program
def writing_by_index():
    x, v = matrix(3, 4), leaf(5, 6)
    y = x * 1
    y[torch.tensor([0, 2]), 1] = v
    y[1, :2] = v
    y[:, 3] = 7
    y[y.detach() < 0] = v[0]
    y[2, ::3] *= 2
    (y * y).sum().backward()
    return y, x.grad, v.grad, name(y), y._version


@program
def an_index_that_was_changed():
    x = leaf(1, 2, 3)
    i = torch.tensor([0, 1])
    y = x[i]
    i[0] = 2
    z = x[torch.tensor([0])].sum()
    z.backward()
    return refusal(lambda: y.sum().backward()), refusal(lambda: z.backward())


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


@program
def a_custom_function():
    x = leaf(0, 1)
    y = Exp.apply(x)
    (g,) = grad(y.sum(), x, create_graph=True)
    (h,) = grad(g.sum(), x)
    z = Exp.apply(x).sum()
    z.backward()
    w = Exp.apply(x * 1)
    w.mul_(2)
    return (
        y,
        name(y),
        g,
        h,
        refusal(lambda: z.backward()),
        refusal(lambda: w.sum().backward()),
        name(Exp.apply(torch.ones(1))),
        type(Exp.apply(x).grad_fn.next_functions[0][0]).__name__,
    )


class Scale(Function):
    @staticmethod
    def forward(x, k):
        return x * k

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.k = inputs[1]

    @staticmethod
    def backward(ctx, g):
        return g * ctx.k, None


class Pair(Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        whole = (x > 1).to(torch.int64)
        ctx.mark_non_differentiable(whole)
        return x * w, x + w, whole

    @staticmethod
    def backward(ctx, g, h, _):
        x, w = ctx.saved_tensors
        Pair.seen = [ctx.needs_input_grad, g, h]
        return g * w + h, g * x + h


@program
def custom_functions_of_several_outputs():
    x, w = leaf(1, 2), leaf(3, 4)
    a, b, c = Pair.apply(x, w)
    (b * 2).sum().backward()
    return a, b, c, x.grad, w.grad, Pair.seen, c.requires_grad, name(Scale.apply(x, 3)), grad(Scale.apply(x, 3).sum(), x)


def made(forward, backward=None):
    methods = {"forward": staticmethod(forward)}
    if backward is not None:
        methods["backward"] = staticmethod(backward)
    return type("Made", (Function,), methods)


@program
def custom_functions_that_are_wrong():
    x = leaf(1, 2)

    def run(backward, *rest):
        return refusal(lambda: made(lambda ctx, x, *rest: x * 2, backward).apply(x, *rest).sum().backward())

    return (
        run(lambda ctx, g: (g, g)),
        run(lambda ctx, g: (g, None, None)),
        run(lambda ctx, g, *_: g, leaf(1)),
        run(lambda ctx, g: (g, g), 3),
        run(lambda ctx, g: 3),
        run(lambda ctx, g: "a"),
        run(lambda ctx, g: torch.ones(3)),
        run(None),
        run(lambda ctx, g: None),
        refusal(lambda: type("Made", (Function,), {}).apply(x)),
        refusal(lambda: made(lambda ctx, x: ctx.save_for_backward(3)).apply(x)),
        x.grad,
    )


def write(ctx, x):
    x.mul_(2)
    ctx.mark_dirty(x)
    return x


def forget(ctx, x):
    ctx.mark_dirty(x)
    return x.clone()


@program
def custom_functions_that_write():
    x = leaf(1, 2)
    written = made(write, lambda ctx, g: g * 2)
    z = x * 1
    y = written.apply(z)
    u = x * 1
    v = u[:1]
    w = written.apply(v)
    same = made(lambda ctx, x: x, lambda ctx, g: g * 5)
    part = made(lambda ctx, x: x[:1], lambda ctx, g: g.repeat(2))
    s = same.apply(x * 1)
    return (
        y is z,
        name(y),
        y._version,
        grad(y.sum(), x),
        w is v,
        name(w),
        name(u),
        u,
        grad(u.sum(), x),
        refusal(lambda: written.apply(x)),
        refusal(lambda: made(forget, lambda ctx, g: g).apply(x * 1)),
        name(s),
        grad(s.sum(), x),
        refusal(lambda: same.apply(x * 1).add_(1)),
        refusal(lambda: part.apply(x * 1).add_(1)),
    )


@program
def a_small_network_trains():
    w1, b1, w2 = matrix(3, 4), leaf(0.1, 0.2, 0.3), matrix(2, 3)
    x = torch.tensor([[1.0, -1.0, 0.5, 2.0], [0.5, 0.25, -2.0, 1.0]])
    losses = []
    for _ in range(3):
        hidden = (x.mm(w1.t()) + b1).relu()
        loss = (hidden.mm(w2.t()) - 1).pow(2).mean()
        for each in (w1, b1, w2):
            each.grad = None
        loss.backward()
        with torch.no_grad():
            for each in (w1, b1, w2):
                each.sub_(each.grad, alpha=0.125)
        losses.append(loss.detach().clone())
    return losses, w1, b1, w2, w1._version


results = {title: shown(list(run())) for title, run in programs.items()}
lines = [json.dumps(title) + ":" + json.dumps(result, separators=(",", ":")) for title, result in results.items()]
print('{"torch":' + json.dumps(torch.__version__) + ',"programs":{\n' + ",\n".join(lines) + "\n}}")
