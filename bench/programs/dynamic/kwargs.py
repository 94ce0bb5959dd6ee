"""Keyword arguments, defaults, *args and **kwargs passed through layers."""

SCALE = 610_000
SMALL_SCALE = 32_000


def area(width, height=2, *, scale=1, offset=0):
    return width * height * scale + offset


def forward(*args, **kwargs):
    return area(*args, **kwargs)


def summarise(first, /, *rest, **named):
    total = first
    for value in rest:
        total += value
    for key, value in named.items():
        total += len(key) * value
    return total


def settings(**overrides):
    base = {"colour": "red", "size": 3, "deep": False}
    base.update(overrides)
    return base


def run(scale):
    total = 0
    for i in range(scale):
        total += area(i % 7)
        total += area(i % 5, height=i % 3, offset=1)
        total += forward(i % 4, scale=2)
        total += summarise(i, 1, 2, 3, alpha=i % 3, beta=2)
        total += settings(size=i % 9)["size"]
        options = {"height": i % 6, "scale": 3}
        total += forward(2, **options)
    return total
