from numba import njit


@njit
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


@njit
def grid(scale):
    total = 0
    inside = 0
    for row in range(scale):
        ci = -1.25 + 2.5 * row / scale
        for col in range(scale):
            n = escape_time(-2.0 + 2.5 * col / scale, ci, 200)
            total += n
            if n == 200:
                inside += 1
    return total, inside


def run(scale):
    return grid(scale)
