"""0/1 knapsack by dynamic programming in one row."""

SCALE = 420
SMALL_SCALE = 22
CAPACITY = 40_000


def run(scale):
    values = [(i * 37) % 101 + 10 for i in range(scale)]
    weights = [(i * 53) % 379 + 7 for i in range(scale)]
    best = [0] * (CAPACITY + 1)
    for value, weight in zip(values, weights):
        for c in range(CAPACITY, weight - 1, -1):
            candidate = best[c - weight] + value
            if candidate > best[c]:
                best[c] = candidate
    return best[-1], best[CAPACITY // 2]
