# expect-compiled: between, clamp_count, chain3, calls_once
"""a < b < c evaluates the middle once and stops early."""

log = []


def note(x):
    log.append(x)
    return x


def between(lo, x, hi):
    return lo <= x < hi


def clamp_count(values, lo, hi):
    inside = below = above = 0
    for v in values:
        if lo < v < hi:
            inside += 1
        elif v <= lo < hi:
            below += 1
        elif not lo < v < hi:
            above += 1
    return inside, below, above


def chain3(a, b, c, d):
    return a < b <= c != d


def calls_once(n):
    hits = 0
    for i in range(n):
        if note(i) < note(3) < note(i + 2):
            hits += 1
    return hits


print([between(0, x, 5) for x in (-1, 0, 2, 4.9, 5, 5.0, 2**65, float("nan"))])
print([between(x, 2, 2.5) for x in (1, 2, 2.0, 3, True)])
print(clamp_count(range(-10, 20), 0, 10), clamp_count([x / 4 for x in range(-10, 50)], 0.5, 9.25))
print(clamp_count([float("nan"), 1.0, 2**64], 0, 5))
print([chain3(a, b, c, d) for a in (1, 2.0) for b in (1, 2, 3) for c in (2, 3.5) for d in (2, 3)])
print(calls_once(6), log)
print(between("a", "b", "c"), between((1,), (1, 2), (2,)))
try:
    print(between(1, "x", 2))
except TypeError as e:
    print(e)
