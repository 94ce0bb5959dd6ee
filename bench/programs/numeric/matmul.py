"""Product of two square matrices held as lists of lists of floats."""

SCALE = 240
SMALL_SCALE = 90


def make(n, seed):
    return [[((i * seed + j) % 17) / 17.0 for j in range(n)] for i in range(n)]


def matmul(a, b):
    n = len(a)
    m = len(b[0])
    inner = len(b)
    out = [[0.0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            s = 0.0
            for k in range(inner):
                s += a[i][k] * b[k][j]
            out[i][j] = s
    return out


def run(scale):
    c = matmul(make(scale, 3), make(scale, 7))
    trace = 0.0
    for i in range(scale):
        trace += c[i][i]
    return trace, c[0][-1], c[-1][0]
