"""Element by element over one-dimensional arrays."""

import numpy as np

REQUIRES = ("numpy",)
SCALE = 2_100_000
SMALL_SCALE = 110_000


def blend(a, b, out, threshold):
    for i in range(len(a)):
        d = a[i] - b[i]
        if d > threshold:
            out[i] = d * d
        else:
            out[i] = a[i] + 0.5 * b[i]


def run(scale):
    a = (np.arange(scale) % 1000) / 1000.0
    b = (np.arange(scale) * 7 % 999) / 999.0
    out = np.zeros(scale)
    blend(a, b, out, 0.25)
    return float(out.sum()), float(out[scale // 2])
