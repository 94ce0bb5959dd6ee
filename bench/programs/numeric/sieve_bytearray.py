"""Odd-only sieve over a bytearray, then the sum of gaps between twin primes."""

SCALE = 26_000_000
SMALL_SCALE = 1_400_000


def run(scale):
    half = scale // 2
    flags = bytearray([1]) * half
    for i in range(1, int(scale**0.5) // 2 + 1):
        if flags[i]:
            step = 2 * i + 1
            for j in range(2 * i * (i + 1), half, step):
                flags[j] = 0
    twins = 0
    gap_total = 0
    previous = 1
    for i in range(1, half):
        if flags[i]:
            if i - previous == 1:
                twins += 1
            gap_total += (i - previous) ** 2
            previous = i
    return twins, gap_total, sum(flags)
