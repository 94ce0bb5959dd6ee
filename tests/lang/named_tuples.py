# expect-compiled: centre, grown, short, typed, cached, kinds, kept, hashed, redefined, singles, raised, factory, failing, always
"""Named tuples: fields, instances that nobody else sees, classes that derive from them, and `__new__` in general."""

import sys
import typing
from collections import namedtuple

Point = namedtuple("Point", "x y")
Tagged = namedtuple("Tagged", ["name", "at", "size"], defaults=[3])


class Place(Point):
    """Has a dict of its own, and methods."""

    def norm(self):
        return self.x * self.x + self.y * self.y

    def moved(self, by):
        return Place(self.x + by.x, self.y + by.y)


class Row(typing.NamedTuple):
    key: int
    value: float = 0.5

    def double(self):
        return Row(self.key * 2, self.value * 2)


class Counted:
    made = 0

    def __new__(cls, n):
        Counted.made += 1
        o = super().__new__(cls)
        o.n = n
        return o


class Single:
    only = None

    def __new__(cls, n):
        if cls.only is None:
            cls.only = object.__new__(cls)
            cls.only.total = 0
        cls.only.total += n
        return cls.only


class Other:
    """Gives instances of other classes, too; has an `__init__`."""

    def __new__(cls, n):
        return n if n % 3 == 0 else object.__new__(cls)

    def __init__(self, n):
        self.n = n


class Shape:
    """Gives instances of classes that derive from it, which have an `__init__`, and of itself, which has none."""

    def __new__(cls, kind, size):
        if kind == 0:
            return object.__new__(cls)
        return object.__new__(Square if kind == 1 else Round)

    def area(self):
        return -1


class Square(Shape):
    def __init__(self, kind, size):
        self.size = size

    def area(self):
        return self.size**2


class Round(Shape):
    def __init__(self, kind, size):
        if size % 7 == 6:
            raise ValueError(f"{size} is no size")
        self.size = size * kind

    def area(self):
        return self.size * 3


class Maker:
    def __new__(cls, n):
        return tuple.__new__(Row, (n, 0.5)) if n % 5 == 4 else object.__new__(Made)


class Made(Maker):
    made = 0

    def __init__(self, n):
        Made.made += n


class Pair(tuple):
    __slots__ = ()

    def __new__(cls, a, b=1):
        if a is b:
            raise ValueError("the same twice")
        return tuple.__new__(cls, (b, a))

    @property
    def first(self):
        return self[0]


def centre(points):
    sx = sy = 0.0
    for p in points:
        sx += p.x
        sy += p.y
    return sx / len(points), sy / len(points)


def grown(n):
    p, q = Point(0.0, 0.0), Point(0.5, -0.25)
    total = 0
    for i in range(n):
        p = Point(p.x + q.x * i, y=p.y + q.y)
        r = Place(p.x, i).moved(q)
        total += r.norm() + r[0] - r[-1] + len(r)
        if i % 50 == 49:
            x, y = p
            total += x + y + sum(p) + (p == (x, y)) + (p is r) + isinstance(p, tuple) + isinstance(r, Point)
    return p, total


def short(n):
    """An instance may be shorter than its class says."""
    out = 0
    for i in range(n):
        p = tuple.__new__(Point, (i,)) if i % 40 == 39 else Point(i, i)
        try:
            out += p.x + p.y
        except IndexError as e:
            out += len(str(e))
    return out


def typed(n):
    out = []
    for i in range(n):
        r = Row(i) if i % 2 else Row(i, value=float(i))
        r = r.double()
        t = Tagged("t", r)
        out.append(t.at.value + t.size + t.at.key)
        if i % 60 == 59:
            out.append((t, t._replace(name="u"), r._asdict()))
    return out[-4:], sum(v for v in out if not isinstance(v, tuple))


def cached(n):
    Counted.made = 0
    s = 0
    for i in range(n):
        s += Counted(i).n
    return s, Counted.made


def singles(n):
    Single.only = None
    for i in range(n):
        o = Single(i)
    return o.total, o is Single(0)


def kinds(n):
    s = 0
    for i in range(n):
        o = Other(i)
        s += o if isinstance(o, int) else o.n * 100
    return s


def kept(n):
    d = {}
    for i in range(n):
        p = Point(i % 7, i % 3)
        d[p] = d.get(p, 0) + 1
        if i % 30 == 0:
            d["last"] = p
        assert p in d
    return sorted((k, v) for k, v in d.items() if k != "last"), d["last"]


def hashed(n):
    seen = set()
    for i in range(n):
        a, b = Pair(i, -1), Pair(-1, i)
        seen.add(a.first)
        seen.add(hash(a) == hash(b))
        seen.add(a + b)
    return len(seen), a, b, a < b


def redefined(n):
    s = 0
    for i in range(n):
        p = Point(i, 1)
        if i == n // 2:
            Point.x = property(lambda self: 1000)
        s += p.x
    Point.x = getter
    return s


def raised(n):
    out = 0
    for i in range(n):
        try:
            p = Pair(i % 5, i % 4)
            out += p[0] * 10 + p[1]
            if i % 30 == 29:
                f = sys._getframe()
                out += f.f_locals["p"] is p
                del f
        except ValueError as e:
            out += e.__traceback__.tb_next.tb_lineno - e.__traceback__.tb_lineno > 0
    return out


def factory(n):
    total = 0
    for i in range(n):
        total += Shape(i % 2, i).area()
    return total


def failing(n):
    out = 0
    for i in range(n):
        try:
            out += Shape(2 if i % 4 else 0, i).area()
        except ValueError as e:
            out += len(str(e)) + (e.__traceback__.tb_next.tb_frame.f_code.co_name == "__init__")
    return out


def always(n):
    Made.made = 0
    kinds = {}
    for i in range(n):
        o = Maker(i)
        kinds[type(o).__name__] = kinds.get(type(o).__name__, 0) + 1
    return Made.made, kinds


getter = Point.x
for _ in range(4):
    print(centre([Point(i, i * 0.5) for i in range(200)]), centre([Place(i, 1) for i in range(60)]))
    print(grown(200), short(200))
    print(typed(200))
    print(cached(150), singles(150), kinds(150), kept(150), hashed(150), redefined(200), raised(150))
    print(factory(150), failing(150), always(150))
