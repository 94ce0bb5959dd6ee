"""First principal components by covariance and power iteration in plain lists."""

SCALE = 100_000
SMALL_SCALE = 5400
COLUMNS = 8


def covariance(rows):
    n = len(rows)
    means = [sum(col) / n for col in zip(*rows)]
    centred = [[x - m for x, m in zip(row, means)] for row in rows]
    return [[sum(r[i] * r[j] for r in centred) / (n - 1) for j in range(COLUMNS)] for i in range(COLUMNS)]


def power_iteration(matrix, steps):
    v = [1.0] * len(matrix)
    value = 0.0
    for _ in range(steps):
        w = [sum(a * b for a, b in zip(row, v)) for row in matrix]
        value = sum(x * x for x in w) ** 0.5
        v = [x / value for x in w]
    return value, v


def run(scale):
    rows = [[((i * (7 * j + 3)) % 113) / 113 + (i % 5) * 0.1 * j for j in range(COLUMNS)] for i in range(scale)]
    matrix = covariance(rows)
    first, v = power_iteration(matrix, 200)
    deflated = [[matrix[i][j] - first * v[i] * v[j] for j in range(COLUMNS)] for i in range(COLUMNS)]
    second, _ = power_iteration(deflated, 200)
    return first, second, v
