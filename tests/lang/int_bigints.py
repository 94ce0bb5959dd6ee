# expect-compiled: factorial, fib, collatz_max, to_base, isqrt, pi_digits
"""Work that lives in big integers, with small ones mixed in."""


def factorial(n):
    r = 1
    for i in range(2, n + 1):
        r *= i
    return r


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def collatz_max(n):
    best = n
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        if n > best:
            best = n
        steps += 1
    return best, steps


def to_base(n, base):
    out = ""
    while n:
        n, d = divmod(n, base)
        out = "0123456789abcdefghijklmnopqrstuvwxyz"[d] + out
    return out


def isqrt(n):
    x = n
    y = (x + 1) // 2
    while y < x:
        x = y
        y = (x + n // x) // 2
    return x


def pi_digits(count):
    out = []
    q, r, t, k, n, l = 1, 0, 1, 1, 3, 3
    while len(out) < count:
        if 4 * q + r - t < n * t:
            out.append(n)
            nr = 10 * (r - n * t)
            n = ((10 * (3 * q + r)) // t) - 10 * n
            q *= 10
            r = nr
        else:
            nr = (2 * q + r) * l
            nn = (q * (7 * k) + 2 + (r * l)) // (t * l)
            q *= k
            t *= l
            l += 2
            k += 1
            n = nn
            r = nr
    return out


for n in (0, 1, 5, 12, 13, 20, 21, 25, 60):
    print(n, factorial(n), fib(n * 3))
print(fib(300))
for n in (1, 7, 27, 97, 837799, 2**61 - 1, 2**64 + 1):
    print(n, collatz_max(n))
print(to_base(10**40, 2), to_base(255, 16), to_base(2**63, 36), to_base(0, 2))
print([isqrt(n) for n in (1, 2, 99, 10**9, 2**62, 2**63 - 1, 2**64, 10**40)])
print(pi_digits(60))
