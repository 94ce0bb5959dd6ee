"""Simpson's rule over functions passed as arguments, with the math module."""

import math

SCALE = 3_200_000
SMALL_SCALE = 170_000


def simpson(f, a, b, n):
    h = (b - a) / n
    total = f(a) + f(b)
    for i in range(1, n):
        total += f(a + i * h) * (4 if i % 2 else 2)
    return total * h / 3


def bell(x):
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def wave(x):
    return math.sin(3 * x) * math.cos(x) + abs(x) ** 0.5


def run(scale):
    n = scale // 4 * 2
    return (
        simpson(bell, -6.0, 6.0, n),
        simpson(wave, 0.0, 10.0, n),
        simpson(lambda x: 1 / (1 + x * x), 0, 1, n),
    )
