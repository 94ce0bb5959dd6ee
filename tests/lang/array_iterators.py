# expect-compiled: total, kinds, numbered, side_by_side, grown, left_over
"""Loops over array.array that are entered in the middle."""

from array import array


def total(a, rounds):
    s = 0
    for _ in range(rounds):
        for x in a:
            s = s + x * 2
    return s


def kinds(arrays):
    out = []
    for a in arrays:
        for x in a:
            out.append(x)
    return out


def numbered(a):
    s = 0.0
    for i, x in enumerate(a):
        s += i * x
    return s


def side_by_side(a, b):
    s = 0.0
    for x, y in zip(a, b):
        s += x * y
    return s


def grown(a, limit):
    """The array changes while it is walked."""
    s = 0
    for x in a:
        s += x
        if len(a) < limit:
            a.append(x + 1)
        elif x % 5 == 0:
            a.pop()
    return s, len(a)


def left_over(a, stop):
    it = iter(a)
    for x in it:
        if x == stop:
            break
    return list(it), it.__length_hint__() if hasattr(it, "__length_hint__") else None, next(it, "done")


def letters(a):
    out = ""
    for c in a:
        out += c
    return out


def main():
    floats = array("d", [0.5 * i for i in range(30)])
    ints = array("q", range(-15, 15))
    print(
        total(floats, 5), total(ints, 5), total(array("Q", [2**63, 5, 2**64 - 1]), 4), total(array("f", [1.1, 2.2]), 9)
    )
    codes = "bBhHiIlLqQfd"
    print(kinds([array(c, [1, 2, 3] * 4) for c in codes]))
    print(numbered(floats), numbered(ints), numbered(array("B", b"abc")))
    print(side_by_side(floats, ints), side_by_side(ints, [1.5] * 40), side_by_side(range(9), floats))
    print(grown(array("i", range(20)), 50), grown(array("i", range(20)), 10))
    for stop in (0.0, 3.5, 14.5, 99):
        print(left_over(floats, stop))
    print(letters(array("w", "hello" * 5)), letters(array("w", "")))


for _ in range(4):
    main()
