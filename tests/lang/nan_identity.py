# expect-compiled: found, read
"""A NaN is in a container by identity: one that a loop only reads stays the object that it is."""


class Items:
    def __init__(self, items):
        self.items = items

    def __getitem__(self, i):
        return self.items[i]

    def index(self, value):
        i = 0
        while True:
            try:
                v = self[i]
            except IndexError:
                break
            if v is value or v == value:
                return i
            i += 1
        raise ValueError(value)


def found(n):
    nan = float("nan")
    items = Items([0.5, "s", nan, nan])
    same = 0
    for i in range(n):
        for e in (1.0, nan):
            same += e is nan
    return same, items.index(nan), nan in [nan], [nan].index(nan), {nan: 1}.get(nan)


def read(n, x):
    total = 0
    held = [x]
    for i in range(n):
        total += (held[0] is x) + (x != x)
    return total, held.index(x), x in held, held == [x]


for _ in range(5):
    print(found(30), read(60, float("nan")))
