"""American put on a binomial tree."""

import math

SCALE = 3800
SMALL_SCALE = 870


def american_put(spot, strike, rate, sigma, years, steps):
    dt = years / steps
    up = math.exp(sigma * math.sqrt(dt))
    down = 1.0 / up
    p = (math.exp(rate * dt) - down) / (up - down)
    discount = math.exp(-rate * dt)
    values = [max(strike - spot * up**j * down ** (steps - j), 0.0) for j in range(steps + 1)]
    for step in range(steps - 1, -1, -1):
        price = spot * down**step
        for j in range(step + 1):
            hold = discount * (p * values[j + 1] + (1.0 - p) * values[j])
            exercise = strike - price
            values[j] = hold if hold > exercise else exercise
            price *= up * up
    return values[0]


def run(scale):
    return american_put(100.0, 105.0, 0.03, 0.25, 1.0, scale)
