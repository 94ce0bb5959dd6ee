# expect-compiled: over_list, over_any, pairs, over_str, nested, over_iter
"""Iteration over list, tuple, str, bytes, dict, set, iterators, generators."""


def over_list(values):
    s = 0
    for v in values:
        s += v
    return s


def over_any(it):
    out = []
    for v in it:
        out.append(v)
    return out


def pairs(items):
    s = 0
    for a, b in items:
        s += a * b
    return s


def over_str(text):
    n = 0
    vowels = 0
    for c in text:
        n = n * 31 + ord(c)
        n %= 65521
        if c in "aeiou":
            vowels += 1
    return n, vowels


def nested(rows):
    s = 0
    for row in rows:
        for v in row:
            s += v
    return s


def over_iter(it):
    first = None
    for v in it:
        if first is None:
            first = v
        elif v == 3:
            break
    rest = [x for x in it]
    return first, rest


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


class Sequence:
    def __getitem__(self, i):
        if i >= 4:
            raise IndexError
        return i * i


print(
    over_list([1, 2, 3]),
    over_list((1.5, 2.5)),
    over_list([]),
    over_list(range(10)),
    over_list([2**62] * 4),
    over_list([1, 2.5, True]),
)
for it in (
    [1, "a"],
    (1, None),
    "héllo☃𝄞",
    b"\x00\xff",
    {"a": 1, "b": 2},
    frozenset([1]),
    iter([1, 2]),
    Countdown(3),
    Sequence(),
    (x * x for x in range(4)),
    map(abs, [-1, 2]),
    bytearray(b"ab"),
    range(2),
):
    print(over_any(it))
print(pairs([(1, 2), (3, 4)]), pairs([[1.5, 2], (2, 2)]), pairs({1: 2, 3: 4}.items()), pairs(zip([1], [2])))
print(over_str("the quick brown fox"), over_str(""), over_str("ünïcödé ☃"))
print(nested([[1, 2], [3]]), nested([(1.0,), []]), nested([range(3), [True]]))
print(over_iter(iter([1, 2, 3, 4, 5])), over_iter(iter((0, 3, 9))), over_iter(Countdown(6)))
for bad in (5, None, 1.5, len):
    try:
        over_any(bad)
    except TypeError as e:
        print(e)
for bad in ([(1, 2, 3)], [(1,)], [5], ["ab", "c"]):
    try:
        pairs(bad)
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
