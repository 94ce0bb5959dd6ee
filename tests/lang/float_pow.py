# expect-compiled: power, inplace, distances, roots
"""Float ** : specials, negative bases, overflow, integer and half exponents."""

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
