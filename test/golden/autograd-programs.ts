/**
 * The programs of `autograd-programs.py`, by their names there, for this library.
 */

import { backward, grad } from "../../src/autograd/backward.ts";
import { AutogradFunction } from "../../src/autograd/function.ts";
import type { FunctionContext } from "../../src/autograd/function.ts";
import { enableGrad, isGradEnabled, noGrad, setGradEnabled } from "../../src/autograd/grad-mode.ts";
import { ParascopeError } from "../../src/errors.ts";
import { ones, tensor } from "../../src/ops/creation.ts";
import { isTensor } from "../../src/tensor/tensor.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

function leaf(...values: number[]): Tensor {
  return tensor(values, { dtype: "float32", requiresGrad: true });
}

function floats(...values: number[]): Tensor {
  return tensor(values, { dtype: "float32" });
}

function matrix(rows: number, columns: number): Tensor {
  const values = Array.from({ length: rows * columns }, (_, k) => k / 4 - 1);
  return tensor(values, { dtype: "float32" }).reshape(rows, columns).requiresGrad_();
}

function name(made: Tensor): string | null {
  return made.gradFn?.name ?? null;
}

/** The class and first line of what a call throws, as Python names it. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ParascopeError) return `${error.torchType}: ${error.message.split("\n")[0]}`;
    throw error;
  }
  return "no error";
}

class Exp extends AutogradFunction {
  static override forward(ctx: FunctionContext, x: Tensor): Tensor {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }

  static override backward(ctx: FunctionContext, g: Tensor): Tensor {
    return g.mul(ctx.savedTensors[0]!);
  }
}

class Scale extends AutogradFunction {
  static override forward(x: Tensor, k: number): Tensor {
    return x.mul(k);
  }

  static setupContext(ctx: FunctionContext, [, k]: readonly [Tensor, number]): void {
    ctx["k"] = k;
  }

  static override backward(ctx: FunctionContext, g: Tensor): (Tensor | null)[] {
    return [g.mul(ctx["k"] as number), null];
  }
}

class Pair extends AutogradFunction {
  static seen: unknown = null;

  static override forward(ctx: FunctionContext, x: Tensor, w: Tensor): [Tensor, Tensor, Tensor] {
    ctx.saveForBackward(x, w);
    const whole = x.gt(1).to("int64");
    ctx.markNonDifferentiable(whole);
    return [x.mul(w), x.add(w), whole];
  }

  static override backward(ctx: FunctionContext, g: Tensor, h: Tensor): Tensor[] {
    const [x, w] = ctx.savedTensors;
    Pair.seen = [ctx.needsInputGrad, g, h];
    return [g.mul(w!).add(h), g.mul(x!).add(h)];
  }
}

type Forward = (ctx: FunctionContext, x: Tensor, ...rest: unknown[]) => unknown;
type Backward = (ctx: FunctionContext, g: Tensor) => unknown;

interface Applicable {
  apply(...args: unknown[]): Tensor;
}

function made(run: Forward, differentiate: Backward | null): Applicable {
  const Made = class Made extends AutogradFunction {};
  Object.assign(Made, { forward: run }, differentiate === null ? {} : { backward: differentiate });
  return Made as never;
}

function write(ctx: FunctionContext, x: Tensor): Tensor {
  x.mul_(2);
  ctx.markDirty(x);
  return x;
}

function forget(ctx: FunctionContext, x: Tensor): Tensor {
  ctx.markDirty(x);
  return x.clone();
}

/** Every program, with what it returns for comparison. */
export const programs: Readonly<Record<string, () => unknown[]>> = {
  "broadcasting sums over repeated dimensions"() {
    const [a, b] = [matrix(2, 3), leaf(1, 2, 3)];
    a.mul(b).add(1).relu().sum().backward();
    return [a.grad, b.grad];
  },
  "a leaf used twice collects both parts"() {
    const x = leaf(1, 2);
    const y = x.mul(3).add(x.mul(x));
    y.sum().backward();
    return [x.grad, name(y)];
  },
  "gradients accumulate into the same tensor"() {
    const x = leaf(1, 2);
    x.mul(2).sum().backward();
    const first = x.grad;
    x.mul(3).sum().backward();
    return [x.grad, first === x.grad, x.grad!.version.value];
  },
  "a gradient of another shape or none is refused"() {
    const x = leaf(1, 2);
    return [
      refusal(() => x.mul(2).backward()),
      refusal(() => x.mul(2).backward(ones(3))),
      refusal(() => ones(2).sum().backward()),
      refusal(() => backward([x.sum(), ones(1)])),
      refusal(() => backward([x.sum(), x.sum()], { gradient: [ones()] })),
    ];
  },
  "the second pass needs the graph only where tensors were saved"() {
    const x = leaf(1, 2);
    const [kept, gone] = [x.add(1).sum(), x.mul(x).sum()];
    kept.backward();
    kept.backward();
    gone.backward({ retainGraph: true });
    gone.backward();
    return [x.grad, refusal(() => gone.backward())];
  },
  "second derivatives of a polynomial"() {
    const x = leaf(1, 2, 3);
    const [g] = grad(x.mul(x).mul(x).sum(), x, { createGraph: true });
    const [h] = grad(g!.sum(), x, { createGraph: true });
    const [t] = grad(h!.sum(), x);
    return [g, h, t, g!.requiresGrad, t!.requiresGrad];
  },
  "second derivatives through a written view"() {
    const [x, w] = [leaf(1, 2, 3), leaf(2, 5)];
    const y = x.mul(x);
    y.at(":2").mul_(w);
    const [gx, gw] = grad(y.mul(y).sum(), [x, w], { createGraph: true });
    const [hx, hw] = grad(gx!.sum().add(gw!.mul(gw!).sum()), [x, w]);
    return [gx, gw, hx, hw, name(y)];
  },
  "second derivatives through the view that was written"() {
    const x = leaf(1, 2, 3);
    const y = x.mul(x);
    const v = y.at("1:");
    v.mul_(v.detach().add(1));
    v.mul_(3);
    const [g] = grad(v.mul(v).sum(), x, { createGraph: true });
    const [h] = grad(g!.mul(g!).sum(), x);
    return [g, h, name(v), name(y)];
  },
  "second derivatives through as strided"() {
    const x = leaf(1, 2, 3, 4);
    const y = x.mul(x).asStrided([3, 2], [1, 1]);
    const [g] = grad(y.mul(y).sum(), x, { createGraph: true });
    const [h] = grad(g!.sum(), x);
    return [g, h];
  },
  "as strided of an expanded tensor"() {
    const x = leaf(2);
    const z = x.mul(3).expand(4).asStrided([3], [0]);
    const [g] = grad(z.mul(z).sum(), x);
    return [g, name(z)];
  },
  "a write through a view rewrites the history of the base"() {
    const x = leaf(1, 2, 3);
    const y = x.mul(1);
    const v = y.narrow(0, 0, 2);
    const look = (): unknown[] => [name(y), name(v), y.version.value, v.version.value];
    const before = look();
    v.mul_(3);
    const after = look();
    y.mul(y).sum().backward();
    return [before, after, x.grad];
  },
  "a write to the base renews its views"() {
    const x = leaf(1, 2, 3, 4);
    const y = x.mul(1);
    const v = y.view(2, 2).at(1);
    y.mul_(floats(1, 2, 3, 4));
    v.sum().backward();
    return [v, x.grad, name(v), name(y)];
  },
  "chains of views and writes"() {
    const x = matrix(3, 4);
    const y = x.mul(2);
    y.t().at("1:3").add_(1);
    y.at(":, ::2").mul_(y.at(":, 1::2").detach().clone());
    y.view(-1).at("5:9").zero_();
    y.diagonal().copy_(x.sum(1));
    y.mul(y).sum().backward();
    return [y, x.grad, name(y), y.version.value];
  },
  "a view of a view of what was written"() {
    const x = leaf(1, 2, 3, 4);
    const y = x.mul(1);
    const a = y.at(":3");
    const b = a.at("1:");
    b.mul_(10);
    return [a, name(a), name(b), grad(a.mul(a).sum(), x)[0]];
  },
  "writes that the graph forbids"() {
    const x = leaf(1, 2, 3);
    const y = x.mul(1);
    const [quiet, quieter] = noGrad(() => [x.at(":1"), y.at(":1")] as const);
    return [
      refusal(() => x.add_(1)),
      refusal(() => x.at(":1").add_(1)),
      refusal(() => y.unbind()[0]!.add_(1)),
      refusal(() => y.split(2)[1]!.add_(1)),
      refusal(() => y.chunk(2)[1]!.zero_()),
      refusal(() => quiet.add_(1)),
      refusal(() => quieter.add_(1)),
      refusal(() => y.unbind()[0]!.at(null).add_(1)),
    ];
  },
  "a saved tensor that was written"() {
    const x = leaf(1, 2);
    const a = x.mul(2).exp();
    const b = a.sum();
    a.mul_(2);
    const c = x.mul(1);
    const d = c.mul(c);
    c.add_(1);
    const w = x.mul(1);
    const e = w.exp();
    w.add_(1);
    const u = floats(1, 2);
    const f = x.mul(u);
    u.zero_();
    e.sum().backward();
    return [
      refusal(() => b.backward()),
      refusal(() => d.sum().backward()),
      refusal(() => f.sum().backward()),
      x.grad,
    ];
  },
  "in place ops and their nodes"() {
    const x = leaf(1, 2);
    const y = x.mul(1);
    const seen = [name(y)];
    const note = (written: Tensor): unknown => seen.push(name(written));
    note(y.add_(1));
    note(y.mul_(x));
    note(y.fill_(2));
    note(y.fill_(x.at(0)));
    note(y.copy_(x));
    note(y.zero_());
    y.add_(x);
    y.sum().backward();
    return [seen, y.version.value, x.grad];
  },
  "the former value serves the other operand"() {
    const [x, w] = [leaf(2, 3), leaf(5, 7)];
    const y = x.mul(1);
    y.mul_(w);
    y.div_(w);
    y.mul_(w);
    y.sum().backward();
    const z = x.mul(1);
    z.mul_(z);
    return [x.grad, w.grad, refusal(() => z.sum().backward())];
  },
  "filling forgets infinite gradients"() {
    const [x, v] = [leaf(1, 2), leaf(3)];
    const y = x.mul(1);
    y.setAt(":1", v.at(0));
    y.mul(floats(Infinity, 1)).sum().backward();
    const w = leaf(1, 2);
    const u = w.mul(1);
    u.zero_();
    u.mul(floats(Infinity, NaN)).sum().backward();
    return [x.grad, v.grad, w.grad];
  },
  "data and detach share bytes but not all versions"() {
    const x = leaf(1, 2);
    const y = x.mul(1);
    const [d, e] = [y.data, y.detach()];
    const versions = (): number[] => [y, d, e].map((each) => each.version.value);
    d.add_(1);
    const first = versions();
    e.add_(1);
    return [first, versions(), y, d.requiresGrad, e.requiresGrad, name(y)];
  },
  "hooks run in order and replace"() {
    const x = leaf(1, 2);
    const seen: unknown[] = [];
    x.registerHook((g) => {
      seen.push(g.tolist());
      return g.mul(2);
    });
    const handle = x.registerHook((g) => {
      seen.push(g.tolist());
    });
    x.registerPostAccumulateGradHook((p) => {
      seen.push(["after", p.grad!.tolist()]);
    });
    x.mul(3).sum().backward();
    handle.remove();
    x.mul(3).sum().backward();
    return [seen, x.grad];
  },
  "hooks of computed tensors stay with the value they saw"() {
    const x = leaf(1, 2);
    const seen: unknown[] = [];
    const note = (title: string) => (g: Tensor) => {
      seen.push([title, g.tolist()]);
    };
    const y = x.mul(3);
    y.registerHook(note("first"));
    y.mul_(2);
    y.registerHook(note("second"));
    y.sum().backward();
    return [seen, x.grad];
  },
  "hooks that return the wrong thing"() {
    const run = (result: unknown): string => {
      const x = leaf(1, 2);
      x.registerHook(() => result as Tensor);
      return refusal(() => x.sum().backward());
    };
    const after = (): void => {
      const x = leaf(1, 2);
      x.registerPostAccumulateGradHook((() => 1) as never);
      x.sum().backward();
    };
    return [
      run(3),
      run("a"),
      run(true),
      refusal(after),
      refusal(() => ones(1).registerHook((g) => g)),
      refusal(() =>
        leaf(1)
          .mul(2)
          .registerPostAccumulateGradHook(() => {}),
      ),
      refusal(() => ones(1).registerPostAccumulateGradHook(() => {})),
    ];
  },
  "computed tensors retain their gradient"() {
    const x = leaf(1, 2);
    const y = x.mul(3);
    y.retainGrad();
    const z = y.mul(y);
    z.retainGrad();
    z.sum().backward();
    const g = ones(2);
    const u = x.mul(2);
    u.retainGrad();
    u.backward(g);
    return [y.grad, z.grad, x.grad, y.retainsGrad, x.retainsGrad, u.grad === g, u.grad];
  },
  "a written tensor retains the gradient of its new value"() {
    const x = leaf(1, 2);
    const y = x.mul(3);
    y.retainGrad();
    y.mul_(2);
    const u = x.mul(3);
    u.retainGrad();
    u.at(":1").mul_(5);
    y.sum().add(u.sum()).backward();
    return [y.grad, u.grad, x.grad];
  },
  "a retained gradient can be differentiated"() {
    const x = leaf(1, 2);
    const y = x.mul(3);
    y.retainGrad();
    y.mul(y).sum().backward({ createGraph: true });
    return [y.grad, name(y.grad!), grad(y.grad!.sum(), x)[0]];
  },
  "backward to chosen inputs"() {
    const [x, w] = [leaf(1, 2), leaf(1, 1)];
    const seen: unknown[] = [];
    x.registerHook((g) => {
      seen.push(["hook", g.tolist()]);
    });
    x.registerPostAccumulateGradHook((p) => {
      seen.push(["after", p.grad!.tolist()]);
    });
    const y = x.mul(w);
    y.mul(y)
      .sum()
      .backward({ inputs: [x, y] });
    const first = [x.grad!.clone(), w.grad, y.grad, y.retainsGrad];
    x.mul(w).sum().backward({ inputs: w });
    return [
      first,
      x.grad,
      w.grad,
      seen,
      refusal(() => x.sum().backward({ inputs: [] })),
      refusal(() => x.sum().backward({ inputs: [ones(2)] })),
    ];
  },
  "grad leaves the leaves alone"() {
    const [x, w] = [leaf(1, 2), leaf(3, 4)];
    const y = x.mul(w);
    const [gy, gx] = grad(y.mul(y).sum(), [y, x], { retainGraph: true });
    return [gy, gx, x.grad, w.grad, grad(y, [x, w], { gradOutputs: floats(1, 10) })];
  },
  "grad of inputs that were not used"() {
    const [x, w] = [leaf(1, 2), leaf(3)];
    const z = x.mul(2).sum();
    return [
      refusal(() => grad(x.mul(2).sum(), [x, w])),
      grad(x.mul(2).sum(), [x, w], { allowUnused: true }),
      grad(x.mul(2).sum(), [x, w], { materializeGrads: true }),
      refusal(() => grad(z, [x, w], { materializeGrads: true, allowUnused: false })),
      refusal(() => grad(z, [ones(1)])),
      refusal(() => grad(z, [])),
      refusal(() => grad(x.mul(2), [x], { gradOutputs: [ones(3)] })),
      grad(z, z),
    ];
  },
  "gradients fit the dtype of the leaf"() {
    const x = leaf(1, 2);
    const h = tensor([1, 2], { dtype: "bfloat16", requiresGrad: true });
    const d = tensor([3, 4], { dtype: "float64", requiresGrad: true });
    const y = x.mul(h).add(d.to("float32"));
    y.mul(d).sum().backward();
    return [x.grad, h.grad, d.grad, name(d.float()), name(d.double())];
  },
  "leaves and what is none"() {
    const x = leaf(1, 2);
    const y = x.mul(2);
    const z = noGrad(() => x.mul(2));
    const leaves = [x.isLeaf, y.isLeaf, z.isLeaf, z.requiresGrad];
    return [...leaves, y.detach().isLeaf, x.double().isLeaf, x.float() === x];
  },
  "modes nest and end"() {
    const x = leaf(1, 2);
    const seen: unknown[] = [isGradEnabled()];
    noGrad(() => {
      seen.push(isGradEnabled());
      const scope = enableGrad();
      seen.push(x.mul(2).requiresGrad);
      scope.restore();
      seen.push(x.mul(2).requiresGrad);
    });
    setGradEnabled(false);
    seen.push(x.mul(2).requiresGrad);
    setGradEnabled(true);
    noGrad(() => x.add_(1));
    seen.push(x.version.value);
    return seen;
  },
  "flags that cannot be set"() {
    const x = leaf(1, 2);
    return [
      refusal(() => {
        x.mul(2).requiresGrad = false;
      }),
      refusal(() => {
        ones(1, { dtype: "int64" }).requiresGrad = true;
      }),
      refusal(() => x.mul(2).requiresGrad_(false)),
      x.mul(2).requiresGrad_().requiresGrad,
      refusal(() => ones(1, { dtype: "int64" }).requiresGrad_()),
      refusal(() => ones(1, { dtype: "int64", requiresGrad: true })),
      refusal(() => ones(1).retainGrad()),
      refusal(() => x.at(0).detach_()),
    ];
  },
  "gradients that cannot be assigned"() {
    const x = leaf(1, 2);
    const assign = (target: Tensor, value: unknown): string =>
      refusal(() => {
        target.grad = value as Tensor;
      });
    const assignData = (value: unknown): string =>
      refusal(() => {
        x.data = value as Tensor;
      });
    return [
      assign(x, 3),
      assign(x, x),
      assign(x, ones(3)),
      assign(x, ones(2, { dtype: "float64" })),
      assign(x, ones(2, { dtype: "int64" })),
      assign(ones(2, { dtype: "float64" }), ones(2, { dtype: "bfloat16" })),
      assignData(3),
      assignData(ones(2, { dtype: "int64" })),
    ];
  },
  "an assigned gradient is added into"() {
    const x = leaf(1, 2);
    const mine = floats(10, 20);
    x.grad = mine;
    x.mul(3).sum().backward();
    const first = mine.clone();
    x.mul(x).sum().backward({ createGraph: true });
    return [first, x.grad === mine, x.grad, x.grad!.requiresGrad];
  },
  "a passed gradient is never shared"() {
    const [a, b] = [leaf(1, 2), leaf(3, 4)];
    const given = ones(2);
    a.add(b).backward(given);
    a.grad!.zero_();
    return [given, b.grad, a.grad];
  },
  "detaching in place cuts the history"() {
    const y = leaf(1, 2).mul(2);
    y.detach_();
    return [y.isLeaf, y.requiresGrad, refusal(() => y.sum().backward())];
  },
  "a pass within a hook"() {
    const x = leaf(2);
    const y = x.mul(x);
    const z = y.mul(3);
    const inner: unknown[] = [];
    z.registerHook(() => {
      inner.push(grad(y, x, { retainGraph: true })[0]!.tolist());
    });
    z.sum().backward();
    return [inner, x.grad];
  },
  "a deep graph runs"() {
    const x = leaf(1);
    let y = x;
    for (let k = 0; k < 20_000; k++) y = y.add(1);
    y.backward();
    return [x.grad, y];
  },
  "a node runs once with the sum of its gradients"() {
    const x = leaf(1, 2);
    const seen: unknown[] = [];
    const y = x.mul(2);
    y.registerHook((g) => {
      seen.push(g.tolist());
    });
    y.mul(y).add(y.exp()).sub(y).sum().backward();
    return [seen, x.grad];
  },
  "views give gradients to their places"() {
    const x = matrix(3, 4);
    const parts = [
      x.at(1),
      x.at(":, 2"),
      x.t().at(3),
      x.diagonal(1),
      x.unfold(1, 3, 1).at(2),
      x.unbind(1)[0]!,
      x.split([1, 2])[1]!,
      x.chunk(2, 1)[1]!,
      x.movedim(0, 1).at(2),
      x.flip(0).at(0),
      x.roll(1, 1).at(0),
      x.repeat(2, 1).at(4),
      x.expand(2, 3, 4).at(1),
      x.unsqueeze(1).squeeze(1).at(0),
      x.flatten().at("7:9"),
      x.unflatten(1, [2, 2]).at(0),
    ];
    parts
      .map((part, k) => part.mul(k + 1).sum())
      .reduce((sum, part) => sum.add(part))
      .backward();
    return [x.grad, parts.map(name)];
  },
  "index tensors add up their gradients"() {
    const x = matrix(3, 4);
    const y = x.at(tensor([0, 2, 0]), tensor([1, 1, 1]));
    const z = x.at(x.detach().gt(0));
    const [g] = grad(y.mul(y).sum().add(z.mul(z).mul(z).sum()), x, { createGraph: true });
    const [h] = grad(g!.sum(), x);
    return [g, h, name(y), name(z)];
  },
  "writing by index"() {
    const [x, v] = [matrix(3, 4), leaf(5, 6)];
    const y = x.mul(1);
    y.setAt(tensor([0, 2]), 1, v);
    y.setAt("1, :2", v);
    y.setAt(":, 3", 7);
    y.setAt(y.detach().lt(0), v.at(0));
    // What Python's `y[2, ::3] *= 2` does: writes the view, then assigns it to its own place.
    const part = y.at("2, ::3");
    part.mul_(2);
    y.setAt("2, ::3", part);
    y.mul(y).sum().backward();
    return [y, x.grad, v.grad, name(y), y.version.value];
  },
  "an index that was changed"() {
    const x = leaf(1, 2, 3);
    const i = tensor([0, 1]);
    const y = x.at(i);
    i.setAt(0, 2);
    const z = x.at(tensor([0])).sum();
    z.backward();
    return [refusal(() => y.sum().backward()), refusal(() => z.backward())];
  },
  "a custom function"() {
    const x = leaf(0, 1);
    const y = Exp.apply(x);
    const [g] = grad(y.sum(), x, { createGraph: true });
    const [h] = grad(g!.sum(), x);
    const z = Exp.apply(x).sum();
    z.backward();
    const w = Exp.apply(x.mul(1));
    w.mul_(2);
    return [
      y,
      name(y),
      g,
      h,
      refusal(() => z.backward()),
      refusal(() => w.sum().backward()),
      name(Exp.apply(ones(1))),
      Exp.apply(x).gradFn!.nextFunctions[0]![0]!.name,
    ];
  },
  "custom functions of several outputs"() {
    const [x, w] = [leaf(1, 2), leaf(3, 4)];
    const [a, b, c] = Pair.apply(x, w);
    b.mul(2).sum().backward();
    const scaled = Scale.apply(x, 3);
    const gradients = grad(Scale.apply(x, 3).sum(), x);
    return [a, b, c, x.grad, w.grad, Pair.seen, c.requiresGrad, name(scaled), gradients];
  },
  "custom functions that are wrong"() {
    const x = leaf(1, 2);
    const run = (differentiate: Backward | null, ...rest: unknown[]): string =>
      refusal(() =>
        made((_, input) => input.mul(2), differentiate)
          .apply(x, ...rest)
          .sum()
          .backward(),
      );
    return [
      run((_, g) => [g, g]),
      run((_, g) => [g, null, null]),
      run((_, g) => g, leaf(1)),
      run((_, g) => [g, g], 3),
      run(() => 3),
      run(() => "a"),
      run(() => ones(3)),
      run(null),
      run(() => null),
      refusal(() => (AutogradFunction as unknown as Applicable).apply(x)),
      refusal(() => made((ctx) => ctx.saveForBackward(3 as never), null).apply(x)),
      x.grad,
    ];
  },
  "custom functions that write"() {
    const x = leaf(1, 2);
    const written = made(write as Forward, (_, g) => g.mul(2));
    const z = x.mul(1);
    const y = written.apply(z);
    const u = x.mul(1);
    const v = u.at(":1");
    const w = written.apply(v);
    const same = made(
      (_, input) => input,
      (_, g) => g.mul(5),
    );
    const part = made(
      (_, input) => input.at(":1"),
      (_, g) => g.repeat(2),
    );
    const s = same.apply(x.mul(1));
    return [
      y === z,
      name(y),
      y.version.value,
      grad(y.sum(), x),
      w === v,
      name(w),
      name(u),
      u,
      grad(u.sum(), x),
      refusal(() => written.apply(x)),
      refusal(() => made(forget as Forward, (_, g) => g).apply(x.mul(1))),
      name(s),
      grad(s.sum(), x),
      refusal(() => same.apply(x.mul(1)).add_(1)),
      refusal(() => part.apply(x.mul(1)).add_(1)),
    ];
  },
  "a small network trains"() {
    const [w1, b1, w2] = [matrix(3, 4), leaf(0.1, 0.2, 0.3), matrix(2, 3)];
    const x = tensor([
      [1, -1, 0.5, 2],
      [0.5, 0.25, -2, 1],
    ]);
    const losses: Tensor[] = [];
    for (let step = 0; step < 3; step++) {
      const hidden = x.mm(w1.t()).add(b1).relu();
      const miss = hidden.mm(w2.t()).sub(1);
      const loss = miss.mul(miss).sum().div(4);
      for (const each of [w1, b1, w2]) each.grad = null;
      loss.backward();
      noGrad(() => {
        for (const each of [w1, b1, w2]) each.sub_(each.grad!, { alpha: 0.125 });
      });
      losses.push(loss.detach().clone());
    }
    return [losses, w1, b1, w2, w1.version.value];
  },
};

/** A result as the golden file writes it. */
export function shown(value: unknown): unknown {
  if (isTensor(value)) {
    const values = [value.detach().reshape(-1).tolist()].flat() as number[];
    return { dtype: value.dtype.name, shape: value.shape.slice(), values };
  }
  return Array.isArray(value) ? value.map(shown) : value;
}
