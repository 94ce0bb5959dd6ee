"""Explicit heat equation on a plate, two grids swapped each step."""

SCALE = 250
SMALL_SCALE = 13
SIZE = 160


def step(src, dst, k):
    n = len(src)
    m = len(src[0])
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            dst[i][j] = src[i][j] + k * (
                src[i - 1][j] + src[i + 1][j] + src[i][j - 1] + src[i][j + 1] - 4.0 * src[i][j]
            )


def run(scale):
    a = [[0.0] * SIZE for _ in range(SIZE)]
    for j in range(SIZE):
        a[0][j] = 100.0
        a[j][0] = 50.0
    b = [row[:] for row in a]
    for _ in range(scale):
        step(a, b, 0.2)
        a, b = b, a
    return a[1][1], a[5][9], sum(sum(row) for row in a)
