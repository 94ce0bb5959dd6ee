# expect-compiled: floors, digits, gcd, modpow, by_constant
"""Floor division and remainder with every combination of signs."""


def floors(lo, hi, d):
    out = []
    for n in range(lo, hi):
        q = n // d
        r = n % d
        if q * d + r != n:
            out.append("broken")
        out.append((q, r))
    return out


def digits(n):
    total = 0
    while n > 0:
        total += n % 10
        n //= 10
    return total


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def modpow(base, exponent, modulus):
    result = 1
    base %= modulus
    while exponent > 0:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def by_constant(n):
    s = 0
    for i in range(-n, n):
        s = s * 3 + i // 7 + i % 7 - i // -7 + i % -7 + i // 8 + i % 8 + i // -8 + i % -8 + i // 1 + i % 1
        s %= 1000003
    return s


for d in (1, 2, 3, 7, 10, -1, -2, -3, -7, -10, 1 << 31, -(1 << 31), 1 << 63, -(1 << 63), 1 << 65):
    print(d, floors(-12, 13, d))
for big in (1 << 40, -(1 << 40), (1 << 63) - 3, -(1 << 63), 1 << 64):
    print(big, floors(big - 2, big + 3, 7), floors(big - 2, big + 3, -7))
print([digits(n) for n in (0, 9, 123456789, 10**18 + 7, 10**30 + 12345)])
print([gcd(a, b) for a in (48, -48, 0, 10**12, 2**70) for b in (18, -18, 1, 10**9 + 7, 2**35)])
print(
    [modpow(b, e, m) for b in (2, 3, -5, 10**12) for e in (0, 1, 64, 10**9) for m in (7, 97, -13, 10**9 + 7, 2**61 - 1)]
)
print(by_constant(500))
for q, r in (divmod(x, y) for x in (-7, 7, 0) for y in (2, -2, 3)):
    print(q, r, end=";")
print()
