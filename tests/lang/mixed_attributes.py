# expect-compiled: dot, __sub__, hits, extents, ratios, orders, drift
"""Attributes that are ints in one object and floats in another, through operators of small methods: values and types to the last bit."""

import math
from fractions import Fraction


class V:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __sub__(a, b):
        return V(a.x - b.x, a.y - b.y, a.z - b.z)

    def __mul__(a, k):
        return V(a.x * k, a.y * k, a.z * k)

    def dot(a, b):
        return a.x * b.x + a.y * b.y + a.z * b.z

    def __repr__(self):
        return f"V({self.x!r}, {self.y!r}, {self.z!r})"


POINTS = [V(0, 0, 5), V(1.5, 0.5, 4), V(-1.5, -0.3, 6), V(2, 0.25, -3), V(-0.0, 7, 1e10), V(3, 4, 0)]


def hits(points, rounds):
    found, total = [], 0
    for i in range(rounds):
        a, b = points[i % len(points)], points[(i * 5 + 1) % len(points)]
        d = a - b
        q = d.dot(b) * d.dot(b) - d.dot(d) + i
        total += q
        if i % 17 == 0:
            found.append((d, q))
    return total, found


class Box:
    def __init__(self, low, high):
        self.low, self.high = low, high


def extents(boxes):
    wide = 0
    seen = []
    for b in boxes:
        size = b.high - b.low
        if size > wide:
            wide = size
        seen.append(-size if b.low < 0 else size)
    return wide, seen


def ratios(boxes):
    out = []
    for b in boxes:
        try:
            out.append((b.high / b.low, b.high * b.low))
        except ZeroDivisionError as e:
            out.append(str(e))
    return out


def orders(boxes):
    return [(b.low < b.high, b.low == b.high, b.low >= b.high, b.high != b.low) for b in boxes]


def drift(account, steps):
    for s in steps:
        account.low += s
        account.high = account.high * 2 - account.low
        if account.high > 1000:
            account.high = s
    return account.low, account.high


for n in (40, 200, 200):
    print(hits(POINTS, n))
numbers = [0, 1, -3, 2.5, -0.0, 7, 1e300, -2, 0.1, 3]
boxes = [Box(a, b) for a in numbers for b in numbers]
for _ in range(4):
    print(extents(boxes))
    print(ratios(boxes))
    print(orders(boxes))
odd = [True, 2**53, 2**53 + 1, float(2**53), 2**70, -(2**31), math.inf, math.nan, Fraction(1, 3)]
strange = [Box(a, b) for a in odd for b in odd if a != 0]
print(extents(strange[:30]), ratios(strange), orders(strange))
for start in (0, 0.0, 1, 2.5, 2**40):
    print(drift(Box(start, 1), [1, 2, 0.5, 3] * 30), drift(Box(start, 1.5), [1, 2, 3] * 30))
for wrong in ("text", None, [1]):
    try:
        print(hits([V(1, wrong, 2.0), V(1, 2, 3.0)], 5))
    except TypeError as e:
        print(e)
