# expect-compiled: steps, wave, counts, nested, temporaries, growing
"""Numbers that die with their lists and come back in others: what somebody else still holds must not change."""

import sys


def steps(u, n):
    kept = []
    for k in range(n):
        v = [0.0] * len(u)
        for i in range(1, len(u) - 1):
            v[i] = 0.25 * u[i - 1] + 0.5 * u[i] + 0.25 * u[i + 1]
        if k % 7 == 0:
            kept.append(v[len(v) // 2])
            kept.append(v[:3])
        u = v
    return u, kept


def wave(n, rounds):
    old, now = [0.0] * n, [float(i % 5) for i in range(n)]
    shared = []
    for _ in range(rounds):
        nxt = [2 * a - b for a, b in zip(now, old)]
        shared.append(nxt[1])
        shared.extend(nxt[2:4])
        old, now = now, [x / 3 for x in nxt]
    return now, shared


def counts(n):
    row = [1]
    seen = []
    for k in range(n):
        row = [1] + [(row[i] + row[i + 1]) * 3 % 1000003 for i in range(len(row) - 1)] + [k * 1000]
        seen.append(row[-1])
        seen.append(row[len(row) // 2])
        big = [x * 2**40 for x in row]
        small = [-x for x in row]
        seen.append(big[-1] + small[-1])
        if k % 9 == 0:
            row = [x for x in row if x % 2 == 0] + [True, 7]
    return row, seen


def nested(n):
    out = []
    grid = [[i * 0.5 + j for j in range(n)] for i in range(n)]
    for k in range(10):
        new = [[x * 1.5 - k for x in row] for row in grid]
        out.append(new[k % n][0])
        first = grid[0]
        grid = new
        out.append(first[0])
    deep = [[[[[1.5 * n]]]]]
    inner = deep[0][0]
    deep = None
    return grid, out, inner


def temporaries(n):
    """Boxed floats that go at once, and some that stay."""
    held = {}
    x = 0.5
    for i in range(n):
        x = x * 1.25 % 7
        held[i % 10] = x
        pair = (x, i * 1000)
        if i % 50 == 0:
            held["p", i] = pair
        if i % 3 == 0:
            held[i % 10] = None
    return held


def growing(n):
    a, b, c = [], [], []
    for i in range(n):
        a.append(i * 1000)
        b.append(i / 7)
        c.append(a)
        c.append(-i)
        if i % 40 == 39:
            a, b = [], [b[-1]]
            c = [x for x in c[-3:] if x is not a]
    return a, b, len(c), c[-1]


def deep(n):
    x = []
    for _ in range(n):
        x = [x]
    return x


for _ in range(3):
    print(steps([0.0, 5.0, 1.0, 9.0, 2.5, 0.0, 7.0] * 3, 60))
    print(wave(20, 30))
    print(counts(40))
    print(nested(6))
    print(temporaries(300))
    print(growing(200))
x = deep(50_000)
x = None
u, kept = steps([1.0] * 40, 50)
before = repr((u, kept))
steps([3.0] * 400, 50), wave(300, 20), counts(100), growing(1000)
print(before == repr((u, kept)), [sys.getrefcount(v) for v in u[1:4]], [sys.getrefcount(v) for v in [1.5, 10**6][:0]])
