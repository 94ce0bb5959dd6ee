"""Naive recursion."""

SCALE = 35
SMALL_SCALE = 29


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def run(scale):
    return fib(scale)
