# expect-compiled: fill, checksum, histogram, sieve, array_sum, array_fill, saxpy, sort_array, bounds
"""bytearray, bytes and array.array items: ranges checked, types kept."""

from array import array


def fill(b, step):
    for i in range(len(b)):
        b[i] = i * step & 255
    return b


def checksum(b):
    s1 = s2 = 0
    for v in b:
        s1 = (s1 + v) % 65521
        s2 = (s2 + s1) % 65521
    return s2 << 16 | s1


def histogram(b):
    counts = [0] * 256
    for i in range(len(b)):
        counts[b[i]] += 1
    return [(i, c) for i, c in enumerate(counts) if c]


def sieve(n):
    flags = bytearray([1]) * n
    for i in range(2, n):
        if flags[i] and i * i < n:
            for j in range(i * i, n, i):
                flags[j] = 0
    return sum(flags) - 2


def array_sum(a):
    s = 0
    for i in range(len(a)):
        s += a[i]
    for v in a:
        s += v
    return s


def array_fill(a, values):
    out = []
    for i, v in enumerate(values):
        try:
            a[i % len(a)] = v
        except (OverflowError, TypeError, ValueError) as e:
            out.append(f"{type(e).__name__}: {e}")
    return a, out


def saxpy(k, x, y):
    for i in range(len(x)):
        y[i] = k * x[i] + y[i]
    return y


def sort_array(a):
    n = len(a)
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
    return a


def bounds(b, indices):
    out = []
    for i in indices:
        try:
            out.append(b[i])
        except IndexError as e:
            out.append(str(e))
        try:
            b[i] = 1
        except (IndexError, TypeError) as e:
            out.append(str(e))
    return out, list(b)


print(fill(bytearray(20), 37), checksum(bytearray(b"Wikipedia")), checksum(b"Wikipedia"), checksum([1, 2, 3]))
print(histogram(b"mississippi"), histogram(bytearray(b"\x00\xff\xff")), [sieve(n) for n in (10, 100, 2000)])
for code in "bBhHiIlLqQ":
    a = array(code, [1, 2, 3])
    print(
        array_sum(a),
        array_fill(
            a,
            [
                5,
                127,
                128,
                -1,
                255,
                256,
                -129,
                32767,
                65535,
                65536,
                2**31,
                2**32 - 1,
                2**32,
                2**63 - 1,
                2**63,
                2**64,
                1.5,
                "x",
                True,
                None,
            ],
        ),
    )
for code in "fd":
    a = array(code, [0.1, 2.5, -0.0])
    print(array_sum(a), array_fill(a, [1, 2.5, 1e-40, -0.0, float("inf"), float("nan"), 2**70, True]))
try:
    array_fill(array("d", [1.0]), [10**400])
except OverflowError as e:
    print(e)
print(
    saxpy(2.5, array("d", [1.0, 2.0]), array("d", [0.5, -0.5])),
    saxpy(3, array("i", [1, 2]), array("q", [5, 6])),
    saxpy(0.1, [1, 2], array("f", [1, 2])),
)
print(
    sort_array(array("i", [5, -3, 9, 0, 2])),
    sort_array(bytearray(b"whipsnake")),
    sort_array(array("d", [2.5, -1.0, 1e300])),
)
print(
    bounds(bytearray(b"abc"), [0, 2, -1, -3, 3, -4, 2**64]),
    bounds(array("h", [1, 2]), [1, -2, 2, -3]),
    bounds(b"ab", [0, 5]),
    bounds(memoryview(bytearray(b"xy")), [1, -1, 9]),
)
b = bytearray(b"abcd")
for i, v in enumerate(b):
    if i < 3:
        b.append(v + 1)
print(b)
u = array("w", "héé")
print([u[i] for i in range(3)], bounds(u, [5]))
