"""List, dict and set comprehensions, nested and filtered; zip, map, any and all."""

SCALE = 11_000
SMALL_SCALE = 570


def primes(limit):
    return [n for n in range(2, limit) if all(n % d for d in range(2, int(n**0.5) + 1))]


def run(scale):
    total = 0
    for i in range(scale):
        rows = [[(r * c + i) % 10 for c in range(20)] for r in range(20)]
        flipped = [list(col) for col in zip(*rows)]
        flat = [x for row in flipped for x in row if x % 3]
        squares = {x: x * x for x in set(flat)}
        words = ["w" * (x % 4) + str(x) for x in flat]
        lengths = {len(w) for w in words}
        total += sum(squares.values()) + sum(lengths) + len(words)
        total += sum(map(int, (w[-1] for w in words)))
        if any(x == 7 for x in flat) and all(x < 10 for x in flat):
            total += 1
        first, *middle, last = words
        total += len(first) + len(middle) + len(last)
    return total, sum(primes(2000))
