"""Gravitating bodies as parallel lists of coordinates, with square roots from math."""

import math

SCALE = 110_000
SMALL_SCALE = 6000


def simulate(steps, dt):
    xs = [0.0, 1.0, 0.0, -1.5, 2.0]
    ys = [0.0, 0.0, 1.3, 0.2, -1.1]
    zs = [0.0, 0.1, -0.2, 0.05, 0.3]
    vx = [0.0, 0.0, -0.8, 0.1, 0.4]
    vy = [0.0, 1.0, 0.0, -0.8, 0.5]
    vz = [0.0, 0.0, 0.1, 0.0, -0.1]
    mass = [1.0, 0.001, 0.002, 0.0005, 0.003]
    n = len(xs)
    for _ in range(steps):
        for i in range(n):
            xi, yi, zi = xs[i], ys[i], zs[i]
            ax = ay = az = 0.0
            for j in range(n):
                if i == j:
                    continue
                dx = xs[j] - xi
                dy = ys[j] - yi
                dz = zs[j] - zi
                r2 = dx * dx + dy * dy + dz * dz + 1e-6
                f = mass[j] / (r2 * math.sqrt(r2))
                ax += dx * f
                ay += dy * f
                az += dz * f
            vx[i] += ax * dt
            vy[i] += ay * dt
            vz[i] += az * dt
        for i in range(n):
            xs[i] += vx[i] * dt
            ys[i] += vy[i] * dt
            zs[i] += vz[i] * dt
    return xs, ys, zs


def run(scale):
    xs, ys, zs = simulate(scale, 0.0005)
    return xs[1], ys[2], zs[3], sum(xs)
