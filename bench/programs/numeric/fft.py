"""Radix-2 fast Fourier transform, real and imaginary parts in two lists."""

import math

SCALE = 17
SMALL_SCALE = 14


def fft(re, im):
    n = len(re)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    size = 2
    while size <= n:
        half = size // 2
        angle = -2.0 * math.pi / size
        for start in range(0, n, size):
            for k in range(half):
                wr = math.cos(angle * k)
                wi = math.sin(angle * k)
                p = start + k
                q = p + half
                tr = re[q] * wr - im[q] * wi
                ti = re[q] * wi + im[q] * wr
                re[q] = re[p] - tr
                im[q] = im[p] - ti
                re[p] += tr
                im[p] += ti
        size *= 2


def run(scale):
    n = 1 << scale
    re = [math.sin(0.01 * i) + (i % 5) * 0.1 for i in range(n)]
    im = [0.0] * n
    fft(re, im)
    power = 0.0
    for a, b in zip(re, im):
        power += a * a + b * b
    return power, re[1], im[n // 3]
