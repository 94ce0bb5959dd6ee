# expect-compiled: lt, le, eq, ne, gt, ge, count_less, sort_insertion
"""Comparisons among int, float, bool, big ints: exact, not through rounding."""

VALUES = [
    0, 1, -1, True, False, 0.0, -0.0, 1.0, 0.5, -0.5, 2**53, 2**53 + 1, float(2**53), 2**63, 2**63 - 1, float(2**63), -(2**63),
    float(-(2**63)), -(2**63) - 1, 2**64, 1e300, -1e300, float("inf"), float("-inf"), float("nan"), 10**400,
]  # fmt: skip


def lt(a, b):
    return a < b


def le(a, b):
    return a <= b


def eq(a, b):
    return a == b


def ne(a, b):
    return a != b


def gt(a, b):
    return a > b


def ge(a, b):
    return a >= b


def count_less(values, limit):
    n = 0
    for v in values:
        if v < limit:
            n += 1
    return n


def sort_insertion(values):
    a = list(values)
    for i in range(1, len(a)):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a


for op in (lt, le, eq, ne, gt, ge):
    for i in range(6):
        op(i, 3)
    for a in VALUES:
        print(op.__name__, "".join("01"[op(a, b)] for b in VALUES))
    for i in range(6):
        op(i * 0.5, 1.5)
    for a in VALUES:
        print(op.__name__, "".join("01"[op(b, a)] for b in VALUES))
for op in (eq, ne):
    print(op("a", 1), op(None, None), op([1], [1]), op((1, 2.0), (1.0, 2)), op("x", "x"), op(None, 0), op(1 + 0j, 1))
for op in (lt, ge):
    for pair in (("a", 1), (None, 1), (1.5, "x"), ([1], (1,)), (1j, 2)):
        try:
            op(*pair)
        except TypeError as e:
            print(e)
    print(op("abc", "abd"), op([1, 2], [1, 3]), op((1,), (1, 0)), op({1}, {1, 2}))
for limit in VALUES:
    print(count_less(VALUES, limit), end=" ")
print()
print(sort_insertion([3, 1.5, 2, True, -0.5, 2**70, -(2**70), 2.5, 0]))
print(sort_insertion("whipsnake"), sort_insertion([(2, 1), (1, 5), (1, 2)]))
