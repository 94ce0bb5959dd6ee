# expect-compiled: limits, sums, scaled
"""Comparisons that only hold, or fail, because an int is taken for one of 64 bits."""

MIN = -(1 << 63)
MAX = (1 << 63) - 1


def limits(xs):
    out = []
    for x in xs:
        out.append((-(1 << 200) < x, x < 1 << 200, x <= MAX, x >= MIN, x < MIN, MAX < x, x > 1 << 64))
    return out


def sums(xs):
    n = 0
    for x in xs:
        if x + 1 > MAX:
            n += 1
        if x - 1 < MIN:
            n += 10
        if x * 2 <= MAX:
            n += 100
        if -x < MAX:
            n += 1000
    return n


def scaled(xs):
    n = 0
    for x in xs:
        if (x >> 1) < 1 << 62:
            n += 1
        if (x & 255) < 256:
            n += 10
        if x % 7 < 7:
            n += 100
        if x // 4 <= 1 << 61:
            n += 1000
    return n


SMALL = [0, 1, -1, 5, 1 << 40]
LARGE = SMALL + [MAX, MIN, MAX + 1, MIN - 1, 1 << 64, 1 << 70, -(1 << 70), (1 << 200) + 1, -(1 << 200)]
for xs in [SMALL] * 4 + [LARGE] * 4 + [SMALL + [x] for x in LARGE]:
    print(limits(xs), sums(xs), scaled(xs))
