"""Ways to pay an amount and the fewest coins, with infinity as a float sentinel."""

SCALE = 860_000
SMALL_SCALE = 45_000
COINS = [1, 2, 5, 10, 20, 50, 100, 200]
MODULUS = 1_000_000_007


def run(scale):
    ways = [0] * (scale + 1)
    ways[0] = 1
    for coin in COINS:
        for amount in range(coin, scale + 1):
            ways[amount] = (ways[amount] + ways[amount - coin]) % MODULUS
    fewest = [float("inf")] * (scale + 1)
    fewest[0] = 0
    for amount in range(1, scale + 1):
        for coin in COINS:
            if coin <= amount and fewest[amount - coin] + 1 < fewest[amount]:
                fewest[amount] = fewest[amount - coin] + 1
    return ways[-1], fewest[-1], max(fewest)
