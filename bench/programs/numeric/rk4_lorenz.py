"""Lorenz attractor by a fourth-order Runge-Kutta step over tuples of floats."""

SCALE = 270_000
SMALL_SCALE = 15_000


def derivative(state, sigma=10.0, rho=28.0, beta=8.0 / 3.0):
    x, y, z = state
    return sigma * (y - x), x * (rho - z) - y, x * y - beta * z


def shifted(state, slope, h):
    return tuple(s + h * d for s, d in zip(state, slope))


def rk4(state, h):
    k1 = derivative(state)
    k2 = derivative(shifted(state, k1, h / 2))
    k3 = derivative(shifted(state, k2, h / 2))
    k4 = derivative(shifted(state, k3, h))
    x, y, z = state
    return (
        x + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0]),
        y + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1]),
        z + h / 6 * (k1[2] + 2 * k2[2] + 2 * k3[2] + k4[2]),
    )


def run(scale):
    state = (1.0, 1.0, 1.0)
    highest = 0.0
    for _ in range(scale):
        state = rk4(state, 0.005)
        if state[2] > highest:
            highest = state[2]
    return state, highest
