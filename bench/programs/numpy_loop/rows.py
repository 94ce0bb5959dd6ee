"""Loops over the rows of a matrix calling whole-array operations on each."""

import numpy as np

REQUIRES = ("numpy",)
SCALE = 200_000
SMALL_SCALE = 11_000


def run(scale):
    matrix = (np.arange(scale * 16) * 31 % 1009 / 1009.0).reshape(scale, 16)
    weights = np.linspace(0.0, 1.0, 16)
    best = -1.0
    best_row = 0
    above = 0
    for i, row in enumerate(matrix):
        value = float(row @ weights)
        if value > best:
            best = value
            best_row = i
        if row.max() - row.min() > 0.9 and row.mean() > 0.45:
            above += 1
    return best, best_row, above
