"""Correlation matrix of columns with the statistics written as generator sums."""

SCALE = 60_000
SMALL_SCALE = 3200
COLUMNS = 12


def mean(xs):
    return sum(xs) / len(xs)


def correlation(xs, ys):
    mx = mean(xs)
    my = mean(ys)
    sxy = sum((x - mx) * (y - my) for x, y in zip(xs, ys))
    sxx = sum((x - mx) ** 2 for x in xs)
    syy = sum((y - my) ** 2 for y in ys)
    return sxy / (sxx * syy) ** 0.5


def run(scale):
    columns = {f"c{j}": [float((i * (j + 2) * 37) % (89 + j)) for i in range(scale)] for j in range(COLUMNS)}
    matrix = {(a, b): correlation(columns[a], columns[b]) for a in columns for b in columns if a < b}
    return max(matrix.items(), key=lambda kv: abs(kv[1])), sum(matrix.values())
