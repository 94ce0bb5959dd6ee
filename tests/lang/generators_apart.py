# expect-compiled: dot, sums, extremes, lists, loops, nested, captured, early, errors, mixed
"""Generators whose frames are inlined into their consumer."""

import traceback


def dot(xs, ys):
    return sum(x * y for x, y in zip(xs, ys))


def sums(xs, n):
    a = sum(x for x in xs)
    b = sum(i * i for i in range(n))
    c = sum(1 for x in xs if x > 1)
    d = sum(i / 3 for i in range(n))
    e = sum(x is None for x in xs)
    return a, b, c, d, e


def extremes(xs):
    return min(x * 2 for x in xs), max(x - 1 for x in xs), max(-i for i in range(5))


def lists(xs):
    a = list(x + 1 for x in xs)
    b = tuple(x * x for x in xs if x)
    c = sorted(-x for x in xs)
    return a, b, c, any(x > 2 for x in xs), all(x > 0 for x in xs), any(x > 100 for x in xs)


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def pairs(xs):
    for i, x in enumerate(xs):
        if x:
            yield i, x


def loops(xs, n):
    total = 0
    for i in count(n):
        total += i
        if total > 1000:
            break
    for i, x in pairs(xs):
        total += i * x
    return total


def nested(n):
    total = 0
    for i in count(n):
        for j in count(i):
            total += i * j
    total += sum(sum(a * b for b in range(3)) for a in range(n))
    return total


def captured(xs, k):
    f = lambda v, w=2: v * k + w
    total = sum(f(x) * k for x in xs)
    k += 1
    return total, sum(x + k for x in xs), f(1), f(1, 5)


def early(xs):
    for x in (y * 2 for y in xs):
        if x > 4:
            return x
    return None


def errors(xs):
    try:
        return sum(10 // x for x in xs)
    except (ZeroDivisionError, TypeError) as e:
        return repr(e)


def mixed(xs):
    try:
        return sum(x for x in xs)
    except TypeError as e:
        return repr(e)


ints = [1, 2, 3, 4]
floats = [0.1, 0.2, 0.3, 1e16, 1.0, -1e16]
for _ in range(60):
    out = (
        dot(ints, ints),
        dot(floats, floats),
        dot(floats, ints),
        sums(ints, 7),
        sums(floats, 5),
        extremes(ints),
        extremes(floats),
        lists(ints),
        lists([0, 3, 1]),
        loops(ints, 9),
        loops([0, 1], 100),
        nested(6),
        captured(ints, 3),
        captured(floats, 0.5),
        early(ints),
        early([1]),
        errors(ints),
        errors([1, 0]),
        errors([1, "a"]),
        mixed(ints),
        mixed(floats),
        mixed([1, 2.5, 3]),
        mixed([2**62, 2**62, 2**62]),
        mixed([1.5, 10**400]) if False else 0,
        mixed([1e16, 1, -1e16]),
        mixed([1j, 2.0, 3]),
        mixed([0.1] * 10),
        mixed([0.1, True, 2]),
        mixed([1, "a"]),
        mixed([]),
        mixed([float("inf"), 1.0, -1e308]),
        mixed([-0.0, -0.0]),
        mixed([True, False]),
    )
print(out)
for bad in ([], [2.0, "x"], ["b", "a"], [[2], [1]]):
    for _ in range(30):
        try:
            r = min(x for x in bad), max(x for x in bad)
        except Exception as e:
            r = repr(e)
    print(r)


class Loud:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("gone", self.n)

    def __radd__(self, other):
        return other + self.n


def release(n):
    last = Loud(n)
    for x in (Loud(i).n for i in range(n)):
        if x == 1:
            break
    return sum(Loud(i) for i in range(2)) + last.n


for i in range(4):
    print(release(3))


def trace(xs):
    def inner(v):
        if v == 3:
            raise ValueError(v)
        return v

    return sum(inner(x) for x in xs)


for _ in range(40):
    try:
        trace(ints)
    except ValueError:
        text = traceback.format_exc()
print(text)
