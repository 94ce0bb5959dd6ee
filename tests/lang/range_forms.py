# expect-compiled: total, collect, forward, backward, nested_var, changing_bound
"""range with every argument form, from constants and from variables."""


def total(*args):
    s = 0
    for i in range(*args):
        s += i
    return s


def collect(a, b, c):
    return [i for i in range(a, b, c)]


def forward(a, b):
    out = []
    for i in range(a, b):
        out.append(i)
    return out


def backward(n):
    out = []
    for i in range(n, -1, -1):
        out.append(i)
    for i in range(n - 1, 0, -3):
        out.append(i)
    return out


def nested_var(n):
    s = 0
    for i in range(n):
        for j in range(i, n, i + 1):
            s = s * 3 + j
            s %= 10007
    return s


def changing_bound(n):
    out = []
    for i in range(n):
        n = n // 2
        i = i + 100
        out.append((i, n))
    return out


print(total(10), total(0), total(-5), total(3, 10), total(10, 3), total(0, 100, 7), total(100, 0, -7), total(5, 5, -1))
print(
    collect(0, 10, 3),
    collect(10, 0, -3),
    collect(-5, 5, 2),
    collect(5, -6, -5),
    collect(1, 1, 1),
    collect(True, 5, True),
)
print(forward(0, 5), forward(5, 0), forward(-3, 3), forward(False, True))
print(backward(10), backward(0))
print(nested_var(30), changing_bound(8))
for args in ((1, 2, 0), (1.5,), (1, 2.0), ("a",), (), (1, 2, 3, 4), (None,)):
    try:
        total(*args)
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)


class Index:
    def __index__(self):
        return 4


print(total(Index()), collect(Index(), 20, Index()))
r = range(3, 50, 4)
print([r[i] for i in range(-3, 5)], len(r), 11 in r, 12 in r, r[2:5], list(reversed(r)), r.index(15))
