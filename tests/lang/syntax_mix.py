# expect-compiled: walrus, matching, augmented, slicing, contains, ternary_calls, fstrings, chained
"""Walrus, match, f-strings, slices, `in`, chained assignment, decorators, star expressions."""

import functools


def walrus(values):
    out = []
    i = 0
    while (n := len(values) - i) > 0:
        if (v := values[i]) > 2:
            out.append((n, v))
        i += 1
    return out, [y for x in values if (y := x * 2) > 4]


def matching(items):
    out = []
    for item in items:
        match item:
            case 0 | 1:
                out.append("bit")
            case int(x) if x > 100:
                out.append("large")
            case int():
                out.append("int")
            case [a, b]:
                out.append(a + b)
            case [a, *rest]:
                out.append(len(rest))
            case {"k": v}:
                out.append(v)
            case str() as s:
                out.append(s + "!")
            case None:
                out.append("none")
            case _:
                out.append("?")
    return out


def augmented(n):
    a = b = c = 7
    x = 1.0
    s = ""
    out = []
    for i in range(1, n):
        a += i
        b -= a
        c *= 2
        c //= 3
        c %= 1000
        a <<= 1
        a >>= 2
        a |= 5
        b &= 0xFFFF
        b ^= i
        x **= 0.5
        x /= 3
        x += c
        s += str(c)
        out += [a]
        out *= 1
    return a, b, c, x, s, len(out)


def slicing(a, n):
    s = 0
    for i in range(n):
        s += len(a[i:]) + sum(a[:i]) + sum(a[-i:]) + sum(a[i : i + 3]) + sum(a[::-1][:2]) + sum(a[i::2])
        a[i % 3 : i % 3 + 1] = [i, i] if i % 2 else []
    return s, a


def contains(xs, n):
    hits = 0
    for i in range(n):
        hits += i in xs
        hits += 10 * (i not in xs)
    return hits


def ternary_calls(n):
    f = abs
    for i in range(n):
        f = (min if i % 2 else max) if i > 3 else f
        r = f(-i, 3) if i > 3 else f(-i)
    return r


def fstrings(n):
    out = ""
    for i in range(n):
        out += f"{i}:{i / 3:.2f}:{i!r:>3}|" if i % 2 else f"{out[:3]}"
    return out


def chained(n):
    for i in range(n):
        a = b = c = [i]
        b.append(i)
        c += [1]
    return a, a is c


def lambdas(n):
    return (
        sum(map(lambda x: x * x, filter(lambda x: x % 2, range(n)))),
        sorted(range(n), key=lambda x: -x % 5),
        functools.reduce(lambda a, b: a * 3 + b, range(n), 0),
    )


@functools.lru_cache(maxsize=None)
def cached(n):
    return n if n < 2 else cached(n - 1) + cached(n - 2)


def deco(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs) + 1

    return wrapper


@deco
@deco
def decorated(x, k=2):
    return x * k


print(walrus([1, 2, 3, 4]), matching([0, 1, 5, 500, [1, 2], (1, 2, 3), {"k": 3}, "s", None, 1.5, [], True, 2**70]))
print(augmented(5), augmented(40), slicing([1, 2, 3, 4, 5], 5), slicing([0.5] * 6, 4))
print(
    contains([1, 2.0, 3], 6),
    contains({1, 5}, 6),
    contains({2: 3}, 4),
    contains(range(2, 4), 6),
    contains((1.5,), 3),
    contains("", 0),
)
print(
    [ternary_calls(n) for n in (1, 3, 5, 9)],
    fstrings(7),
    chained(3),
    lambdas(10),
    cached(60),
    [decorated(i) for i in range(5)],
    decorated(2, k=0.5),
)
first, *rest = range(5)
print(first, rest, [*rest, *"ab"], {**{"a": 1}, "b": 2}, (*rest, first))
for i, (a, *b) in enumerate([(1, 2, 3), "xy", [0.5]]):
    print(i, a, b)
assert_hits = 0
for i in range(30):
    try:
        assert i % 7, f"bad {i}"
    except AssertionError as e:
        assert_hits += len(str(e))
print(assert_hits)
import math as m  # noqa: E402

for i in range(20):
    from math import pi as p

    q = m.floor(p * i)
print(q)
