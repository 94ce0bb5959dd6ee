"""A recurrence that cannot be vectorised: filters and state machines over an array."""

import numpy as np

REQUIRES = ("numpy",)
SCALE = 1_700_000
SMALL_SCALE = 87_000


def run(scale):
    signal = np.sin(np.arange(scale) * 0.01) + (np.arange(scale) % 7) * 0.05
    filtered = np.empty(scale)
    y = 0.0
    v = 0.0
    holding = False
    trades = 0
    for i in range(scale):
        v = 0.7 * v + 0.1 * (signal[i] - y)
        y = y + v
        filtered[i] = y
        if holding and signal[i] < y - 0.05:
            holding = False
            trades += 1
        elif not holding and signal[i] > y + 0.05:
            holding = True
            trades += 1
    return trades, float(filtered[-1]), float(filtered.mean())
