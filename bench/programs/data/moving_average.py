"""Rolling statistics of a price series: averages, deviation, drawdown, crossovers."""

from collections import deque

SCALE = 36
SMALL_SCALE = 2
DAYS = 40_000


def rolling_mean(values, window):
    out = []
    total = 0.0
    recent = deque()
    for v in values:
        recent.append(v)
        total += v
        if len(recent) > window:
            total -= recent.popleft()
        out.append(total / len(recent))
    return out


def ema(values, span):
    alpha = 2 / (span + 1)
    current = values[0]
    out = []
    for v in values:
        current = alpha * v + (1 - alpha) * current
        out.append(current)
    return out


def simulate(state):
    prices = []
    price = 100.0
    for _ in range(DAYS):
        state = (state * 69069 + 1) % 4294967296
        price *= 1 + (state / 4294967296 - 0.4999) / 50
        prices.append(price)
    return prices


def analyse(prices):
    fast = rolling_mean(prices, 20)
    slow = ema(prices, 100)
    crossings = 0
    for i in range(1, len(prices)):
        if (fast[i - 1] <= slow[i - 1]) != (fast[i] <= slow[i]):
            crossings += 1
    peak = prices[0]
    drawdown = 0.0
    for p in prices:
        peak = max(peak, p)
        drawdown = max(drawdown, (peak - p) / peak)
    return crossings, drawdown


def run(scale):
    crossings = 0
    worst = 0.0
    for k in range(scale):
        prices = simulate(k * 7919 + 3)
        count, drawdown = analyse(prices)
        crossings += count
        worst = max(worst, drawdown)
    return crossings, worst, prices[-1]
