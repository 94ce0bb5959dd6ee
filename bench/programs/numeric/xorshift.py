"""64-bit xorshift, a histogram of its bytes and a chi-square over it."""

SCALE = 3_800_000
SMALL_SCALE = 200_000


def run(scale):
    mask = 0xFFFFFFFFFFFFFFFF
    x = 88172645463325252
    counts = [0] * 256
    for _ in range(scale):
        x ^= (x << 13) & mask
        x ^= x >> 7
        x ^= (x << 17) & mask
        counts[x & 255] += 1
    expected = scale / 256
    chi = 0.0
    for c in counts:
        chi += (c - expected) ** 2 / expected
    return x, chi
