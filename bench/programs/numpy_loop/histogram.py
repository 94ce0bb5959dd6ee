"""Integer arrays: a histogram and a confusion matrix filled in a loop."""

import numpy as np

REQUIRES = ("numpy",)
SCALE = 1_100_000
SMALL_SCALE = 70_000


def run(scale):
    values = (np.arange(scale) * 2654435761 % 4294967296 % 256).astype(np.int64)
    guesses = (values + np.arange(scale) % 3) % 256
    histogram = np.zeros(256, dtype=np.int64)
    confusion = np.zeros((8, 8), dtype=np.int64)
    for i in range(scale):
        v = values[i]
        histogram[v] += 1
        confusion[v >> 5, guesses[i] >> 5] += 1
    return int(histogram.max()), int(np.trace(confusion)), int(histogram[17])
