# expect-compiled: callee, caller, bottom, deep
"""Compiled functions that change the limit of recursion while compiled callers wait: the new limit holds, before and behind them."""

import sys


def callee(n, limit):
    t = 0
    for i in range(3):
        t += i * n
        t ^= n
    t = t * 3 + n
    t = t * 5 % 1009 + n // 3 - n // 5
    t += n * n % 11 + n % 7 + n % 13
    if limit:
        sys.setrecursionlimit(limit)
    return t


class Holder:
    def method(self, n, limit):
        return callee(n, limit) + 1


def caller(n, f, limit):
    t = 0
    for i in range(n):
        t += f(i, limit if i == n - 1 else 0)
    return t


def bottom(n, limit):
    if n == 0:
        sys.setrecursionlimit(limit)
        return 0
    return 1 + bottom(n - 1, limit)


def deep(n):
    return n if n == 0 else 1 + deep(n - 1)


def reach():
    low, high = 1, 6000
    while low < high:
        mid = (low + high + 1) // 2
        try:
            deep(mid)
            low = mid
        except RecursionError:
            high = mid - 1
    return low


print(reach())
for _ in range(60):
    caller(30, callee, 0)
for limit in (3000, 500, 1500, 1000):
    print(caller(30, callee, limit), reach())
    print(caller(30, Holder().method, limit + 100), reach())
    print(bottom(40, limit + 50), reach())
