"""Numpy scalars that wander into ordinary lists, dicts and arithmetic."""

import numpy as np

REQUIRES = ("numpy",)
SCALE = 4_300_000
SMALL_SCALE = 230_000


def run(scale):
    samples = (np.arange(scale) * 17 % 1013).astype(np.float32)
    groups = np.arange(scale) % 12
    totals = {}
    tops = []
    for value, group in zip(samples, groups):
        key = int(group)
        totals[key] = totals.get(key, 0.0) + float(value)
        if value > 1000:
            tops.append(value)
    mean = sum(tops) / len(tops)
    return sorted(totals.items())[:3], len(tops), float(mean)
