# expect-compiled: swap_loop, minmax_pair, rotate3, unpack_star, nested_unpack, fib_pair, keep, points
"""Packing, unpacking, swaps, tuples returned and kept."""


def swap_loop(a, b, n):
    for _ in range(n):
        a, b = b, a
    return a, b


def minmax_pair(values):
    lo, hi = values[0], values[0]
    for v in values:
        lo, hi = (v, hi) if v < lo else (lo, v) if v > hi else (lo, hi)
    return lo, hi


def rotate3(a, b, c, n):
    for _ in range(n):
        a, b, c = b, c, a + 1
    return a, b, c


def unpack_star(rows):
    out = []
    for row in rows:
        first, *middle, last = row
        out.append((last, middle, first))
    return out


def nested_unpack(rows):
    s = 0
    for (a, b), [c, (d,)] in rows:
        s += a * b - c * d
    return s


def fib_pair(n):
    if n == 0:
        return 0, 1
    a, b = fib_pair(n - 1)
    return b, a + b


def keep(n):
    t = ()
    kept = []
    for i in range(n):
        t = (i, t[:2], i * 0.5)
        kept.append(t)
        t = t + (i,)
    return kept


def points(ps):
    sx = sy = 0
    for p in ps:
        x, y = p
        sx += x
        sy += p[1] * y
    return sx, sy


print(
    swap_loop(1, 2.5, 7),
    swap_loop("a", None, 4),
    minmax_pair([3, 1, 4, 1, 5]),
    minmax_pair([2.5, -1, 2**65]),
    minmax_pair("hello"),
)
print(rotate3(1, 2, 3, 20), rotate3(1.5, 2**62, 2**63 - 2, 30))
print(unpack_star([(1, 2), [1, 2, 3, 4], "abc"]), nested_unpack([((1, 2), [3, (4,)]), ([1.5, 2], (3, [2]))]))
print(fib_pair(10), fib_pair(95), keep(6), points([(1, 2), (3, 4)]), points([(1.5, 2), [3, 2**63]]))
for f, arg in (
    (unpack_star, [(1,)]),
    (points, [(1, 2, 3)]),
    (points, [(1,)]),
    (nested_unpack, [((1, 2), 3)]),
    (points, [5]),
):
    try:
        f(arg)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
a = [0, 1, 2, 3]
i = 0
i, a[i] = 3, 9
print(i, a)
a[0], a[a[1]] = a[2], a[3]
print(a)
x = y = z = [1]
x, (y, *z) = z, (5, 6, 7)
print(x, y, z)
