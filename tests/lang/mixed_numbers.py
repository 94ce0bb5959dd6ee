# expect-compiled: shortest, fewest, sums, negated, extremes, partial
# Tables that hold ints and floats: each operator meets both, and now and then something else.

INF = float("inf")


def shortest(d):
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i][k] + d[k][j] < d[i][j]:
                    d[i][j] = d[i][k] + d[k][j]
    return d


def graph(n, big=0):
    return [
        [0 if i == j else ((i * 17 + j * 31) % 100 + 1 + big if (i + j) % 3 else INF) for j in range(n)]
        for i in range(n)
    ]


for n in (3, 9, 12, 12, 12, 12, 12, 12):
    table = shortest(graph(n))
    print(n, sum(x for row in table for x in row), table[0], [type(x).__name__ for x in table[1]])


def fewest(coins, amount):
    best = [INF] * (amount + 1)
    best[0] = 0
    for a in range(1, amount + 1):
        for c in coins:
            if c <= a and best[a - c] + 1 < best[a]:
                best[a] = best[a - c] + 1
    return best


for coins in ([3, 5, 11], [2, 4], [7], [1, 5, 10, 25], [3, 5, 11], [4, 6]) * 6:
    print(coins, fewest(coins, 60)[50:])


def sums(values):
    total = 0
    signs = []
    for v in values:
        total = total + v
        signs.append(-total if v > 1 else total * v)
    return total, signs


MIXED = [1, 2.5, 3, -0.0, 0, 4, 1e300, 2, INF, 5, 7.25] * 5
for values in (
    MIXED,
    MIXED,
    MIXED[::-1],
    [1, 2, 3] * 9,
    [0.5] * 9,
    MIXED,
    [2**62, 0.5, 2**62, 3] * 4,
    MIXED,
    [True, 2.5, False, 1] * 4,
) * 3:
    total, signs = sums(values)
    print(repr(total), signs[:7], signs[-2:])


def negated(values):
    out = []
    for v in values:
        out.append(-v)
    return out


for values in (MIXED, MIXED, MIXED, [0.0, 0, -5], [-(2**63), 1.5, -(2**62)], MIXED, [1j, 2, 3.0]) * 4:
    print(negated(values)[:8])


def extremes(values):
    lo = hi = values[0]
    for v in values:
        lo = min(lo, v)
        hi = max(hi, v)
        if abs(v) == 2.5:
            lo = lo // 2 if v else lo
    return lo, hi


for values in (
    MIXED,
    MIXED,
    MIXED[3:],
    [1, 1.0, 1, 1.0],
    [1.0, 1, 1.0, 1],
    MIXED,
    [0, -0.0, 0.0],
    [2.0**53, 2**53 + 1, 2**53, 2.0**53],
) * 4:
    print(extremes(values))


def partial(values, divisors):
    out = []
    i = 0
    try:
        while True:
            out.append((values[i] / divisors[i], values[i] % divisors[i], values[i] - divisors[i] ** 2))
            i += 1
    except (ZeroDivisionError, IndexError, TypeError, OverflowError) as e:
        return out[-3:], i, type(e).__name__, str(e)


for divisors in (
    MIXED[:3] * 9,
    [2, 0.5] * 20,
    [2, 0.5, 0] * 3,
    [2, 0.5, 2, 0.5, 0.0],
    [3, 1.5, None],
    [2, 0.5] * 20,
    [2, 0.5, 1e200, 3],
) * 4:
    print(partial(MIXED, divisors))
