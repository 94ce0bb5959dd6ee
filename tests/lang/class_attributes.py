# expect-compiled: constants, made, counted, metas, enums, flips, nested, held, through, same, mine
"""Attributes of classes themselves: data, functions, static and class methods, and classes that change meanwhile."""

import enum
import gc
import weakref


class Settings:
    STEP = 3
    NAME = "settings"
    TABLE = {1: 10, 2: 20}
    scale = 1.5

    def plain(x):
        return x + 1

    @staticmethod
    def double(x, by=2):
        return x * by

    @classmethod
    def stepped(cls, x):
        return x + cls.STEP

    @classmethod
    def make(cls):
        return cls()


class Derived(Settings):
    STEP = 30


def constants(n):
    total = 0
    for i in range(n):
        total += Settings.STEP * i + Settings.plain(i) + Settings.double(i) + Settings.stepped(i)
        total += Derived.STEP + Derived.stepped(i) + Settings.TABLE[2] + len(Settings.NAME) + Derived.double(i, by=3)
    return total, Settings.scale * total


for _ in range(40):
    constants(50)
print(constants(50))
Settings.STEP = 4
print(constants(50))
Settings.plain = lambda x: x - 1
print(constants(50))
Settings.double = staticmethod(lambda x, by=7: x - by)
print(constants(50))
Derived.stepped = classmethod(lambda cls, x: (cls.__name__ == "Derived") + x)
print(constants(50))
del Derived.STEP
print(constants(50))
Settings.TABLE[2] = 21
Settings.scale = "s"
try:
    print(constants(50))
except TypeError as e:
    print(e)
Settings.scale = 2
Settings.double = Settings.__dict__["double"].__func__.__get__(5)
try:
    print(constants(3))
except TypeError as e:
    print(e)
del Settings.double
try:
    constants(3)
except AttributeError as e:
    print(e, e.name, e.obj)


# Instances made by a class method; a class as its own factory.
class Point:
    count = 0

    def __init__(self, x, y):
        self.x = x
        self.y = y

    @classmethod
    def diagonal(cls, d):
        return cls(d, d)

    @classmethod
    def counting(cls, d):
        cls.count += 1
        return cls(d, -d)


class Point3(Point):
    pass


def made(n):
    total = 0
    for i in range(n):
        p, q = Point.diagonal(i), Point3.diagonal(-i)
        total += p.x - q.y + (type(q) is Point3)
    return total


for _ in range(40):
    made(30)
print(made(30))


# What the loop itself changes.
def counted(n):
    before = Point.count
    for i in range(n):
        Point.count += 1
        Point3.counting(i)
        Point.counting(i)
    return Point.count - before, Point3.count


for _ in range(20):
    counted(30)
print(counted(30))


# Metaclasses: their attributes come first where they are data descriptors, last otherwise.
class Meta(type):
    first = property(lambda cls: "meta " + cls.__name__)
    both = "meta"
    only = 5

    def method(cls, x):
        return cls.__name__, x


class Made(metaclass=Meta):
    first = "class"
    both = "class"

    @classmethod
    def mine(cls):
        return cls.both


class Asks(type):
    def __getattribute__(cls, name):
        return ("asked", name)


class Asked(metaclass=Asks):
    x = 1


def metas(n):
    out = set()
    for i in range(n):
        out.add((Made.first, Made.both, Made.only, Made.method(i & 3), Made.mine(), Asked.x, Made.__name__, Asked.gone))
    return sorted(out)


for _ in range(40):
    metas(20)
print(metas(20))
Meta.both = property(lambda cls: "now meta")
print(metas(2))
del Meta.both
Made.both = "other"
print(metas(2))


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 5


def enums(n):
    reds = levels = 0
    current = Color.RED
    for i in range(n):
        if current is Color.RED:
            reds += 1
            current = Color.BLUE
        elif current == Color.BLUE:
            current = Color.RED
        levels += Level.HIGH if i % 3 else Level.LOW
    return reds, levels, current, Color.RED.value, Level.HIGH.name


for _ in range(40):
    enums(50)
print(enums(50))


class Flag:
    on = False


def flips(n):
    seen = 0
    for i in range(n):
        if Flag.on:
            seen += 1
        if i % 7 == 0:
            Flag.on = not Flag.on
    return seen


for _ in range(30):
    flips(40)
print(flips(40))


class Outer:
    class Inner:
        value = 7

        @staticmethod
        def get():
            return Outer.Inner.value


def nested(n):
    return sum(Outer.Inner.value + Outer.Inner.get() for _ in range(n))


for _ in range(40):
    nested(30)
Outer.Inner.value = 8
print(nested(30))


# What a class holds goes when the class lets go of it.
class Thing:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("gone", self.n)


class Holder:
    thing = Thing(1)


def held(n):
    total = 0
    for _ in range(n):
        total += Holder.thing.n
    return total


for _ in range(40):
    held(30)
ref = weakref.ref(Holder.thing)
print(held(30))
Holder.thing = Thing(2)
print(ref(), held(30))
ref = weakref.ref(Holder)
Holder = None
gc.collect()
print(ref())


# Static and class methods, and what is no leaf, by way of instances.
class Tools:
    table = {1: "one", 2: "two"}
    log = []

    @staticmethod
    def twice(x):
        return 2 * x

    @classmethod
    def named(cls, x):
        return cls.__name__, x

    @classmethod
    def make(cls):
        return cls()

    def through(self, n):
        total = 0
        for i in range(n):
            total += self.twice(i) + len(self.table) + len(self.named(i)[0]) + (type(self.make()) is type(self))
            self.log.append(i)
        return total, len(self.log)


class Others(Tools):
    table = {1: "uno"}

    @staticmethod
    def twice(x):
        return x + x + 1


tools, others = Tools(), Others()
for _ in range(30):
    tools.through(20)
    others.through(10)
print(tools.through(20), others.through(20))
Tools.table = {}
print(tools.through(20), others.through(20))
tools.twice = abs
print(tools.through(20), others.through(20))
others.named = lambda x: ("mine", x)
print(tools.through(20), others.through(20))
Tools.make = classmethod(lambda cls: 3)
print(tools.through(20), others.through(20))


# What a class holds becomes a descriptor, as its own class changes.
class Plain:
    pass


class Owner:
    value = Plain()

    def mine(self, n):
        return sum([self.value is kept for _ in range(n)])


def same(n):
    found = 0
    for _ in range(n):
        found += Owner.value is kept
    return found


kept, owner = Owner.value, Owner()
for _ in range(40):
    same(30)
    owner.mine(30)
print(same(30), owner.mine(30))
Plain.other = 1
print(same(30), owner.mine(30))
Plain.__get__ = lambda self, o, c: self if o is None else None
print(same(30), owner.mine(30))
Plain.__get__ = lambda self, o, c: None
print(same(30), owner.mine(30))
