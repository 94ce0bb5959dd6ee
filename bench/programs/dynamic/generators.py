"""Pipelines of generators: yield from, send, early stops, chained filters."""

from itertools import islice

SCALE = 2_100_000
SMALL_SCALE = 110_000


def naturals():
    n = 0
    while True:
        yield n
        n += 1


def keep(predicate, source):
    for item in source:
        if predicate(item):
            yield item


def windows(source, size):
    window = []
    for item in source:
        window.append(item)
        if len(window) == size:
            yield tuple(window)
            window.pop(0)


def running_mean():
    total = 0.0
    count = 0
    mean = None
    while True:
        value = yield mean
        total += value
        count += 1
        mean = total / count


def flatten(nested):
    for item in nested:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item


def run(scale):
    odd = keep(lambda n: n % 3, naturals())
    mean = running_mean()
    next(mean)
    last = None
    crossings = 0
    for a, b, c in islice(windows(odd, 3), scale):
        last = mean.send(a * b % 101 - c % 7)
        if (b - a) != (c - b):
            crossings += 1
    nested = [1, [2, [3, [4, [5]]]], [[6], [7, [8, 9]]]]
    leaves = sum(sum(flatten(nested)) for _ in range(scale // 40))
    squares = sum(x * x for x in range(scale) if x & 1)
    return last, crossings, leaves, squares
