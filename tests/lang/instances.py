# expect-compiled: make_points, make_slots, make_defaults, churn, replace_links, bad_init, raising, order
"""Instances made in compiled loops: attributes and their order, finalisers, weak references, `__init__` that raises or returns."""

import gc
import sys
import traceback
import weakref


class Point:
    def __init__(self, x, y=7):
        self.x = x
        self.y = y


class Slots:
    __slots__ = ("a", "b", "__weakref__")

    def __init__(self, a, b):
        self.a = a
        if b:
            self.b = b


class Ordered:
    def __init__(self, flag):
        if flag:
            self.first = 1
            self.second = 2
        else:
            self.second = 2.5
            self.first = "x"
        self.third = flag


class Loud:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        frame = sys._getframe(1)
        log.append((self.n, frame.f_code.co_name))


class Link:
    def __init__(self, next=None):
        self.next = next
        self.mark = 0


class Bad:
    def __init__(self, n):
        self.n = n
        if n == 150:
            return self.n
        if n == 170:
            return self.wrong()

    def wrong(self):
        return "no"


class Raises:
    count = 0

    def __init__(self, n):
        self.a = n
        self.b = 100 // (n - 160)
        self.c = n


class Base:
    def __init__(self, v):
        self.v = v


class Derived(Base):
    def __init__(self, v, w):
        Base.__init__(self, v)
        self.w = w


class Meta(type):
    def __call__(cls, *args):
        return ("meta", args)


class Special(metaclass=Meta):
    def __init__(self, v):
        self.v = v


class Own:
    def __new__(cls, v):
        o = object.__new__(cls)
        o.made = v
        return o

    def __init__(self, v):
        self.v = v


log = []


def make_points(n):
    total = 0
    for i in range(n):
        p = Point(i, 2)
        total += p.x + p.y
    return total, p.__dict__


def make_slots(n):
    out = []
    for i in range(n):
        s = Slots(i, i % 3)
        try:
            out.append(s.b)
        except AttributeError as e:
            out.append(str(e))
    return out[:4], len(out)


def make_defaults(n):
    total = 0
    for i in range(n):
        total += Point(i).y + Point(x=i, y=i).y + Derived(i, 3).w + Derived(i, 4).v
    return total


def order(n):
    out = []
    for i in range(n):
        o = Ordered(i % 2)
        o.late = i
        o.first = i
        out.append(list(vars(o).items()))
    return out[-2:]


def churn(n):
    for i in range(n):
        loud = Loud(i)
        if i % 50 == 0:
            log.append(("at", i, loud.n))
    del loud
    return len(log)


def replace_links(n):
    head = Link()
    head.next = Loud(-1)
    for i in range(n):
        head.next = Link(head.next)
        if i % 40 == 0:
            head.next = Loud(i)
        head.mark = i * 1.5
        head.mark = head
        head.mark = None
    return head.next.mark


def bad_init(n):
    out = []
    for i in range(n):
        try:
            out.append(Bad(i).n)
        except TypeError as e:
            out.append((str(e), [f.name for f in traceback.extract_tb(e.__traceback__)]))
    return [x for x in out if not isinstance(x, int)], len(out)


def raising(n):
    seen = 0
    for i in range(n):
        seen += Raises(i).c
    return seen


def others(n):
    out = []
    for i in range(n):
        out.append((Special(i), Own(i).made, Own(i).v))
    return out[-1]


def weak(n):
    refs = []
    calls = []
    for i in range(n):
        p = Slots(i, 1)
        refs.append(weakref.ref(p, lambda r: calls.append(len(calls))))
    return sum(r() is None for r in refs), len(calls)


def tracked(n):
    for i in range(n):
        p = Point(i)
    return gc.is_tracked(p), sys.getrefcount(p) < 4


print(make_points(300))
print(make_slots(300))
print(make_defaults(300))
print(order(300))
print(churn(300), log[:4], log[-3:])
log.clear()
print(replace_links(300), log)
print(bad_init(300))
for _ in range(3):
    try:
        raising(300)
    except ZeroDivisionError as e:
        print([(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)], e)
print(others(200))
print(weak(200))
print(tracked(200))


# A class that changes while compiled code makes instances of it.
def changing(n):
    out = 0
    for i in range(n):
        if i == n // 2:
            Point.__init__ = lambda self, x, y=9: setattr(self, "x", y) or setattr(self, "y", 1)
        out += Point(i).x
    return out


print(changing(300))
Point.y = property(lambda self: 5, lambda self, v: log.append(v))
log.clear()


def with_property(n):
    total = 0
    for i in range(n):
        total += Point(i).y
    return total


print(with_property(100), len(log))


class Counter:
    made = 0

    def __init__(self):
        Counter.made += 1
        self.id = Counter.made


def counting(n):
    last = 0
    for _ in range(n):
        last = Counter().id
    return last


print(counting(200), Counter.made)


def deep(n):
    if n == 0:
        return Point(1).x
    return Link(deep(n - 1)).next


print(deep(100))


class Bare:
    pass


def targets(xs, ys):
    b = Bare()
    for b.x, b.y in zip(xs, ys):
        x = b.x
        repr(x)
        b.x = (b.y, x)
    return b


for _ in range(12):
    print(targets([b"xyz", b"ab"] * 15, [b"ab", b"xyz"] * 15).x)


class Tree:
    def __init__(self, depth):
        self.kids = [Tree(depth - 1), Tree(depth - 1)] if depth else []

    def size(self):
        n = 1
        for k in self.kids:
            n += k.size()
        return n


print([Tree(d).size() for d in range(8)])
try:
    sys.setrecursionlimit(200)
    Tree.__init__ = lambda self, d: setattr(self, "kid", Tree(d + 1))
    Tree(0)
except RecursionError as e:
    print("deep", type(e).__name__)
