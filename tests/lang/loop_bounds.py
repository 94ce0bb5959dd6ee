# expect-compiled: total, shifted, until, pairs, down, lookup, growing, shrinking, rows, resized, inner, positions
# Loops whose bounds checks can be made once before them, and those where that would be wrong.

from array import array


def show(f, *args):
    try:
        r = f(*args)
    except Exception as e:
        frame = e.__traceback__.tb_next.tb_frame
        names = {k: v for k, v in frame.f_locals.items() if isinstance(v, int)}
        print(f.__name__, type(e).__name__, e, sorted(names.items()))
    else:
        print(f.__name__, r)


def total(a, n):
    s = 0
    for i in range(n):
        s += a[i]
    return s


def shifted(a, lo, hi):
    s = 0
    for i in range(lo, hi):
        s += a[i + 1] - a[i - 1]
    return s


def until(a, n, stop):
    # Leaves before the last round: the checks must not be made for rounds that never come.
    s = 0
    for i in range(n):
        if a[i] == stop:
            break
        s += a[i]
    else:
        s = -s
    return s, i


def pairs(a, n):
    i = 0
    s = 0
    while i < n:
        s += a[i] * a[n - 1 - i]
        i += 2
    return s


def down(a, n):
    s = 0
    for i in range(n, -1, -1):
        s = s * 3 + a[i] & 0xFFFF
    return s


def lookup(table, xs):
    s = 0
    for x in xs:
        s = s * 5 + table[x & 15] & 0xFFFFFF
    return s


def growing(a, n):
    for i in range(n):
        a.append(a[i] + i)
    return a[-3:]


def shrinking(a, n):
    s = 0
    for i in range(n):
        s += a[i]
        if i % 3 == 0:
            a.pop()
    return s


def rows(m, n):
    s = 0
    for i in range(n):
        for j in range(n):
            s += m[i][j] * (j + 1)
    return s


def resized(b, n):
    s = 0
    for i in range(n):
        s += b[i]
        if i == 40:
            del b[30:]
    return s


def inner(m, n, k):
    s = 0
    for i in range(n):
        for j in range(i, k):
            m[i][j] = m[j][i] + 1
            s += m[i][j]
    return s


def positions(a, n):
    # What only exits need is computed in them.
    out = []
    it = iter(range(n))
    for i in it:
        if a[i] > 60:
            out.append((i, next(it, None)))
    return out


numbers = [(i * 37) % 101 for i in range(64)]
for _ in range(30):
    show(total, numbers, 64)
    show(shifted, numbers, 1, 63)
    show(until, numbers, 64, 100)
    show(pairs, numbers, 64)
    show(down, numbers, 63)
    show(lookup, numbers[:16], numbers)
    show(rows, [numbers[i : i + 20] for i in range(20)], 20)
    show(inner, [numbers[i : i + 20] for i in range(20)], 20, 20)
    show(positions, numbers, 64)
    show(growing, numbers[:8], 70)
    show(shrinking, numbers[:], 30)
    show(resized, bytearray(numbers), 30)

for _ in range(30):
    show(total, numbers, 65)
    show(total, tuple(numbers), 64)
    show(total, numbers, 0)
    show(total, numbers, -5)
    show(total, [], 0)
    show(shifted, numbers, -3, 63)
    show(shifted, numbers, 0, 64)
    show(shifted, numbers, -70, 10)
    show(until, numbers, 1000, numbers[20])
    show(until, numbers, 1000, 1000)
    show(pairs, numbers, 65)
    show(pairs, numbers, 2)
    show(down, numbers, 64)
    show(down, numbers, -1)
    show(lookup, numbers[:9], [1, 2, 3, 8])
    show(lookup, numbers[:9], numbers)
    show(rows, [numbers[i : i + 20 - (i == 7)] for i in range(20)], 20)
    show(rows, [numbers[:20]] * 19, 20)
    show(inner, [numbers[i : i + 20] for i in range(20)], 20, 21)
    show(inner, [numbers[i : i + 20] for i in range(10)], 20, 20)
    show(positions, numbers, 65)
    show(shrinking, numbers[:], 60)
    show(resized, bytearray(numbers), 50)
    show(resized, array("h", numbers), 50)
    show(growing, [], 1)


class Row(list):
    def __getitem__(self, i):
        return list.__getitem__(self, i) + 1


for _ in range(30):
    show(rows, [Row(numbers[:20]) if i == 5 else numbers[:20] for i in range(20)], 20)
    show(total, Row(numbers), 64)

# The row is the matrix itself.
cyclic = [[0] * 5 for _ in range(5)]
for _ in range(30):
    cyclic[2] = cyclic
    show(inner, cyclic, 5, 5)
    cyclic[:] = [[0] * 5 for _ in range(5)]
