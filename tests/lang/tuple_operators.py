# expect-compiled: added, scaled, turned, compared, concatenated, declined, overridden, texts, large
"""Operators and fields of classes that derive from named tuples and tuples; ints and floats in the same places."""

from collections import namedtuple


class Vec(namedtuple("Vec", "x y z")):
    __slots__ = ()

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, f):
        return Vec(self.x * f, self.y * f, self.z * f)

    def __rmul__(self, f):
        return self * f

    def __neg__(self):
        return Vec(-self.x, -self.y, -self.z)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z


class Near(Vec):
    """Compares by what it is near to; the other operators it has from its base."""

    def __eq__(self, o):
        return abs(self.x - o.x) < 2

    __hash__ = None

    def __lt__(self, o):
        return self.x < o.x


class Picky(namedtuple("Picky", "a b")):
    def __add__(self, o):
        if isinstance(o, Picky):
            return Picky(self.a + o.a, self.b + o.b)
        return NotImplemented

    def __radd__(self, o):
        return o + self.a + self.b


class Renamed(Vec):
    """A field of its base by another meaning."""

    _fields = ("u", "v", "w")

    @property
    def x(self):
        return 100 + self[0]


class Pair(tuple):
    def __mul__(self, n):
        return Pair((self[0] * n, self[1] * n))

    def __getitem__(self, i):
        return tuple.__getitem__(self, 1 - i)


def added(n):
    at, step = Vec(0, 0, 4), Vec(0.25, 1, 0)
    for i in range(n):
        at = at + step
        if i % 5 == 0:
            step = -step
    return at, at - step


def scaled(n):
    total = Vec(0, 0, 0)
    for i in range(n):
        f = i if i % 3 else i * 0.5
        total = total + Vec(1, 2.5, i) * f + 2 * Vec(i, 0.5, 1)
    return total


def turned(n):
    w, out = (1, 0.5, 0), 0
    for i in range(n):
        q = (0, *w[:2])
        p = Vec(q[0] * w[0] - q[1] * w[1], q[1] * w[0] + q[2] * w[2], i)
        out += p.dot(Vec(1, 0, 0.125)) - p.dot(p) / (1 + i)
        w = (p.x * 0.5, p.y, w[0]) if abs(p.x) < 1e6 else (1, 0.5, 0)
    return out


def compared(n):
    hits = 0
    near = [Near(i, 0, 0) for i in range(4)]
    for i in range(n):
        a, b = near[i % 4], near[i % 3]
        hits += (a == b) + 10 * (a < b) + 100 * (a != b) + 1000 * (a > b) + (Vec(1, 2, 3) == (1, 2, 3))
    return hits


def concatenated(n):
    """What a tuple has for operators, where the class has none of its own."""
    p = Point(1, 2)
    out = ()
    for i in range(n):
        out = p + (i,)
        out = out * 2 + p
        out = 2 * p + out[:3]
    return out


Point = namedtuple("Point", "x y")


def declined(n):
    out = []
    for i in range(n):
        a = Picky(i, 1.5)
        b = a + Picky(1, i) if i % 2 else 3 + a
        try:
            out.append((b, a + 5))
        except TypeError as e:
            out.append((b, str(e)[:30]))
    return out[-3:]


def overridden(n):
    total = 0
    items = [Renamed(1, 2, 3), Vec(4, 5, 6), Near(7, 8.5, 9)]
    for i in range(n):
        v = items[i % 3]
        total += v.x + v.y * 10 + (v + v).z
    return total, Pair((1, 2))[0]


def texts(n):
    """Next to numbers that vary there may be what is no number at all."""
    out, joined = 0, ""
    for i in range(n):
        v = Vec(i, "ab", 0.5) if i % 2 else Vec(1.5, "c", i)
        out += v.x * 2 + v.z
        joined = (v.y + "x") * 2 + joined[:6]
        out += len(v.y * 2)
    return out, joined


def large(n):
    out = 0
    for i in range(n):
        v = Vec(2**70 if i % 50 == 7 else i, 0.5, 2**62) * 3
        out = out + v.x - v.z * 0.5 + v.dot(Vec(1, 1.5, 2))
    return out


for _ in range(3):
    print(added(300), scaled(300), turned(300), compared(200))
    print(concatenated(200), declined(150), overridden(300), texts(200), large(200))
