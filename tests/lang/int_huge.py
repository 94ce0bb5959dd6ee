# expect-compiled: text_of, divided, both, parsed, formatted, mixed
"""Ints so large that CPython imports Python code to divide them and to convert them."""

import math
import sys

sys.set_int_max_str_digits(0)


def text_of(x):
    return len(repr(x)) + len(str(x))


def divided(x, y):
    return x // y


def both(x, y):
    return divmod(x, y)


def parsed(s):
    return int(s)


def formatted(x):
    return len(f"{x}") + len("%d" % x) + len("{}".format(x))


def mixed(x, n):
    total = 0
    for i in range(n):
        total += x // (i + 1) % 1000
        x = x * 3 + i
    return total


for bits in (10, 60, 200, 3000, 9000, 40_000, 260_000):
    x = (1 << bits) + 12345
    y = (1 << bits // 3) - 77
    print(bits, text_of(x), divided(x, y) % 10007, [v % 10007 for v in both(x, y)], formatted(x))
    s = str(x)
    print(parsed(s) == x, parsed("-" + s) == -x, mixed(x, 30))
for _ in range(40):
    text_of(7)
    divided(8, 3)
    both(9, 4)
    parsed("12")
    formatted(5)
print(text_of(-(1 << 100_000)), formatted(1 << 50_000), hash(both(1 << 90_000, 3**20_000)))
print(math.comb(3000, 1500) % 10007, math.isqrt(1 << 60_000) % 10007)
