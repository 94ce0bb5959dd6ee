# expect-compiled: names, boxed, mixed
"""Identity with True, False and None of values of every kind."""

import sys


class Truth:
    def __eq__(self, other):
        return True


def names(values):
    out = []
    for v in values:
        if v is True:
            out.append("T")
        elif v is False:
            out.append("F")
        elif v is None:
            out.append("N")
        elif v is not True:
            out.append(type(v).__name__[0])
    return "".join(out)


def boxed(a, b, o):
    """Comparisons that are not boxed, against objects."""
    x = a < b
    y = a > b
    return x is o, y is o, o is x, o is not y, x is y, x is not True, (a == b) is o


def mixed(values, flags):
    n = 0
    for v in values:
        for f in flags:
            if v is f:
                n += 1
            if (v == 1) is f:
                n += 10
    return n


def main():
    values = [True, False, None, 1, 0, 1.0, "x", Truth(), (), (1,), [], 10**20, 1 + 2j, sys]
    for _ in range(60):
        r = names(values), names([True, False] * 3), names([1, 0]), names([None, "a", True])
    print(r)
    before = sys.getrefcount(values[7])
    for _ in range(60):
        r = (
            [boxed(1, 2, o) for o in values],
            [boxed(2.0, 1.0, o) for o in values],
            boxed(1, 1, True),
            boxed(2, 1, False),
        )
    print(r, sys.getrefcount(values[7]) - before)
    for _ in range(60):
        r = mixed(values, [True, False]), mixed([True, 1], [True, False, None, 1])
    print(r)


main()
