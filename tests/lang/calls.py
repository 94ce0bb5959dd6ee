# expect-compiled: use_leaf, defaults, keywords, compose, many
"""Positional, default, keyword, star arguments and calls among hot functions."""


def leaf(a, b):
    return a * b + 1


def use_leaf(n):
    s = 0
    for i in range(n):
        s += leaf(i, 2)
        s -= leaf(i, 0.5)
    return s


def defaults(a, b=10, c=None, d=2.5):
    if c is None:
        c = a
    return a + b * c - d


def keywords(x, y, z=3):
    return x * 100 + y * 10 + z


def only(a, /, b, *, c, d=4):
    return a, b, c, d


def star(first, *rest, **named):
    return first, rest, sorted(named.items())


def use_all(n):
    out = []
    for i in range(n):
        out.append(defaults(i))
        out.append(defaults(i, 1))
        out.append(defaults(i, d=0))
        out.append(defaults(i, c=2, b=1))
        out.append(keywords(y=i, x=1))
        out.append(keywords(i, 2, z=i))
        out.append(only(i, 2, c=3))
        out.append(only(1, b=i, d=5, c=6))
        out.append(star(i, i, i, k=i))
        out.append(star(*[i, 2], **{"a": i}))
    return out


def compose(f, g, x):
    return f(g(x))


def many(a, b, c, d, e, f, g, h, i, j):
    return a - b + c - d + e - f + g - h + i - j


print(use_leaf(100), use_all(5))
print([compose(abs, lambda v: v - 3, x) for x in range(6)], compose(str, float, 3))
print([many(*range(k, k + 10)) for k in range(4)], many(1.5, 2, 3, 4, 5, 6, 7, 8, 9, 2**70))
BAD = [
    (leaf, (1,), {}), (leaf, (1, 2, 3), {}), (leaf, (), {"a": 1}), (leaf, (1, 2), {"c": 3}), (leaf, (1,), {"a": 2}), (only, (1, 2), {}),
    (only, (), {"a": 1, "b": 2, "c": 3}), (only, (1, 2, 3), {"c": 1}), (star, (), {}), (defaults, (1, 2, 3, 4, 5), {}), (keywords, (1,), {"w": 1}),
]  # fmt: skip
for f, args, kwargs in BAD * 2:
    try:
        print(f(*args, **kwargs))
    except TypeError as e:
        print(e)
for i in range(8):
    if i == 4:
        defaults.__defaults__ = (7, 8, 9)
    if i == 6:
        leaf.__code__ = (lambda a, b: a - b).__code__
    print(defaults(i), leaf(i, 2), use_leaf(3))


def mutable(x, acc=[]):
    acc.append(x)
    return len(acc)


print([mutable(i) for i in range(5)], mutable(1, []), mutable(9))


def late(n):
    return [helper(i) for i in range(n)]


def helper(i):
    return i + 1


first = late(5)


def helper(i):
    return i * 0.5


print(first, late(5))
