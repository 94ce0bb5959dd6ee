"""Miller-Rabin with hand-written modular powers (products near 2**62)."""

SCALE = 93_000
SMALL_SCALE = 4900


def power_mod(base, exponent, modulus):
    result = 1
    base %= modulus
    while exponent:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def probably_prime(n):
    for p in (2, 3, 5, 7, 11, 13):
        if n % p == 0:
            return n == p
    d, s = n - 1, 0
    while d % 2 == 0:
        d //= 2
        s += 1
    for a in (2, 3, 5, 7):
        x = power_mod(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def run(scale):
    start = 2**31 - 1
    found = [n for n in range(start, start + scale * 4) if probably_prime(n)]
    return len(found), found[-1], sum(found)
