# expect-compiled: power, inplace, distances, roots, constants
"""Float ** : specials, negative bases, overflow, integer and half exponents."""

import math
import random
import struct

INF = float("inf")
NAN = float("nan")
VALUES = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1e300, 1e-300, INF, -INF, NAN, 3, -3, 0]
EXPONENTS = [0.0, -0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -0.5, 1.5, 1e10, INF, -INF, NAN, 2, 3, -2, 0]


def power(a, b):
    return a**b


def inplace(x, e, n):
    for _ in range(n):
        x **= e
    return x


def distances(points):
    s = 0.0
    for x, y, z in points:
        s += (x**2 + y**2 + z**2) ** 0.5
    return s


def roots(n):
    return [i**0.5 for i in range(n)] + [i**-0.5 for i in range(1, n)] + [i**1.5 for i in range(n)]


for _ in range(5):
    power(2.0, 3.0)
for a in VALUES:
    row = []
    for b in EXPONENTS:
        try:
            row.append(power(a, b))
        except (ZeroDivisionError, OverflowError) as e:
            row.append(f"{type(e).__name__}: {e}")
    print(a, row)
print(inplace(1.0000001, 2.0, 20), inplace(2.0, 0.5, 60), inplace(3, 2, 5), inplace(0.5, 2, 12))
try:
    inplace(10.0, 2.0, 12)
except OverflowError as e:
    print("overflow", e)
print(distances([(1.0, 2.0, 3.0), (0.0, -0.0, 0.1), (1e-200, 1e-200, 0.0), (3, 4, 12)] * 10))
print(roots(20))


def constants(xs):
    """Exponents that are computed in line; every result counts."""
    h = 0
    for x in xs:
        a = x**2, x**3, x**4, x**-1, x**-2, x**2.0, x**8
        y = abs(x)
        b = y**0.5, y**1.5, y**-0.5, y**2.5, y**-1.5, y**7.5
        for v in a + b:
            h = (h * 31 + int.from_bytes(struct.pack("<d", v))) % (2**61 - 1)
    return h


def variance(xs):
    mean = sum(xs) / len(xs)
    return sum((x - mean) ** 2 for x in xs) / len(xs), math.pow(mean, 2.0), math.pow(mean, 0.5)


def root_of(x):
    return x**0.5


def inverse(x):
    return x**-2


rng = random.Random(5)
xs = [rng.uniform(-10, 10) for _ in range(2000)] + [rng.gauss(0, 1) * 10.0 ** rng.randint(-30, 30) for _ in range(2000)]
print(constants(xs), variance([abs(x) for x in xs]))
for _ in range(20):
    root_of(2.0), inverse(2.0)
for x in [-4.0, 0.0, -0.0, 1e308, 1e-308, 5e-324, INF, -INF, NAN, 4.0]:
    for f in root_of, inverse:
        try:
            print(f.__name__, x, f(x))
        except (ZeroDivisionError, OverflowError) as e:
            print(f.__name__, x, type(e).__name__, e)
