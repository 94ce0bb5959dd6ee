"""Gravitating bodies, each a list [x, y, z, vx, vy, vz, mass], advanced in small steps."""

SCALE = 140_000
SMALL_SCALE = 7600


def system():
    return [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.5],
        [4.8, -1.2, -0.1, 0.6, 2.8, -0.02, 0.038],
        [8.3, 4.1, -0.4, -1.0, 1.8, 0.008, 0.011],
        [12.9, -15.1, -0.2, 1.1, 0.9, -0.011, 0.0017],
        [15.4, -25.9, 0.2, 1.0, 0.6, -0.035, 0.002],
    ]


def advance(bodies, pairs, dt):
    for a, b in pairs:
        dx = a[0] - b[0]
        dy = a[1] - b[1]
        dz = a[2] - b[2]
        mag = dt / ((dx * dx + dy * dy + dz * dz) ** 1.5)
        ma = a[6] * mag
        mb = b[6] * mag
        a[3] -= dx * mb
        a[4] -= dy * mb
        a[5] -= dz * mb
        b[3] += dx * ma
        b[4] += dy * ma
        b[5] += dz * ma
    for body in bodies:
        body[0] += dt * body[3]
        body[1] += dt * body[4]
        body[2] += dt * body[5]


def energy(bodies):
    e = 0.0
    for i, a in enumerate(bodies):
        e += 0.5 * a[6] * (a[3] ** 2 + a[4] ** 2 + a[5] ** 2)
        for b in bodies[i + 1 :]:
            d = ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) ** 0.5
            e -= a[6] * b[6] / d
    return e


def run(scale):
    bodies = system()
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]
    before = energy(bodies)
    for _ in range(scale):
        advance(bodies, pairs, 0.001)
    return before, energy(bodies)
