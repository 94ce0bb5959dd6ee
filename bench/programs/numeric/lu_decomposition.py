"""LU decomposition with partial pivoting and the solution of a linear system."""

SCALE = 330
SMALL_SCALE = 120


def decompose(a):
    n = len(a)
    order = list(range(n))
    for col in range(n):
        pivot = max(range(col, n), key=lambda r: abs(a[r][col]))
        if pivot != col:
            a[col], a[pivot] = a[pivot], a[col]
            order[col], order[pivot] = order[pivot], order[col]
        for i in range(col + 1, n):
            factor = a[i][col] / a[col][col]
            a[i][col] = factor
            for j in range(col + 1, n):
                a[i][j] -= factor * a[col][j]
    return order


def solve(lu, order, b):
    n = len(lu)
    y = [0.0] * n
    for i in range(n):
        y[i] = b[order[i]] - sum(lu[i][j] * y[j] for j in range(i))
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (y[i] - sum(lu[i][j] * x[j] for j in range(i + 1, n))) / lu[i][i]
    return x


def run(scale):
    n = scale
    a = [[1.0 / (1 + abs(i - j)) + (0.5 if (i * j) % 7 == 3 else 0.0) for j in range(n)] for i in range(n)]
    order = decompose(a)
    x = solve(a, order, [float(i % 10) for i in range(n)])
    return x[0], x[n // 2], x[-1]
