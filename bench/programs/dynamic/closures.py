"""Closures, nonlocal counters, composition, partial application and currying."""

from functools import partial, reduce

SCALE = 1_500_000
SMALL_SCALE = 79_000


def counter(step):
    count = 0

    def bump(times=1):
        nonlocal count
        count += step * times
        return count

    return bump


def compose(*functions):
    return reduce(lambda f, g: lambda x: g(f(x)), functions)


def power(exponent, base):
    return base**exponent


def run(scale):
    counters = [counter(k) for k in range(1, 6)]
    pipeline = compose(
        lambda x: x + 1,
        lambda x: x * 3,
        partial(power, 2),
        lambda x: x % 1009,
        lambda x: x - 7,
    )
    total = 0
    for i in range(scale):
        total += counters[i % 5](i % 3)
        total += pipeline(i)
        add = lambda y, k=i: y + k
        total ^= add(total & 7)
    return total, [c(0) for c in counters]
