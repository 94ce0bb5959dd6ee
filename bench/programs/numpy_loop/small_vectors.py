"""Many operations on tiny arrays: orbit of a particle with 3-vectors."""

import numpy as np

REQUIRES = ("numpy",)
SCALE = 200_000
SMALL_SCALE = 11_000


def run(scale):
    position = np.array([1.0, 0.0, 0.1])
    velocity = np.array([0.0, 0.9, 0.2])
    dt = 0.001
    energy = 0.0
    for _ in range(scale):
        r2 = position.dot(position)
        acceleration = -position / (r2 * np.sqrt(r2))
        velocity = velocity + acceleration * dt
        position = position + velocity * dt
        energy = 0.5 * velocity.dot(velocity) - 1.0 / np.sqrt(r2)
    return float(energy), [float(x) for x in position]
