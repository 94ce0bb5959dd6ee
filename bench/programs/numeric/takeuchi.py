"""Deeply nested recursion with three arguments, integer and float."""

SCALE = 18
SMALL_SCALE = 15


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def run(scale):
    return (
        tak(scale, scale // 2, 0),
        tak(float(scale), scale / 2.5, 1.0),
    )
