"""Recursive Fourier transform with complex numbers and slices."""

import cmath

SCALE = 18
SMALL_SCALE = 14


def fft(x):
    n = len(x)
    if n == 1:
        return x
    even = fft(x[0::2])
    odd = fft(x[1::2])
    out = [0j] * n
    for k in range(n // 2):
        t = cmath.exp(-2j * cmath.pi * k / n) * odd[k]
        out[k] = even[k] + t
        out[k + n // 2] = even[k] - t
    return out


def run(scale):
    n = 1 << scale
    signal = [complex(i % 7, (i * 3) % 5) for i in range(n)]
    spectrum = fft(signal)
    return spectrum[1], spectrum[n // 2], sum(abs(z) for z in spectrum)
