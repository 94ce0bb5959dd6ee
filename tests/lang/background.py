# expect-compiled: grind, float_grind
# background-compiles: grind, float_grind
"""Long enough for the default mode to compile on its own thread, while it runs."""

import time


def grind(n, seed):
    x = seed
    for i in range(n):
        x = (x * 31 + i) % 1000003
    return x


def float_grind(n):
    s = 0.0
    for i in range(n):
        s = s * 0.5 + i / 3
    return s


print(sum(grind(3000, k) for k in range(300)))
print(sum(float_grind(3000) for _ in range(300)))
time.sleep(0.2)
print(sum(grind(3000, k) for k in range(100)), sum(float_grind(3000) for _ in range(100)))
