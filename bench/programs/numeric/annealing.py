"""Travelling salesman by simulated annealing with 2-opt moves."""

import math

SCALE = 600_000
SMALL_SCALE = 32_000
CITIES = 120


def run(scale):
    seed = 7

    xs = []
    ys = []
    for _ in range(CITIES):
        seed = seed * 48271 % 2147483647
        xs.append(seed % 1000)
        seed = seed * 48271 % 2147483647
        ys.append(seed % 1000)
    tour = list(range(CITIES))

    def dist(a, b):
        return math.hypot(xs[a] - xs[b], ys[a] - ys[b])

    length = sum(dist(tour[i - 1], tour[i]) for i in range(CITIES))
    temperature = 400.0
    accepted = 0
    for _ in range(scale):
        seed = seed * 48271 % 2147483647
        i = 1 + seed % (CITIES - 2)
        seed = seed * 48271 % 2147483647
        j = 1 + seed % (CITIES - 2)
        if i > j:
            i, j = j, i
        before = dist(tour[i - 1], tour[i]) + dist(tour[j], tour[j + 1])
        after = dist(tour[i - 1], tour[j]) + dist(tour[i], tour[j + 1])
        delta = after - before
        seed = seed * 48271 % 2147483647
        if delta < 0 or seed / 2147483647 < math.exp(-delta / temperature):
            tour[i : j + 1] = tour[i : j + 1][::-1]
            length += delta
            accepted += 1
        temperature = max(temperature * 0.99995, 0.5)
    return round(length, 6), accepted
