# expect-compiled: call1, trig, distances, stats, entropy, from_global, hypots
"""The math module in loops: results to the last bit, errors as CPython words them."""

import math
from math import cos, exp, log, pi, sin, sqrt

VALUES = [
    0.0,
    -0.0,
    0.5,
    1.0,
    -1.0,
    2.0,
    -2.5,
    10,
    100.5,
    1e-10,
    1e308,
    -1e308,
    710.0,
    float("inf"),
    float("-inf"),
    float("nan"),
    0,
    3,
    -7,
    True,
    2**70,
]
ONE = [
    "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "exp", "exp2", "expm1", "log", "log2", "log10",
    "log1p", "floor", "ceil", "trunc", "fabs", "gamma", "lgamma", "erf", "erfc", "isnan", "isinf", "isfinite", "degrees", "radians", "frexp", "modf", "cbrt", "ulp",
]  # fmt: skip
TWO = [
    "pow",
    "fmod",
    "atan2",
    "hypot",
    "copysign",
    "remainder",
    "nextafter",
    "ldexp",
    "gcd",
    "lcm",
    "comb",
    "isclose",
    "dist",
]


def call1(f, x):
    try:
        return f(x)
    except (ValueError, OverflowError, TypeError) as e:
        return f"{type(e).__name__}: {e}"


def call2(f, x, y):
    try:
        return f(x, y)
    except (ValueError, OverflowError, TypeError) as e:
        return f"{type(e).__name__}: {e}"


def trig(n):
    s = 0.0
    for i in range(n):
        s += math.sin(i * 0.1) * math.cos(i * 0.2) + math.tan(i * 0.01) - math.atan2(i, 3.0)
    return s


def distances(points):
    total = 0.0
    for i in range(len(points)):
        for j in range(i):
            dx = points[i][0] - points[j][0]
            dy = points[i][1] - points[j][1]
            total += math.sqrt(dx * dx + dy * dy)
    return total


def stats(values):
    s = 0.0
    for v in values:
        s += (
            math.exp(-v * v / 2) / math.sqrt(2 * math.pi)
            + math.log(1 + v * v)
            + math.floor(v)
            - math.ceil(v)
            + math.fabs(v)
        )
    return s


def entropy(weights):
    total = math.fsum(weights)
    h = 0.0
    for w in weights:
        p = w / total
        h -= p * math.log2(p)
    return h


def from_global(n):
    s = 0
    for i in range(1, n):
        s += sqrt(i) + sin(i) * cos(i) + exp(-i) + log(i) + pi
    return s


def hypots(n):
    return [math.hypot(i, i + 1) + math.pow(i, 0.5) + math.isqrt(i) for i in range(n)]


for name in ONE:
    f = getattr(math, name)
    print(name, [call1(f, x) for x in VALUES])
for name in TWO:
    f = getattr(math, name)
    print(name, [call2(f, x, y) for x in VALUES[::2] for y in VALUES[1::3]])
print(trig(300), distances([(i % 7 * 1.5, i % 5 - 0.25) for i in range(25)]), stats([i * 0.37 - 5 for i in range(40)]))
print(entropy([1, 2, 3.5, 4]), from_global(200), hypots(20))
for bad in ([0.0, 1.0], [1, -1], []):
    try:
        print(entropy(bad))
    except (ValueError, ZeroDivisionError) as e:
        print(type(e).__name__, e)


def domain(n):
    out = []
    for i in range(n):
        try:
            out.append(math.sqrt(3 - i))
        except ValueError as e:
            out.append(str(e))
        try:
            out.append(math.log(2 - i))
        except ValueError as e:
            out.append(str(e))
        try:
            out.append(math.exp(i * 300.0))
        except OverflowError as e:
            out.append(str(e))
    return out


print(domain(6))


class F:
    def __float__(self):
        return 2.25


print(call1(math.sqrt, F()), call1(math.sqrt, "2"), call1(math.floor, F()), call1(math.sqrt, None))
real_sqrt = math.sqrt
for i in range(6):
    if i == 4:
        math.sqrt = lambda x: "patched"
    print(distances([(0, 0), (3, 4)]) if i < 4 else math.sqrt(2), end=" ")
math.sqrt = real_sqrt
print(distances([(0, 0), (3, 4)]))
