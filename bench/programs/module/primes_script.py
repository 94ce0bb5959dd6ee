"""Primes, their gaps and a checksum, all in global variables."""

import sys

SCALE = 540_000
SMALL_SCALE = 66_000

limit = int(sys.argv[1]) if len(sys.argv) > 1 else SCALE

primes = []
n = 2
while n < limit:
    for p in primes:
        if p * p > n:
            primes.append(n)
            break
        if n % p == 0:
            break
    else:
        primes.append(n)
    n += 1

gaps = {}
checksum = 0
for i in range(1, len(primes)):
    gap = primes[i] - primes[i - 1]
    gaps[gap] = gaps.get(gap, 0) + 1
    checksum = (checksum * 31 + primes[i]) % 1000000007

digits = [0] * 10
for prime in primes:
    while prime:
        digits[prime % 10] += 1
        prime //= 10

print(len(primes), primes[-1], checksum)
print(sorted(gaps.items())[:6], digits)
