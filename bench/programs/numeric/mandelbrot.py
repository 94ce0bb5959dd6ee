"""Escape times of the Mandelbrot set over a square grid, in plain floats."""

HEADLINE = True
SCALE = 380
SMALL_SCALE = 87
MAX_ITER = 200


def escape_time(cr, ci, limit):
    zr = 0.0
    zi = 0.0
    for n in range(limit):
        zr2 = zr * zr
        zi2 = zi * zi
        if zr2 + zi2 > 4.0:
            return n
        zi = 2.0 * zr * zi + ci
        zr = zr2 - zi2 + cr
    return limit


def run(scale):
    total = 0
    inside = 0
    for row in range(scale):
        ci = -1.25 + 2.5 * row / scale
        for col in range(scale):
            cr = -2.0 + 2.5 * col / scale
            n = escape_time(cr, ci, MAX_ITER)
            total += n
            if n == MAX_ITER:
                inside += 1
    return total, inside
