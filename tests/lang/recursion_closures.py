# expect-compiled: rec, walk, up, a, length
"""Functions within functions that call themselves through a cell of their own."""

import math


def adaptive(f, a, b, eps):
    calls = 0

    def rec(a, b, fa, fm, fb, whole, eps):
        m = (a + b) / 2
        lm, rm = (a + m) / 2, (m + b) / 2
        flm, frm = f(lm), f(rm)
        left = (m - a) / 6 * (fa + 4 * flm + fm)
        right = (b - m) / 6 * (fm + 4 * frm + fb)
        d = left + right - whole
        if abs(d) <= 15 * eps:
            return left + right + d / 15
        return rec(a, m, fa, flm, fm, left, eps / 2) + rec(m, b, fm, frm, fb, right, eps / 2)

    fa, fm, fb = f(a), f((a + b) / 2), f(b)
    return rec(a, b, fa, fm, fb, (b - a) / 6 * (fa + 4 * fm + fb), eps), calls


def paths(n, grid):
    def walk(x, y):
        if x == n or y == n:
            return 1
        if grid[x][y] < 0:
            return 0
        return walk(x + 1, y) + walk(x, y + 1)

    return walk(0, 0)


def climb(n, limit):
    deepest = 0

    def up(k):
        nonlocal deepest
        if k > deepest:
            deepest = k
        if k >= n:
            if k == limit:
                raise ValueError(k)
            return k
        return up(k + 1) + 1

    try:
        return up(0), deepest
    except ValueError as e:
        return repr(e), deepest


def twins(n):
    """Two functions of one code, with cells of their own, that call each other."""

    def make(step, other):
        def a(k):
            if k <= 0:
                return step
            if k % 2:
                return a(k - 1) + step
            return other[0](k - 1) + step if other else a(k - 2) + step

        return a

    first = make(1, None)
    second = make(1000, [first])
    return first(n), second(n)


def swapped(n):
    """The function's name is bound to another one while it runs."""

    def f(k):
        nonlocal f
        if k == 3:
            f = lambda k: 100 + k  # noqa: E731
        if k <= 0:
            return 0
        return f(k - 1) + 1

    return f(n)


def collatz(n):
    def length(k):
        if k == 1:
            return 1
        return 1 + length(k // 2 if k % 2 == 0 else 3 * k + 1)

    return max(length(i) for i in range(1, n))


def attempt(f, *args):
    try:
        return f(*args)
    except (TypeError, IndexError, RecursionError, OverflowError, ZeroDivisionError) as e:
        return f"{type(e).__name__}: {e}"


for k in range(8):
    print(adaptive(lambda x, k=k: math.sin(x * x) + x / (k + 1), 0.0, 3.0, 1e-6))
    print(adaptive(lambda x: x * k + 1, 0, 3, 1e-6), paths(6, [[k - i] * 6 for i in range(6)]))
    print(climb(20 + k, 24), twins(9), attempt(swapped, 6), collatz(60 + k))
print(attempt(paths, 3, [[1, 2], [3, "x"]]))
print(attempt(adaptive, lambda x: 1 / x, -1.0, 1.0, 1e-6))
print(attempt(adaptive, str, 0, 1.0, 1e-6))
print(attempt(climb, 400, -1), str(attempt(climb, 10**6, -1))[:24])
