# expect-compiled: wholes, direct, lens, mins, abses, sums, rounds, ints, floats, divmods, pows, bigloop
"""len min max abs sum round int float divmod pow, in loops, with errors."""

import math
from decimal import Decimal
from fractions import Fraction


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def lens(items):
    n = 0
    for x in items:
        n = n * 7 + len(x)
    return n


def mins(a, b, c):
    return (
        min(a, b),
        max(a, b),
        min(a, b, c),
        max(a, b, c),
        min((a, b, c)),
        max([a, b, c]),
        min(a, b, key=lambda v: -v),
        max([], default=c),
    )


def abses(values):
    return [abs(v) for v in values]


def sums(values):
    return sum(values), sum(values, 10), sum(v * v for v in values), sum([v for v in values], 0.5)


def rounds(x):
    return round(x), round(x, 0), round(x, 1), round(x, -1), round(x, None)


def ints(x):
    return int(x)


def floats(x):
    return float(x)


def divmods(a, b):
    q, r = divmod(a, b)
    return q, r


def pows(a, b):
    return pow(a, b)


def bigloop(n):
    lo = 10**9
    hi = -(10**9)
    s = 0
    for i in range(n):
        v = (i * 7919) % 1009 - 500
        lo = min(lo, v)
        hi = max(hi, v)
        s += abs(v) + int(v / 3) + round(v / 4) + divmod(v, 7)[1] + pow(v, 2)
        s += int(float(v)) - len([v, v]) + max(0.5, v)
    return lo, hi, s


print(lens([[1], (1, 2), "abc", {}, range(9), b"", {1}, bytearray(5)]), attempt(lens, [5]), attempt(lens, [None]))
print(mins(1, 2, 3), mins(3.5, 1, 2**70), mins(True, 0, -0.0), mins(-0.0, 0.0, 0), attempt(mins, 1, "a", 2))
print(abses([1, -1, 0, -0.0, -2.5, True, -(2**63), 2**63, 3 + 4j, float("-inf")]), attempt(abses, ["x"]))
print(
    sums([1, 2, 3]),
    sums([0.1] * 10),
    sums([]),
    sums([2**62, 2**62, 2**63]),
    sums([1, 2.5, True]),
    attempt(sums, ["a"]),
    attempt(sums, [1, None]),
)
print(sum([0.1, 1e100, -1e100, 0.2]), sum([1e308, 1e308, -1e308]), sum(range(10**6)))
for x in (0, 1, 15, 25, -5, 0.5, 1.5, 2.5, -0.5, -1.5, 2.675, 1e16, 1e300, 12345.678, -0.0, 2**70, True):
    print(x, rounds(x))
print(attempt(rounds, float("nan")), attempt(rounds, float("inf")), attempt(rounds, "x"))
for x in (
    0,
    1.9,
    -1.9,
    0.0,
    -0.0,
    1e18,
    9.3e18,
    -9.3e18,
    1e30,
    "42",
    " -7 ",
    True,
    2**80,
    b"12",
    "x",
    None,
    "1.5",
    float("inf"),
    float("nan"),
    1j,
    9223372036854775807.0,
    -9223372036854775808.0,
):
    print(x, attempt(ints, x), attempt(floats, x))
for a in (7, -7, 7.5, -7.5, 2**64, True):
    for b in (2, -2, 0.5, 2**63, 0, 0.0):
        print(a, b, attempt(divmods, a, b), attempt(pows, a, b if b != 2**63 else 3))
print(bigloop(500), attempt(floats, 10**400), attempt(int, "9" * 5000)[:40], int("ff", 16), int("-0b11", 0))


class Whole(float):
    pass


class Counting(int):
    pass


def wholes(values):
    out = []
    for x in values:
        for convert in (
            lambda: int(x),
            lambda: round(x),
            lambda: math.floor(x),
            lambda: math.ceil(x),
            lambda: float(x),
        ):
            out.append(convert())
    return out


def direct(values):
    out = []
    for x in values:
        out += (int(x), round(x), math.trunc(x), float(x), abs(x))
    return out


for values in (
    [1, 2, 3],
    [1, 2, Whole(2.0), 3],
    [4, Counting(5), True, 2**70, Decimal("1.5"), 2.5],
    [Fraction(7, 2), 1, 1.0],
):
    for _ in range(4):
        for got in (wholes(values), direct(values)):
            print(got, [type(x).__name__ for x in got])
