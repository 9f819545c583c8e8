"""The same measurements as parascope.ts, by PyTorch from Python, on one thread and on all."""
import math, sys, time, torch

def micro(run):
    end = time.perf_counter() + 0.3
    calls = 0
    while time.perf_counter() < end:
        run(); calls += 1
    batch = max(1, calls // 300)
    times = []
    for _ in range(300):
        start = time.perf_counter()
        for _ in range(batch):
            run()
        times.append(1e6 * (time.perf_counter() - start) / batch)
    return sorted(times)[150]

if len(sys.argv) > 1:
    torch.set_num_threads(int(sys.argv[1]))
filled = lambda n: [math.sin(k) for k in range(n)]
results = {}
for count in (1, 64, 4096):
    a, b = torch.tensor(filled(count)), torch.tensor(filled(count))
    side = round(count ** 0.5)
    m = torch.tensor(filled(count)).reshape(side, side)
    results[f"add {count}"] = micro(lambda: a.add(b))
    results[f"mul {count}"] = micro(lambda: a.mul(b))
    results[f"mm {count}"] = micro(lambda: m.mm(m))
    results[f"relu {count}"] = micro(lambda: a.relu())
    results[f"sum {count}"] = micro(lambda: a.sum())
x = torch.tensor(filled(10)).reshape(1, 10)
target = torch.zeros(1, 5)
p = lambda *s: torch.tensor(filled(math.prod(s))).reshape(s).requires_grad_()
w1, b1, w2, b2 = p(20, 10), p(20), p(5, 20), p(5)
results["forward 10-20-5"] = micro(lambda: b2.addmm(b1.addmm(x, w1.t()).relu(), w2.t()).sub(target))
def step():
    h = b1.addmm(x, w1.t()).relu()
    d = b2.addmm(h, w2.t()).sub(target)
    loss = d.mul(d).sum()
    for q in (w1, b1, w2, b2):
        q.grad = None
    loss.backward()
results["step 10-20-5"] = micro(step)
for name, t in results.items():
    print(f"{name:18} {t:8.2f} µs")
