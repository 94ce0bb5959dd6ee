"""Counting primes by trial division."""

SCALE = 520_000
SMALL_SCALE = 64_000


def is_prime(n):
    if n < 2:
        return False
    if n % 2 == 0:
        return n == 2
    d = 3
    while d * d <= n:
        if n % d == 0:
            return False
        d += 2
    return True


def run(scale):
    count = 0
    total = 0
    for n in range(scale):
        if is_prime(n):
            count += 1
            total += n
    return count, total
