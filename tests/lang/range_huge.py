# expect-compiled: first_few, near, sums, to_the_end
"""Ranges whose bounds or steps do not fit a machine word."""


def first_few(r, n):
    out = []
    for i in r:
        out.append(i)
        if len(out) >= n:
            break
    return out


def near(edge, width):
    s = 0
    for i in range(edge - width, edge + width):
        s += i
        s ^= i & 1
    return s


def sums(start, stop, step):
    s = 0
    n = 0
    for i in range(start, stop, step):
        s += i
        n += 1
    return s, n


def to_the_end(start, step):
    out = []
    for i in range(start, 2**63 - 1, step):
        out.append(i)
    for i in range(-start, -(2**63), -step):
        out.append(i)
    return out


for r in (
    range(2**62, 2**64),
    range(2**63 - 2, 2**63 + 5),
    range(-(2**63) - 2, 2**63),
    range(10**30, 10**31, 10**29),
    range(0, 2**63, 2**61),
    range(0, -(2**63) - 1, -(2**62)),
    range(2**63 - 1),
):
    print(first_few(r, 5), first_few(reversed(r), 5))
for edge in (2**30, 2**31, 2**62, 2**63, 2**64, -(2**63), -(2**62), 0):
    print(edge, near(edge, 30))
print(sums(0, 2**63, 2**60), sums(2**63, 0, -(2**60)), sums(-(2**63), 2**63 - 1, 2**61), sums(2**70, 2**70 + 10, 3))
print(to_the_end(2**63 - 10, 3), to_the_end(2**63 - 10, 2**62), to_the_end(2**63 - 3, 1), to_the_end(2**63, 1))
