import numpy as np
from numba import njit


@njit
def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


@njit
def both(v, n):
    w = np.empty(n)
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += entry(i, j) * v[j]
        w[i] = s
    out = np.empty(n)
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += entry(j, i) * w[j]
        out[i] = s
    return out


def run(scale):
    u = np.ones(scale)
    v = u
    for _ in range(10):
        v = both(u, scale)
        u = both(v, scale)
    return float((u.dot(v) / v.dot(v)) ** 0.5)
