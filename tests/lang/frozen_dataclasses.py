# expect-compiled: walk, refused, replaced, own, ordered, loose
"""Dataclasses that set their attributes by `object.__setattr__`, and classes that do it by hand."""

import dataclasses
from dataclasses import dataclass, field


@dataclass(frozen=True)
class P:
    x: float
    y: float = 0.5

    def __add__(self, o):
        return P(self.x + o.x, self.y + o.y)

    def scaled(self, k):
        return P(y=self.y * k, x=self.x * k)


@dataclass(frozen=True, slots=True)
class Q:
    a: int
    b: list = field(default_factory=list)
    c: int = field(init=False, default=3)

    def __post_init__(self):
        object.__setattr__(self, "c", self.a + 1)


@dataclass(frozen=True, order=True)
class R(P):
    z: int = 1


class Sealed:
    """Attributes by hand, behind a `__setattr__` that refuses."""

    def __init__(self, v):
        object.__setattr__(self, "v", v)
        object.__setattr__(self, "w", v + 1)

    def __setattr__(self, name, value):
        raise AttributeError(f"{name} is sealed")


class Watched:
    seen = []

    def __init__(self, v):
        self.v = v
        object.__setattr__(self, "u", v)

    def __setattr__(self, name, value):
        Watched.seen.append((name, value))
        object.__setattr__(self, name, value)


def walk(n):
    p, d, e = P(0.0), P(1.0, 0.25), 0.0
    for i in range(n):
        p = p + d.scaled(0.5)
        e += p.x * d.y
    return p, e


def refused(n):
    out = []
    for i in range(n):
        p = P(i, i)
        try:
            if i % 40 == 39:
                p.x = 5
        except dataclasses.FrozenInstanceError as err:
            out.append((str(err), p))
        if i % 50 == 49:
            object.__setattr__(p, "x", -1)
            object.__setattr__(p, "extra", i)
            out.append((p.x, p.extra, p))
        try:
            if i % 60 == 59:
                object.__setattr__(p, "x" if i else 1)
        except TypeError as err:
            out.append(str(err))
    return out


def replaced(n):
    p = P(1.0)
    for i in range(n):
        p = P(p.x + i, y=p.y)
        if i % 50 == 0:
            p = dataclasses.replace(p, y=i)
    return p, hash(p) == hash(P(p.x, p.y)), p == P(p.x, p.y)


def own(n):
    s = 0
    for i in range(n):
        q = Q(i)
        if i % 30 == 0:
            q.b.append(i)
        s += q.c + len(q.b)
        r = Sealed(i)
        s += r.w - r.v
        try:
            if i % 45 == 7:
                r.v = 1
        except AttributeError as err:
            s += len(str(err))
    return s, q


def ordered(n):
    best = R(0.0, 0.0, 0)
    for i in range(n):
        r = R((i * 37) % 101 + 0.5, float(i), i)
        if r > best:
            best = r
    return best


def loose(n):
    Watched.seen.clear()
    s = 0
    for i in range(n):
        w = Watched(i)
        s += w.v + w.u
    return s, len(Watched.seen), Watched.seen[-1]


for _ in range(4):
    print(walk(300))
    print(refused(200))
    print(replaced(150), own(150), ordered(150), loose(150))
