"""Recursion hundreds of frames deep: Ackermann, permutations, tree folds, mutual calls."""

SCALE = 29
SMALL_SCALE = 2


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def permutations(items):
    if len(items) <= 1:
        return [items]
    return [[item, *rest] for i, item in enumerate(items) for rest in permutations(items[:i] + items[i + 1 :])]


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def run(scale):
    total = 0
    for _ in range(scale):
        total += ackermann(2, 180)
        total += sum(p[0] for p in permutations(list(range(7))))
        for i in range(150):
            total += even(700 + i % 2) + depth(600)
    return total
