"""Power iteration on an infinite matrix given by a formula."""

SCALE = 360
SMALL_SCALE = 82


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(v):
    out = []
    for i in range(len(v)):
        s = 0.0
        for j in range(len(v)):
            s += entry(i, j) * v[j]
        out.append(s)
    return out


def times_transposed(v):
    out = []
    for i in range(len(v)):
        s = 0.0
        for j in range(len(v)):
            s += entry(j, i) * v[j]
        out.append(s)
    return out


def run(scale):
    u = [1.0] * scale
    v = u
    for _ in range(10):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    uv = vv = 0.0
    for a, b in zip(u, v):
        uv += a * b
        vv += b * b
    return (uv / vv) ** 0.5
