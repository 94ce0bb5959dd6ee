# expect-compiled: centre, mixed, turned, rows, chain, grow
"""Operators on what attributes hold: instances, numbers, containers, each of more than one kind in some places."""


class Pair:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Pair(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Pair(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Pair(self.x * k, self.y * k)

    def __rmul__(self, k):
        return Pair(k * self.x, k * self.y)

    def __lt__(self, other):
        return self.x < other.x

    def __getitem__(self, i):
        return self.x if i == 0 else self.y


class Other:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Other(self.y + other.y, self.x + other.x)

    def __radd__(self, other):
        return Other(other, self.y)

    def __lt__(self, other):
        return NotImplemented


class Body:
    def __init__(self, at, mass):
        self.at = at
        self.mass = mass
        self.next = None
        self.trail = []


def centre(bodies):
    total, weight, below = Pair(0.0, 0.0), 0, 0
    for b in bodies:
        total = total + b.at * b.mass
        weight += b.mass
        below += b.at < total
        total = total - 0.5 * b.at
        weight += b.at[0] > b.at[1]
    return total.x, total.y, weight, below


def mixed(bodies, n):
    out = []
    for i in range(n):
        a, b = bodies[i % len(bodies)], bodies[(i * 7 + 3) % len(bodies)]
        try:
            s = a.at + b.at
            out.append((type(s).__name__, s.x, s.y, a.at < b.at))
        except TypeError as e:
            out.append(str(e))
    return out


def turned(bodies, n):
    """The attribute holds something else from the middle on."""
    seen = 0
    for i in range(n):
        b = bodies[i % len(bodies)]
        if i == n // 2:
            for c in bodies:
                c.at = i
        seen = seen + (b.at * 2 if i >= n // 2 else (b.at * 2).x)
    return seen


def rows(bodies, n):
    s = 0
    for i in range(n):
        for b in bodies:
            b.trail.append([i, float(i)])
            s += b.trail[i][0] + b.trail[i][1] * b.mass
    return s


def chain(first):
    n = 0
    while first is not None:
        n = n * 3 % 1000003 + first.mass
        first = first.next
    return n


def grow(bodies, n):
    """An int attribute that outgrows machine words."""
    for _ in range(n):
        for b in bodies:
            b.mass = b.mass * 3 + 1
    return [b.mass for b in bodies]


def bodies(n, kind=Pair):
    made = [Body(kind(float(i), n - i * 1.5), i + 1) for i in range(n)]
    for a, b in zip(made, made[1:]):
        a.next = b
    return made


for _ in range(6):
    print(centre(bodies(200)))
print(mixed(bodies(20), 400)[-3:])
print(mixed(bodies(20, Other), 400)[-3:])
print(mixed(bodies(10) + bodies(10, Other), 400)[-5:])
print([turned(bodies(10), 400) for _ in range(3)])
print([rows(bodies(5), 60) for _ in range(4)])
print([chain(bodies(900)[0]) for _ in range(3)])
print(grow(bodies(3), 100))
