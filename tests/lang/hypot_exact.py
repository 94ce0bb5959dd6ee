# expect-compiled: norms, between
"""math.hypot of floats and ints: as the interpreter's to the last bit, over all magnitudes."""

import math
import random

rng = random.Random(3)


def value():
    kind = rng.randrange(8)
    if kind == 0:
        return rng.uniform(-1, 1) * 10.0 ** rng.randrange(-320, 308)
    if kind == 1:
        return 5e-324 * rng.randrange(1 << 20)
    if kind == 2:
        return float(rng.randrange(1000))
    if kind == 3:
        return rng.choice([0.0, -0.0, 1.0, 1e308, 1.7e308, math.inf, -math.inf, math.nan, 2.2250738585072014e-308])
    return rng.gauss(0, 1) * 2.0 ** rng.randrange(-5, 5)


def norms(xs, ys):
    out = []
    for x, y in zip(xs, ys):
        out.append(math.hypot(x, y))
    return out


def between(points):
    """Called from a closure, in a loop that keeps the function in a cell."""

    def distance(i, j):
        return math.hypot(points[i] - points[j], points[j] - 3)

    t = 0.0
    for i in range(1, len(points)):
        t += distance(i - 1, i) + distance(i, 0) - distance(0, i)
    return t


xs = [value() for _ in range(6000)]
ys = [value() for _ in range(6000)]
for r in norms(xs, ys):
    print(r.hex())
ints = [rng.randrange(-(10**6), 10**6) for _ in range(2000)]
print(sum(norms(ints, ints[::-1])), sum(norms(ints, xs[:2000][::-1]) and norms(ints, ints)))
print(between(ints))
try:
    norms([10**400], [1])
except OverflowError as e:
    print(e)
