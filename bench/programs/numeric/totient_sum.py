"""Sum of Euler's totients, counting coprime pairs with a hand-written gcd."""

SCALE = 3300
SMALL_SCALE = 750


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def totient(n):
    return sum(1 for k in range(1, n + 1) if gcd(n, k) == 1)


def run(scale):
    return sum(totient(n) for n in range(1, scale + 1))
