"""Group rows (dicts) by two keys, aggregate, then rank the groups."""

from collections import defaultdict

SCALE = 68
SMALL_SCALE = 4
ROWS = 20_000
CITIES = ["Oslo", "Lima", "Cairo", "Quito", "Hanoi", "Accra", "Turin"]
GOODS = ["tea", "salt", "rope", "glass", "paper"]


def make_rows(day):
    return [
        {
            "city": CITIES[i * 5 % 7],
            "item": GOODS[i * 11 % 5],
            "units": i % 13 + 1,
            "price": (i % 29) * 0.25 + 1,
        }
        for i in range(day, day + ROWS)
    ]


def run(scale):
    totals = defaultdict(float)
    units = {}
    cheapest = {}
    for day in range(scale):
        for row in make_rows(day):
            key = (row["city"], row["item"])
            totals[key] += row["units"] * row["price"]
            units[key] = units.get(key, 0) + row["units"]
            if key not in cheapest or row["price"] < cheapest[key]:
                cheapest[key] = row["price"]
    by_city = defaultdict(list)
    for (city, item), amount in totals.items():
        by_city[city].append((amount, item))
    best = {city: max(pairs) for city, pairs in sorted(by_city.items())}
    return best, sum(units.values()), min(cheapest.values())
