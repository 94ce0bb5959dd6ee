"""Sieve of Eratosthenes over a list of booleans with an inner marking loop."""

SCALE = 9_300_000
SMALL_SCALE = 490_000


def sieve(limit):
    prime = [True] * (limit + 1)
    prime[0] = prime[1] = False
    i = 2
    while i * i <= limit:
        if prime[i]:
            j = i * i
            while j <= limit:
                prime[j] = False
                j += i
        i += 1
    return prime


def run(scale):
    prime = sieve(scale)
    count = 0
    last = 0
    for i in range(len(prime)):
        if prime[i]:
            count += 1
            last = i
    return count, last
