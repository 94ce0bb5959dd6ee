# expect-compiled: totals, gradient, labels, mixed_columns, sqrt_all, rows_by_index
"""Records as tuples and short lists: each field has a type of its own, and ints take part in float arithmetic."""

import math

ROWS = [((0.5 * i, 1.0 - i), i % 2, f"n{i % 3}", i * 0.25, i % 5 == 0) for i in range(60)]
LISTS = [[i, i * 0.5, "x" * (i % 4)] for i in range(60)]


def totals(rows):
    s, n, names, flags = 0.0, 0, "", 0
    for (a, b), label, name, weight, flag in rows:
        s += a * label + b * weight - label / 2
        n += label
        names += name
        flags += flag
    return s, n, len(names), flags


def gradient(rows, rounds):
    w = [0.0, 0.0]
    for _ in range(rounds):
        for x, y, *_ in rows:
            p = 1.0 / (1.0 + math.exp(-(w[0] * x[0] + w[1] * x[1]) / 50))
            delta = p - y
            for j in range(len(x)):
                w[j] -= 0.1 * delta * x[j] / 10
    return w


def labels(rows):
    right = 0
    loss = 0.0
    for _, y, _, p, flag in rows:
        right += (p > 5) == y
        loss += y * 0.5 + (1 - y) * p + flag * 2.5
        if p < y:
            loss -= 1
    return right, loss


def mixed_columns(rows):
    out = []
    for row in rows:
        i, f, s = row
        out.append(f * i + len(s) - f / (i + 1))
        out.append(i**0.5 + f**2 + i % 7.5 + i // 0.5)
    return sum(out), max(out), min(out)


def rows_by_index(rows):
    t = 0.0
    for row in rows:
        t += row[0] * row[1] + row[-3] - row[-2] + len(row[2]) + len(row[-1])
    return t


def sqrt_all(values):
    return [math.sqrt(v) + math.fabs(v) + math.atan2(v, v + 1) + float(v) for v in values]


def attempt(f, *args):
    for _ in range(3):
        try:
            print(f.__name__, f(*args))
        except (TypeError, ValueError, ZeroDivisionError, OverflowError) as e:
            print(f.__name__, type(e).__name__, e)


for _ in range(3):
    attempt(totals, ROWS)
    attempt(labels, ROWS)
    attempt(mixed_columns, LISTS)
    attempt(rows_by_index, LISTS)
    attempt(sqrt_all, [1, 4, 9, 2, 10**20])
attempt(gradient, ROWS, 20)
# The fields change type, length and kind.
attempt(totals, [((1, 2), 1.5, "q", 3, 0)] * 40)
attempt(totals, ROWS + [((1, 2), True, "q", 3, 0)] * 40)
attempt(totals, [((10**30, 2), 1, "q", 3, 0)] * 40)
attempt(labels, [(0, 0.5, 0, 10**25, 1)] * 40)
attempt(mixed_columns, [(i, float(i), [1]) for i in range(40)])
attempt(mixed_columns, [[True, 2, "ab"]] * 40)
attempt(mixed_columns, [[2**70, 0.5, "ab"]] * 40)
attempt(mixed_columns, [[1, 0.5]] * 3)
attempt(mixed_columns, [[10**400, 0.5, ""]] * 3)
attempt(rows_by_index, [(1.5, 2, [3], "ab")] * 40)
attempt(rows_by_index, [[1, 2.0, ("a", "b")]] * 40)
attempt(rows_by_index, [[1, 2.0]] * 3)
attempt(sqrt_all, [1.5, True, 3, -0.0])
attempt(sqrt_all, [1, 2, "3"])
attempt(sqrt_all, [1, 2, -3])
attempt(gradient, [([1, 2], 1), ([0.5, 1], 0)] * 20, 3)
