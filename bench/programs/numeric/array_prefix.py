"""Prefix sums and range queries over array.array('d') and array.array('q')."""

from array import array

SCALE = 1_500_000
SMALL_SCALE = 77_000


def run(scale):
    values = array("q", (i * 2654435761 % 4294967296 - 2147483648 for i in range(scale)))
    prefix = array("q", [0]) * (scale + 1)
    for i in range(scale):
        prefix[i + 1] = prefix[i] + values[i]
    weights = array("d", [0.0]) * scale
    for i in range(scale):
        weights[i] = values[i] * 0.5 / (1 + i % 10)
    best = 0
    for i in range(0, scale - 1000):
        s = prefix[i + 1000] - prefix[i]
        if s > best:
            best = s
    smooth = 0.0
    for w in weights:
        smooth = 0.9 * smooth + 0.1 * w
    return prefix[-1], best, smooth
