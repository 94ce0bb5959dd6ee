# expect-compiled: arith, relations, signs, minmax, nan_loop, truth
"""Signed zeros, infinities, NaN, the largest and the smallest floats."""

import math

INF = float("inf")
NAN = float("nan")
SPECIALS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    INF,
    -INF,
    NAN,
    5e-324,
    -5e-324,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    2.2250738585072014e-308,
]


def arith(a, b):
    out = [a + b, a - b, a * b]
    if b != 0:
        out.append(a / b)
    return out


def relations(a, b):
    return [a < b, a <= b, a == b, a != b, a > b, a >= b, not a < b, not (a >= b)]


def signs(values):
    out = []
    for v in values:
        out.append(math.copysign(1.0, v))
        out.append(math.copysign(1.0, -v))
        out.append(math.copysign(1.0, v * -1.0))
        out.append(math.copysign(1.0, 0.0 - v))
        out.append(math.copysign(1.0, v + 0.0))
        out.append(math.copysign(1.0, 0 - v))
        out.append(math.copysign(1.0, abs(v)))
    return out


def minmax(a, b):
    return min(a, b), max(a, b), min(b, a), max(b, a), max(a, b, a), min([a, b])


def nan_loop(n, start):
    x = start
    count = 0
    for i in range(n):
        x = x * 10.0
        if x == x:
            count += 1
        x = x - x * 0.5
        if x != x:
            return "nan at", i, count
    return x, count


def truth(values):
    n = 0
    for v in values:
        if v:
            n = n * 2 + 1
        elif not v:
            n = n * 2
        n += 3 if v and True else 1
    return n


for a in SPECIALS:
    for b in SPECIALS:
        print(a, b, arith(a, b), relations(a, b), minmax(a, b))
print(signs(SPECIALS))
print(nan_loop(1000, 1.0), nan_loop(1000, 1e-320), nan_loop(5, NAN), nan_loop(10, 0.0), nan_loop(10, -0.0))
print(truth(SPECIALS), truth([0, 1, 0.0, NAN, -0.0]))
print(INF - INF, INF * 0.0, -INF + INF, INF // 1 if True else 0, repr(-0.0 + 0), repr(-0.0 * 1), repr(0 * -1.0))
