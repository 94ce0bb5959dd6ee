"""Digits of pi by a spigot, factorials and Fibonacci: integers that outgrow a machine word."""

SCALE = 4700
SMALL_SCALE = 1100


def pi_digits(count):
    digits = []
    q, r, t, k, n, m = 1, 0, 1, 1, 3, 3
    while len(digits) < count:
        if 4 * q + r - t < n * t:
            digits.append(n)
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, n, m = (
                q * k,
                (2 * q + r) * m,
                t * m,
                k + 1,
                (q * (7 * k + 2) + r * m) // (t * m),
                m + 2,
            )
    return digits


def run(scale):
    digits = pi_digits(scale)
    factorial = 1
    for i in range(1, scale):
        factorial *= i
    a, b = 0, 1
    for _ in range(scale * 10):
        a, b = b, a + b
    digit_sum = 0
    n = factorial
    while n:
        n, low = divmod(n, 10**9)
        digit_sum += low % 9
    return sum(digits), digits[-5:], a % 10**12, digit_sum
