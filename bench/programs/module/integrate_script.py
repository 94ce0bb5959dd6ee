"""Numbers in a notebook style: float loops at module level with small helpers."""

import math
import sys

SCALE = 1_900_000
SMALL_SCALE = 99_000

n = int(sys.argv[1]) if len(sys.argv) > 1 else SCALE


def f(x):
    return math.sin(x) * math.exp(-0.1 * x) + 0.2 * x


a, b = 0.0, 12.0
h = (b - a) / n
area = 0.0
highest = -1e300
for i in range(n):
    x = a + (i + 0.5) * h
    y = f(x)
    area += y * h
    if y > highest:
        highest = y
        where = x

x, v = 1.0, 0.0
energy = []
for i in range(n):
    v -= x * 0.001
    x += v * 0.001
    if i % 50_000 == 0:
        energy.append(0.5 * (x * x + v * v))

print(area, highest, where)
print(x, v, energy[-1])
