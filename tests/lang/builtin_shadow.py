# expect-compiled: uses_len, uses_range, uses_abs, uses_int
"""Builtins shadowed by globals in the middle, patched in builtins, and put back."""

import builtins


def uses_len(items):
    n = 0
    for x in items:
        n += len(x)
    return n


def uses_range(n):
    s = 0
    for i in range(n):
        s += i
    return s


def uses_abs(values):
    return [abs(v) for v in values] + [min(v, 1) for v in values]


def uses_int(x):
    return int(x) + float(x)


items = ["ab", [1, 2, 3], ()]
for turn in range(12):
    if turn == 3:
        len = lambda x: 10  # noqa: E731
    if turn == 5:
        del len
    if turn == 6:
        builtins.abs = lambda v: ("abs", v)
    if turn == 7:
        del builtins.abs
        builtins.abs = (-1).__class__.__abs__
    if turn == 8:
        range = lambda n: [n, n + 1]  # noqa: E731
    if turn == 9:
        range = builtins.range
        int = float
    if turn == 10:
        del int
        min = max
    print(turn, uses_len(items), uses_range(4), uses_abs([1, -2]), uses_int(2.75))


def mid_loop(n):
    out = []
    for i in range(n):
        out.append(len("abc"))
        if i == 4:
            globals()["len"] = lambda s: -1
        if i == 7:
            del globals()["len"]
    return out


print(mid_loop(10), mid_loop(10))


def breaks(n):
    out = []
    saved = builtins.sum
    for i in range(n):
        if i == 3:
            del builtins.sum
        try:
            out.append(sum([i, 1]))
        except NameError as e:
            out.append(str(e))
        if i == 5:
            builtins.sum = saved
    return out


print(breaks(9), breaks(4) if False else "")


class Namespace(dict):
    def __missing__(self, key):
        return 42


exec("s = 0\nfor i in range(5):\n    s += i\nprint(s)", {"__builtins__": {"range": lambda n: [7, 8], "print": print}})
exec("s = 0\nfor i in range(50):\n    s += i + unknown\nprint(s)", {}, Namespace(range=range, print=print))
