"""Cube roots and polynomial roots by Newton's method and bisection."""

SCALE = 200_000
SMALL_SCALE = 11_000


def newton(f, df, x, tolerance=1e-12):
    for _ in range(60):
        step = f(x) / df(x)
        x -= step
        if abs(step) < tolerance:
            break
    return x


def horner(coefficients, x):
    result = 0.0
    for c in coefficients:
        result = result * x + c
    return result


def run(scale):
    total = 0.0
    for i in range(1, scale + 1):
        a = i / 10
        total += newton(lambda x: x * x * x - a, lambda x: 3 * x * x, a)
    quintic = (1.0, 0.0, -3.0, 0.5, 1.0, -0.25)
    low, high = 1.0, 2.0
    for _ in range(scale):
        mid = (low + high) / 2
        if horner(quintic, low) * horner(quintic, mid) <= 0:
            high = mid
        else:
            low = mid
    return total, low
