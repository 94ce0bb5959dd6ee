import numpy as np
from numba import njit


@njit
def make(n, seed):
    out = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            out[i, j] = ((i * seed + j) % 17) / 17.0
    return out


@njit
def matmul(a, b):
    n = a.shape[0]
    out = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += a[i, k] * b[k, j]
            out[i, j] = s
    return out


def run(scale):
    c = matmul(make(scale, 3), make(scale, 7))
    return sum(float(c[i, i]) for i in range(scale)), float(c[0, -1]), float(c[-1, 0])
