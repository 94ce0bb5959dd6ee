"""Estimate of pi with a linear congruential generator whose state passes 2**30."""

SCALE = 3_000_000
SMALL_SCALE = 130_000


def run(scale):
    state = 20_240_601
    inside = 0
    for _ in range(scale):
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        x = state / 4294967296.0
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        y = state / 4294967296.0
        if x * x + y * y <= 1.0:
            inside += 1
    return 4.0 * inside / scale, state
