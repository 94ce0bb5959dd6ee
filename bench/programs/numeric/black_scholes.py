"""Closed-form option prices and implied volatilities by bisection."""

from math import erf, exp, log, sqrt

SCALE = 73_000
SMALL_SCALE = 3800


def cdf(x):
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def call_price(s, k, t, r, sigma):
    d1 = (log(s / k) + (r + 0.5 * sigma**2) * t) / (sigma * sqrt(t))
    d2 = d1 - sigma * sqrt(t)
    return s * cdf(d1) - k * exp(-r * t) * cdf(d2)


def implied_volatility(price, s, k, t, r):
    low, high = 0.01, 2.0
    while high - low > 1e-6:
        mid = (low + high) / 2
        if call_price(s, k, t, r, mid) < price:
            low = mid
        else:
            high = mid
    return low


def run(scale):
    total = 0.0
    for i in range(scale):
        strike = 80.0 + i % 41
        years = 0.1 + (i % 13) / 6
        price = call_price(100.0, strike, years, 0.02, 0.15 + (i % 7) / 20)
        total += implied_volatility(price, 100.0, strike, years, 0.02)
    return total
