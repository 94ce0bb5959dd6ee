"""Decorators: counting, memoising by hand, retrying, class-based and with arguments."""

import functools

SCALE = 650_000
SMALL_SCALE = 34_000


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


def memoised(function):
    cache = {}

    @functools.wraps(function)
    def wrapper(*args):
        if args not in cache:
            cache[args] = function(*args)
        return cache[args]

    return wrapper


def retry(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            for attempt in range(times):
                try:
                    return function(*args, attempt)
                except ArithmeticError:
                    continue
            return None

        return wrapper

    return decorate


class Logged:
    def __init__(self, function):
        self.function = function
        self.seen = 0

    def __call__(self, value):
        self.seen += 1
        return self.function(value)


@counted
@memoised
def steps(n):
    return 0 if n == 1 else 1 + steps(n // 2 if n % 2 == 0 else 3 * n + 1)


@retry(3)
def flaky(value, attempt):
    return value // (attempt - value % 3 + 1) if value % 3 > attempt else value // 1


@Logged
def half(value):
    return value / 2


def run(scale):
    total = 0
    start = steps.calls
    for i in range(1, scale):
        total += steps(i % 3000 + 1)
        result = flaky(i)
        if result is not None:
            total += result
        total += half(i)
    return total, steps.calls - start > 0
