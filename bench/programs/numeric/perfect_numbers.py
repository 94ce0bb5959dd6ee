"""Divisor sums: perfect, abundant and amicable numbers."""

SCALE = 45_000
SMALL_SCALE = 6700


def divisor_sum(n):
    total = 1
    i = 2
    while i * i <= n:
        q, r = divmod(n, i)
        if r == 0:
            total += i
            if q != i:
                total += q
        i += 1
    return total


def run(scale):
    perfect = []
    abundant = 0
    amicable = []
    for n in range(2, scale):
        s = divisor_sum(n)
        if s == n:
            perfect.append(n)
        elif s > n:
            abundant += 1
            if divisor_sum(s) == n:
                amicable.append((n, s))
    return perfect, abundant, amicable
