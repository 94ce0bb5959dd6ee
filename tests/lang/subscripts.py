# expect-compiled: get, put, sum_index, negative, prefix, bounds, rotate, aug
"""List and tuple items: negative indices, bounds, stores, odd index types."""


def get(seq, i):
    return seq[i]


def put(seq, i, v):
    seq[i] = v
    return seq


def sum_index(seq):
    s = 0
    for i in range(len(seq)):
        s += seq[i]
    return s


def negative(seq):
    out = []
    for i in range(1, len(seq) + 1):
        out.append(seq[-i])
    return out


def prefix(a):
    for i in range(1, len(a)):
        a[i] += a[i - 1]
    return a


def bounds(seq, lo, hi):
    out = []
    for i in range(lo, hi):
        try:
            out.append(seq[i])
        except IndexError as e:
            out.append(str(e))
    return out


def rotate(a, n):
    for _ in range(n):
        first = a[0]
        for i in range(len(a) - 1):
            a[i] = a[i + 1]
        a[-1] = first
    return a


def aug(a, n):
    for i in range(n):
        a[i % len(a)] *= 3
        a[-1 - i % len(a)] -= i
        a[i % 2], a[i % 3] = a[i % 3], a[i % 2]
    return a


class Index:
    def __init__(self, i):
        self.i = i

    def __index__(self):
        return self.i


class Mine(list):
    def __getitem__(self, i):
        return ("mine", i)

    def __setitem__(self, i, v):
        super().__setitem__(i, v * 2)


for i in range(5):
    get([1, 2, 3, 4, 5], i)
    put([1, 2, 3, 4, 5], i, i)
print([get([10, 20, 30], i) for i in (0, 1, 2, -1, -2, -3, True, False, Index(1), Index(-1))])
print(
    [get((10, 2.5, "x"), i) for i in (0, 2, -1, -3)],
    get("héllo", 1),
    get("abc", -1),
    get(b"abc", 0),
    get({"k": 5}, "k"),
    get(range(5), -2),
)
for seq in ([1, 2], (1, 2), "ab", b"ab", bytearray(b"ab"), range(2)):
    for i in (2, -3, 100, 2**62, 2**63, 2**64, -(2**63), -(2**63) - 1, 1.0, "0", None):
        try:
            print(get(seq, i))
        except (IndexError, TypeError) as e:
            print(type(e).__name__, e)
print(
    put([1, 2, 3], 0, "x"),
    put([1, 2, 3], -1, 2.5),
    put([1, 2, 3], Index(1), None),
    put({}, 1, 2),
    put(bytearray(2), 1, 255),
)
for seq, i, v in (
    ([1], 1, 0),
    ([1], -2, 0),
    ((1,), 0, 0),
    ("a", 0, "b"),
    ([1], "0", 1),
    ([1], 1.5, 1),
    ([], 2**70, 1),
    (bytearray(1), 0, 256),
    (bytearray(1), 0, "x"),
):
    try:
        print(put(seq, i, v))
    except (IndexError, TypeError, ValueError) as e:
        print(type(e).__name__, e)
print(
    sum_index([1, 2, 3]),
    sum_index((1.5, 2)),
    sum_index(range(5)),
    sum_index([2**62, 2**62, 2**62]),
    sum_index([True, 1.5, 2**80]),
)
print(
    negative([1, 2, 3]),
    negative("abc"),
    negative((1.5,)),
    prefix([1, 2, 3, 4]),
    prefix([0.1] * 5),
    prefix([1, 2.5, 2**63, 1]),
)
print(bounds([1, 2, 3], -6, 6), bounds((1.5, 2.5), -4, 4))
print(rotate([1, 2, 3, 4], 6), rotate([1.5, "a", None], 2), aug([1, 2, 3, 4, 5], 40), aug([1.0, 2.5, 3], 30))
m = Mine([1, 2, 3])
print(get(m, 0), put(m, 0, 5)[1], list(m), sum_index([1, 2]))
print(get([1, 2, 3, 4], slice(1, 3)), put([1, 2, 3, 4], slice(0, 2), [9]))
