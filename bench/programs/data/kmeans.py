"""k-means over two-dimensional points held as tuples."""

SCALE = 61
SMALL_SCALE = 3
POINTS = 9_000
CLUSTERS = 8


def closest(point, centres):
    best = 0
    best_distance = float("inf")
    for i, centre in enumerate(centres):
        distance = (point[0] - centre[0]) ** 2 + (point[1] - centre[1]) ** 2
        if distance < best_distance:
            best_distance = distance
            best = i
    return best


def run(scale):
    points = []
    seed = 99
    for _ in range(POINTS):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        x = seed / 0x7FFFFFFF
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        points.append((x * 10 + seed % 3 * 8, seed / 0x7FFFFFFF * 10))
    centres = points[:CLUSTERS]
    for _ in range(scale):
        groups = [[] for _ in range(CLUSTERS)]
        for point in points:
            groups[closest(point, centres)].append(point)
        centres = [
            (sum(p[0] for p in g) / len(g), sum(p[1] for p in g) / len(g)) if g else c for g, c in zip(groups, centres)
        ]
    return centres, [len(g) for g in groups]
