# expect-compiled: mixed, held, chain, shadowed
"""Methods of objects of many kinds: what is called, with what in front, and no more objects made than the interpreter makes."""

import gc
import math
import types


class Plain:
    kind = "plain"

    def name(self, *more):
        return ("plain", type(self).__name__, *more)


class Slotted:
    __slots__ = ("name",)

    def __init__(self):
        self.name = lambda *more: ("in a slot", *more)


class Dynamic:
    def __getattr__(self, name):
        if name != "name":
            raise AttributeError(f"no {name} here")
        return lambda *more: ("made up", *more)


class Intercepting(Plain):
    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        return (lambda *more: ("intercepted", found(*more))) if name == "name" else found


class Static:
    @staticmethod
    def name(*more):
        return ("static", *more)


class OfClass:
    @classmethod
    def name(cls, *more):
        return (cls.__name__, *more)


class Computed:
    @property
    def name(self):
        return lambda *more: ("computed", *more)


class Holding:
    class name:
        def __init__(self, *more):
            self.more = more

        def __repr__(self):
            return f"held{self.more}"


class Nameless:
    pass


def mixed(objects, n):
    out = []
    for i in range(n):
        for o in objects:
            try:
                out.append(o.name(i))
            except (AttributeError, TypeError) as e:
                out.append(f"{type(e).__name__}: {e}")
    return out


def bound(o):
    """How many objects bind a method to it."""
    return sum(type(m) in (types.MethodType, types.BuiltinMethodType) and m.__self__ is o for m in gc.get_objects())


def held(o, n):
    counts = set()
    for _ in range(n):
        counts.add((o.take(bound(o)), bound(o)))
    return sorted(counts)


class Taker:
    def take(self, x):
        return x


class TakerOf(list):
    def take(self, x):
        return x + len(self)


def chain(texts):
    return [t.strip().upper().center(9, "-").replace("-", "+", 3) for t in texts]


def shadowed(o, n):
    out = []
    for i in range(n):
        if i == n // 2:
            o.name = lambda *more: ("its own", *more)
        if i == n // 2 + 3:
            del o.name
        out.append(o.name(i))
    return out


def items(log):
    log.append(bound(log))
    log.append(bound(log))
    return log


everything = [
    Plain(),
    Slotted(),
    Dynamic(),
    Intercepting(),
    Static(),
    OfClass(),
    OfClass,
    Computed(),
    Holding(),
    Nameless(),
    3,
]
odd = Plain()
odd.__dict__["name"] = lambda *more: ("from the start", *more)
odd.__dict__[7] = 8
for _ in range(3):
    for line in mixed([*everything, odd], 4):
        print(line)
    print(held(Taker(), 8), held(TakerOf([1, 2]), 8))
    print(chain(["  ab", "c ", " déf ", ""]))
    print(shadowed(Plain(), 12))
    print(items([]), items([1]))


def modules(them, n):
    s = 0.0
    for i in range(n):
        for m in them:
            s += m.sqrt(i)
    return s


class Maths:
    def sqrt(self, x):
        return x


for _ in range(3):
    print(modules([math], 50), modules([math, Maths()], 50))


def late(cls, n):
    o = cls()
    out = []
    for i in range(n):
        if i == n - 5:
            cls.name = lambda self, *more: ("changed", *more)
        if i == n - 2:
            del cls.name
        try:
            out.append(o.name(i))
        except AttributeError as e:
            out.append(str(e))
    return out


print(late(Plain, 30)[-8:], late(Nameless, 30)[-8:])
