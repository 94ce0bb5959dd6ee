"""Longest Collatz chain below a bound."""

SCALE = 130_000
SMALL_SCALE = 8100


def chain_length(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


def run(scale):
    best = 0
    best_start = 1
    total = 0
    for start in range(1, scale):
        length = chain_length(start)
        total += length
        if length > best:
            best = length
            best_start = start
    return best_start, best, total
