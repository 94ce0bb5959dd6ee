"""Jacobi relaxation on a two-dimensional array with scalar indexing."""

import numpy as np

REQUIRES = ("numpy",)
SCALE = 100
SMALL_SCALE = 5
SIZE = 130


def sweep(u, new):
    rows, cols = u.shape
    for i in range(1, rows - 1):
        for j in range(1, cols - 1):
            new[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])


def run(scale):
    u = np.zeros((SIZE, SIZE))
    u[0, :] = 1.0
    new = u.copy()
    for _ in range(scale):
        sweep(u, new)
        u, new = new, u
    return float(u.sum()), float(u[1, SIZE // 2])
